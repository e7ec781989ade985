// The settings by their keys: conn_limit, check_mark_first, timeout_tcp_established, ...
#pragma once

#include "model.h"

namespace hg::cli {

[[nodiscard]] std::vector<std::string> settings_keys();

// Puts KEY=VALUE into the change.
Result<> apply_assignment(std::string_view assignment, SettingsChange& change);

} // namespace hg::cli

// What "headgate module reload" prints, and when it would rather not begin.
#pragma once

#include "module_reload.h"
#include "realserver_report.h"

namespace hg::cli {

[[nodiscard]] Report reload_report(const std::string& version_before, const Reloaded& reloaded);

// An error where connections would be lost.
[[nodiscard]] Result<> check_conns(const Survey& before);

} // namespace hg::cli

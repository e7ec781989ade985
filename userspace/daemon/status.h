// The daemon's view of its services, as JSON: what `headgate status` and the monitor read.
#pragma once

#include "engine.h"

#include <nlohmann/json.hpp>

namespace hg::daemon {

// One document of schema 1; ages are of NOW. docs/daemon.md names its keys.
[[nodiscard]] nlohmann::ordered_json status_json(const Engine& engine, TimePoint now);
[[nodiscard]] nlohmann::ordered_json to_json(const Change& change);

// On one line; what is not UTF-8 is replaced.
[[nodiscard]] std::string line_of(const nlohmann::ordered_json& json);

} // namespace hg::daemon

// The daemon's view of its services, as JSON: what `headgate status` and the monitor read.
#pragma once

#include "engine.h"

#include <nlohmann/json.hpp>

namespace hg::daemon {

// One document of schema 1; ages are of NOW. docs/daemon.md names its keys.
[[nodiscard]] nlohmann::ordered_json status_json(const Engine& engine, TimePoint now);
// The same of a change that came at TIME.
[[nodiscard]] nlohmann::ordered_json event_json(const Change& change,
                                                std::chrono::system_clock::time_point time);

// On one line; what is not UTF-8 is replaced.
[[nodiscard]] std::string line_of(const nlohmann::ordered_json& json);

} // namespace hg::daemon

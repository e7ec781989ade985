// What is read for one scrape of /metrics.
#pragma once

#include "engine.h"
#include "metrics.h"

namespace hg::daemon {

// The module's part.
struct Observed {
    Info info;
    Running running;
};

// The two clocks at one moment.
struct Moment {
    TimePoint steady;
    std::chrono::system_clock::time_point wall;
};

// NETNS is the name of the network namespace, empty where it has none: the label "namespace".
// WHOLE is what the daemon counted; its module's part and labels are added here.
[[nodiscard]] Snapshot snapshot_of(const Engine& engine, std::optional<Observed> kernel,
                                   WholeRow whole, const std::string& netns, const Moment& now);

[[nodiscard]] Seconds since_epoch(std::chrono::system_clock::time_point time);

} // namespace hg::daemon

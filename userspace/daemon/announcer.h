// Tells each change to all who want to know: the log, the on_change command, those who
// watch, the counters.
#pragma once

#include "hooks.h"
#include "log.h"
#include "watchers.h"

namespace hg::daemon {

class Announcer final : public Journal {
public:
    Announcer(Log& log, Hooks& hooks, Watchers& watchers)
        : log_(log), hooks_(hooks), watchers_(watchers) {}

    void tell(const Change& change) override;

    // How many of each kind there were.
    [[nodiscard]] const std::array<std::uint64_t, kChangeKinds>& counts() const { return counts_; }

private:
    Log& log_;
    Hooks& hooks_;
    Watchers& watchers_;
    std::array<std::uint64_t, kChangeKinds> counts_{};
};

} // namespace hg::daemon

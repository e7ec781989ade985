// Tells each change to all who want to know: the log, the on_change command, the counters.
#pragma once

#include "hooks.h"
#include "log.h"

namespace hg::daemon {

class Announcer final : public Journal {
public:
    Announcer(Log& log, Hooks& hooks) : log_(log), hooks_(hooks) {}

    void tell(const Change& change) override;

    // How many of each kind there were.
    [[nodiscard]] const std::array<std::uint64_t, kChangeKinds>& counts() const { return counts_; }

private:
    Log& log_;
    Hooks& hooks_;
    std::array<std::uint64_t, kChangeKinds> counts_{};
};

} // namespace hg::daemon

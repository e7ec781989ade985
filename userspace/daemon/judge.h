// What is to be done with a pool whose servers are as well as they are: panic, fallback, quorum.
// Pure.
#pragma once

#include "config.h"
#include "health.h"

#include <span>

namespace hg::daemon {

// Panic is left when so many points more than the threshold are healthy.
inline constexpr std::uint32_t kPanicHysteresis = 10;

struct Patient {
    std::uint32_t weight = 0; // the admin's; 0 is a drain
    AdminState admin_state = AdminState::Ready;
    bool is_admin_down = false;
    HealthState health = HealthState::Up;
    std::uint32_t factor = HEADGATE_FACTOR_MAX; // that the kernel has

    // As far as its admin is concerned.
    [[nodiscard]] bool may_serve() const {
        return admin_state == AdminState::Ready && weight > 0 && !is_admin_down;
    }
};

struct Verdict {
    bool panic = false;    // use all but those that the admin took out
    bool fallback = false; // no server is left
    bool has_quorum = true;
    std::uint32_t healthy = 0; // admin weight that is up
    std::uint32_t total = 0;   // of which: of servers that may take conns and have a result

    bool operator==(const Verdict&) const = default;
};

// BEFORE is what was last said of the pool; of a new one Verdict{}.
[[nodiscard]] Verdict judge(const PoolCare& care, std::span<const Patient> patients,
                            const Verdict& before);

} // namespace hg::daemon

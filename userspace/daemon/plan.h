// From what is wished of the kernel to what has to be changed in it. Pure.
#pragma once

#include "kernel.h"

#include <set>

namespace hg::daemon {

// The bits of a server's mask that are the daemon's.
inline constexpr std::uint32_t kOurDown = HEADGATE_DOWN_CHECK | HEADGATE_DOWN_AGENT;

struct ServerWish {
    ServerSpec spec;
    std::uint32_t down = 0; // of kOurDown
    std::uint32_t factor = HEADGATE_FACTOR_MAX;

    bool operator==(const ServerWish&) const = default;
};

struct PoolWish {
    ServiceSpec service;
    std::vector<ServerWish> servers; // fallback servers too, while they are wanted
    std::vector<Endpoint> fallback;  // those that may come and go

    bool operator==(const PoolWish&) const = default;
};

// The health and load of a pool: nothing that the admin owns is touched, and what somebody deleted
// by hand stays deleted. Fallback servers come and go.
[[nodiscard]] Difference plan_health(const PoolWish& wish, const Known& known);

// Whether the admin changed by hand what the file says of the server.
[[nodiscard]] bool is_overridden(const Server& server);

// What the admin did by hand to servers of the configuration.
enum class Overrides { Keep, Reset };

// All of the configuration. What is managed and not wished for any more goes; with EXCLUSIVE so
// does what others have put there.
[[nodiscard]] Difference plan_all(const std::vector<PoolWish>& wishes, const Known& known,
                                  bool exclusive, Overrides overrides = Overrides::Keep);

} // namespace hg::daemon

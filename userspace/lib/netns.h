// Network namespaces by name, as "ip netns" keeps them.
#pragma once

#include "result.h"

namespace hg {

// Moves the calling thread into the namespace: sockets opened from now on, /proc/sys/net and the
// list of interfaces are that namespace's.
Result<> enter_netns(const std::string& name);

// The name in /run/netns of the one that the calling thread is in; empty where it has none there.
[[nodiscard]] std::string netns_name();

} // namespace hg

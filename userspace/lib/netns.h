// Network namespaces by name, as "ip netns" keeps them.
#pragma once

#include "fd.h"
#include "result.h"

#include <vector>

namespace hg {

// Moves the calling thread into the namespace: sockets opened from now on, /proc/sys/net and the
// list of interfaces are that namespace's.
Result<> enter_netns(const std::string& name);

// The name in /run/netns of the one that the calling thread is in; empty where it has none there.
[[nodiscard]] std::string netns_name();

// A network namespace that is held: it does not end as long as this lives.
struct Netns {
    Fd fd;
    std::string name; // "web"; of one that has none in /run/netns: "of process 17"
};

Result<> enter_netns(const Netns& netns);

// That of the calling thread, whose name may be empty, and then all others that have a name or a
// process. One that lives by an open file alone is not found.
[[nodiscard]] Result<std::vector<Netns>> all_netns();

} // namespace hg

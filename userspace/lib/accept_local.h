// The sysctl accept_local of this network namespace: whether packets may come in from one of its
// own addresses, as the answers to checks by way of a VIP do.
#pragma once

#include <string>
#include <vector>

namespace hg {

// Interfaces by name, sorted; lo is in neither.
struct AcceptLocal {
    std::vector<std::string> on;
    std::vector<std::string> off;
};

[[nodiscard]] AcceptLocal read_accept_local();

} // namespace hg

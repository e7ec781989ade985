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

// Whether KEY of net.ipv4.conf.INTERFACE is anything but 0.
[[nodiscard]] bool ipv4_conf_is_set(const std::string& interface, const char* key);

} // namespace hg

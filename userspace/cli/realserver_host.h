// What "headgate realserver" sees of a host and can change on it; tests have a fake.
#pragma once

#include "address.h"

#include <optional>
#include <string>
#include <vector>

namespace hg::cli {

struct Link {
    std::string name;
    std::string kind; // "ipip", "sit", "ip6tnl"; empty: no virtual device
    bool is_up = false;
    bool is_loopback = false;
    bool answers_arp = false; // or neighbour discovery
    std::uint32_t mtu = 0;

    bool operator==(const Link&) const = default;
};

struct LinkAddress {
    std::string device;
    Address address;
    unsigned prefix = 0;

    bool operator==(const LinkAddress&) const = default;
};

enum class LinkState { Down, Up };

class RealHost {
public:
    RealHost() = default;
    RealHost(const RealHost&) = delete;
    RealHost& operator=(const RealHost&) = delete;
    virtual ~RealHost() = default;

    // By path: "net/ipv4/conf/all/arp_ignore"; nothing when there is none of that name.
    virtual Result<std::optional<std::string>> sysctl(const std::string& path) = 0;
    virtual Result<> set_sysctl(const std::string& path, const std::string& value) = 0;
    virtual Result<std::vector<Link>> links() = 0;
    virtual Result<std::vector<LinkAddress>> addresses() = 0;
    virtual Result<std::vector<Address>> default_gateways() = 0;
    // Without duplicate address detection: the address is on many hosts, on purpose.
    virtual Result<> add_address(const LinkAddress& address) = 0;
    virtual Result<> del_address(const LinkAddress& address) = 0;
    // A tunnel device that takes packets from anyone.
    virtual Result<> add_tunnel(const std::string& name, const std::string& kind) = 0;
    virtual Result<> del_link(const std::string& name) = 0;
    virtual Result<> set_link(const std::string& name, LinkState state) = 0;
    // What "up" noted for "down", per network namespace and until the next boot.
    virtual Result<std::string> record() = 0;
    virtual Result<> set_record(const std::string& text) = 0;
};

} // namespace hg::cli

// The cluster of tests/lab/cluster: clients, director, nine web servers, storage; all modes.
#pragma once

#include "place.h"

#include <array>
#include <map>

namespace hg::test {

// One forward mode in one address family.
struct Way {
    Mode mode = Mode::Nat;
    Family family = Family::V4;

    [[nodiscard]] std::string text() const; // "nat_IPv4"
    [[nodiscard]] Address vip() const;
    [[nodiscard]] Address server(int number) const; // 1 to 3
    // "nat-web2", the namespace of the server.
    [[nodiscard]] std::string host(int number) const;
    // "http://10.1.0.100/PATH", with the brackets of IPv6.
    [[nodiscard]] std::string url(std::string_view path) const;
};

inline constexpr int kServers = 3; // of each way
extern const std::array<Way, 6> kWays;

// The name of a test with a way as its parameter.
struct WayName {
    template <class Info> std::string operator()(const Info& info) const {
        return info.param.text();
    }
};

class Cluster {
public:
    // Set up at the first call (seconds), taken down at the end of all tests.
    static Cluster& shared();

    Place client;
    Place director;
    Kernel kernel; // the director's

    // Nothing configured, no conns.
    void reset();
    // A service of the way with its three servers of weight 1.
    ServiceKey serve(const Way& way, Protocol protocol, std::uint16_t port,
                     const std::string& scheduler = "rr");
    // The files that all servers have from the storage.
    [[nodiscard]] static std::string file(std::string_view name);

private:
    Cluster();
};

// Conns of each server by its address, as the director lists them.
std::map<std::string, int> conns_by_server(Kernel& kernel);

} // namespace hg::test

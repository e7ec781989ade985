#include "two_wires.h"

#include <fmt/format.h>

namespace hg::test {

namespace {

constexpr const char* kCables = R"(
link add clients type veth peer name clients netns {0} address 02:00:00:00:01:01
link add servers type veth peer name servers netns {0} address 02:00:00:00:02:01
link set clients up
link set servers up
)";

constexpr const char* kDirector = R"(
link set clients up
link set servers up
addr add 10.1.0.1/24 dev clients
addr add 10.1.0.100/32 dev clients
addr add 10.1.0.101/32 dev clients
addr add 10.2.0.1/24 dev servers
addr add fd01::1/64 dev clients nodad
addr add fd01::100/128 dev clients nodad preferred_lft 0
addr add fd01::101/128 dev clients nodad preferred_lft 0
addr add fd02::1/64 dev servers nodad
neigh add 10.1.0.2 lladdr 02:00:00:00:01:02 dev clients
neigh add 10.2.0.11 lladdr 02:00:00:00:02:11 dev servers
neigh add 10.2.0.12 lladdr 02:00:00:00:02:12 dev servers
neigh add 10.2.0.13 lladdr 02:00:00:00:02:13 dev servers
neigh add 10.2.0.254 lladdr 02:00:00:00:02:fe dev servers
neigh add fd01::2 lladdr 02:00:00:00:01:02 dev clients
neigh add fd02::11 lladdr 02:00:00:00:02:11 dev servers
neigh add fd02::12 lladdr 02:00:00:00:02:12 dev servers
neigh add fd02::13 lladdr 02:00:00:00:02:13 dev servers
neigh add fd02::254 lladdr 02:00:00:00:02:fe dev servers
route add 10.2.0.12/32 dev servers mtu 1300
route add fd02::12/128 dev servers mtu 1300
route add 10.3.0.0/24 via 10.2.0.254
route add fd03::/64 via fd02::254
)";

Plan make_plan(const char* clients, const char* servers, const char* remote, const char* nowhere,
               const char* dot) {
    const auto at = [&](const char* net, const char* host) {
        return address(fmt::format("{}{}{}", net, dot, host));
    };
    return {.client = at(clients, "2"),
            .director = at(clients, "1"),
            .director_inside = at(servers, "1"),
            .vip = at(clients, "100"),
            .other_vip = at(clients, "101"),
            .server = at(servers, "11"),
            .second = at(servers, "12"),
            .third = at(servers, "13"),
            .remote = at(remote, "11"),
            .gateway = at(servers, "254"),
            .nowhere = at(nowhere, "1")};
}

} // namespace

const Plan& plan_of(Family family) {
    static const Plan v4 = make_plan("10.1.0", "10.2.0", "10.3.0", "10.99.0", ".");
    static const Plan v6 = make_plan("fd01:", "fd02:", "fd03:", "fd99:", ":");
    return family == Family::V4 ? v4 : v6;
}

std::optional<Address> server_of(const Plan& plan, const std::optional<Frame>& frame) {
    if (frame) {
        for (const auto& [mac, server] : {std::pair(kServerMac, plan.server),
                                          {kSecondMac, plan.second},
                                          {kThirdMac, plan.third}}) {
            if (frame->to == mac) {
                return server;
            }
        }
    }
    return std::nullopt;
}

const Namespace& TwoWires::connect(const Namespace& inside, const Namespace& cables) {
    cables.sysctl("net/ipv6/conf/default/disable_ipv6", "1");
    inside.sysctl("net/ipv4/ip_forward", "1");
    inside.sysctl("net/ipv6/conf/all/forwarding", "1");
    cables.ip(fmt::format(kCables, inside.path()));
    inside.ip(kDirector);
    return inside;
}

TwoWires::TwoWires(Namespace director_s)
    : inside(std::move(director_s)), director(connect(inside, cables)),
      client(cables, "clients", kClientMac, kClientsMac),
      server(cables, "servers", kServerMac, kServersMac) {}

TwoWires& TwoWires::shared() {
    static TwoWires one;
    one.reset();
    return one;
}

void TwoWires::abandon() {
    director.close();
    inside.abandon();
}

void TwoWires::reset() {
    director.reset();
    while (!client.silent() || !server.silent()) {
    }
}

bool TwoWires::establish(const Flow& flow) {
    client.send(flow.tcp(kSyn));
    if (!server.receive()) {
        return false;
    }
    server.send(flow.tcp_reply(kSyn | kAck));
    if (!client.receive()) {
        return false;
    }
    client.send(flow.tcp(kAck));
    return server.receive().has_value();
}

} // namespace hg::test

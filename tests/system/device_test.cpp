// Devices in between: a VLAN's, a bridge.
//
//   clients.5 (VLAN 5 over clients): 10.5.0.1, VIP 10.5.0.100; the client is 10.5.0.2
//   br0 (ports left, right):         10.6.0.1, VIP 10.6.0.100; left is 10.6.0.2, right 10.6.0.3
//
// The servers are where they always are. In IPv6 the networks are fd05:: and fd06::.
#include "eventually.h"
#include "flow.h"
#include "two_wires.h"

#include <atomic>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <memory>
#include <thread>

namespace {

using namespace hg::test;
using hg::Family;
using hg::Mode;
using hg::Protocol;

constexpr Mac kBridgeMac{2, 0, 0, 0, 6, 1};
constexpr Mac kLeftMac{2, 0, 0, 0, 6, 2};
constexpr Mac kRightMac{2, 0, 0, 0, 6, 3};

hg::Address host(Family family, const char* net, const char* number) {
    return address(family == Family::V4 ? fmt::format("10.{}.0.{}", net, number)
                                        : fmt::format("fd0{}::{}", net, number));
}

// A NAT service on a VIP of the device's, and packets both ways.
void expect_nat(TwoWires& lab, Wire& client, const Flow& flow) {
    const auto service = lab.director.add_service(Protocol::Tcp, flow.vip);
    lab.director.add_server(service, flow.server, Mode::Nat);
    client.send(flow.tcp(kSyn));
    EXPECT_EQ(lab.server.receive(), flow.at_server(flow.tcp(kSyn)));
    lab.server.send(flow.tcp_reply(kSyn | kAck));
    EXPECT_EQ(client.receive(), flow.at_client(flow.tcp_reply(kSyn | kAck)));
    client.send(flow.tcp(kAck, filler(1400)));
    EXPECT_EQ(lab.server.receive(), flow.at_server(flow.tcp(kAck, filler(1400))));
}

// A device can go while servers behind it are configured, with routes of all kinds in use.
class Device : public testing::TestWithParam<Family> {
protected:
    void use(std::uint16_t port, Mode mode) {
        const Flow flow{{plan.client, 53000}, {plan.vip, port}, {plan.server, port}};
        const auto service = lab.director.add_service(Protocol::Tcp, flow.vip);
        lab.director.add_server(service, flow.server, mode);
        lab.client.send(flow.tcp(kSyn));
        EXPECT_TRUE(lab.server.receive());
    }

    const Plan& plan = plan_of(GetParam());
    TwoWires lab;
};

TEST_P(Device, goes_at_once) {
    use(80, Mode::Nat);
    use(81, Mode::Direct);
    use(82, Mode::Tunnel);
    const auto gone = std::make_shared<std::atomic<bool>>(false);
    // The kernel waits for references to a device for ever, and so would we.
    std::thread([gone, &inside = lab.inside] {
        inside.ip("link del servers\n");
        *gone = true;
    }).detach();
    EXPECT_TRUE(eventually([&] { return gone->load(); }));
}

INSTANTIATE_TEST_SUITE_P(Families, Device, testing::Values(Family::V4, Family::V6), FamilyName{});

class Vlan : public testing::TestWithParam<Family> {
protected:
    void SetUp() override {
        lab.cables.ip("link add link clients name clients.5 type vlan id 5\n"
                      "link set clients.5 up\n");
        lab.inside.ip(R"(
link add link clients name clients.5 type vlan id 5
link set clients.5 up
addr add 10.5.0.1/24 dev clients.5
addr add 10.5.0.100/32 dev clients.5
addr add fd05::1/64 dev clients.5 nodad
addr add fd05::100/128 dev clients.5 nodad
neigh add 10.5.0.2 lladdr 02:00:00:00:01:02 dev clients.5
neigh add fd05::2 lladdr 02:00:00:00:01:02 dev clients.5
)");
    }

    const Plan& plan = plan_of(GetParam());
    TwoWires lab;
};

TEST_P(Vlan, carries_nat) {
    Wire client(lab.cables, "clients.5", kClientMac, kClientsMac);
    const Flow flow{{host(GetParam(), "5", "2"), 51000},
                    {host(GetParam(), "5", "100"), 80},
                    {plan.server, 8080}};
    expect_nat(lab, client, flow);
}

INSTANTIATE_TEST_SUITE_P(Families, Vlan, testing::Values(Family::V4, Family::V6), FamilyName{});

// With br_netfilter, which shows bridged packets to the IP hooks.
class Bridge : public testing::TestWithParam<Family> {
protected:
    void SetUp() override {
        lab.inside.run({"modprobe", "br_netfilter"});
        lab.inside.ip(bridge);
        lab.cables.ip("link set left up\nlink set right up\n");
        lab.inside.sysctl("net/bridge/bridge-nf-call-iptables", "1");
        lab.inside.sysctl("net/bridge/bridge-nf-call-ip6tables", "1");
        left.emplace(lab.cables, "left", kLeftMac, kBridgeMac);
        right.emplace(lab.cables, "right", kRightMac, kLeftMac);
    }

    const Plan& plan = plan_of(GetParam());
    TwoWires lab;
    std::string bridge = fmt::format(R"(
link add br0 address 02:00:00:00:06:01 type bridge forward_delay 0 mcast_snooping 0
link add left type veth peer name left netns {0}
link add right type veth peer name right netns {0}
link set left master br0 up
link set right master br0 up
link set br0 up
addr add 10.6.0.1/24 dev br0
addr add 10.6.0.100/32 dev br0
addr add fd06::1/64 dev br0 nodad
addr add fd06::100/128 dev br0 nodad
neigh add 10.6.0.2 lladdr 02:00:00:00:06:02 dev br0
neigh add fd06::2 lladdr 02:00:00:00:06:02 dev br0
)",
                                     lab.cables.path());
    std::optional<Wire> left;
    std::optional<Wire> right;
    Flow flow{{host(GetParam(), "6", "2"), 52000},
              {host(GetParam(), "6", "100"), 80},
              {plan.server, 8080}};
};

TEST_P(Bridge, carries_nat) { expect_nat(lab, *left, flow); }

// Its frames come in by a port, and are routed all the same.
TEST_P(Bridge, carries_nat_of_a_server_behind_it) {
    flow = {{plan.client, 52000}, {plan.vip, 80}, {host(GetParam(), "6", "2"), 8080}};
    const auto service = lab.director.add_service(Protocol::Tcp, flow.vip);
    lab.director.add_server(service, flow.server, Mode::Nat);
    lab.client.send(flow.tcp(kSyn));
    EXPECT_EQ(left->receive(), flow.at_server(flow.tcp(kSyn)));
    left->send(flow.tcp_reply(kSyn | kAck));
    EXPECT_EQ(lab.client.receive(), flow.at_client(flow.tcp_reply(kSyn | kAck)));
}

TEST_P(Bridge, leaves_bridged_requests_alone) {
    expect_nat(lab, *left, flow);
    Wire to_right(lab.cables, "left", kLeftMac, kRightMac);
    to_right.send(flow.tcp(kAck, filler(5)));
    EXPECT_EQ(right->receive(), flow.tcp(kAck, filler(5)));
    EXPECT_TRUE(lab.server.silent());
}

TEST_P(Bridge, leaves_bridged_answers_alone) {
    expect_nat(lab, *left, flow);
    right->send(flow.tcp_reply(kAck, filler(5)));
    EXPECT_EQ(left->receive(), flow.tcp_reply(kAck, filler(5)));
}

INSTANTIATE_TEST_SUITE_P(Families, Bridge, testing::Values(Family::V4, Family::V6), FamilyName{});

} // namespace

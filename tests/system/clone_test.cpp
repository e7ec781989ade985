// Packets that somebody else holds too: a tap on the director's devices has a clone of each, whose
// data is the same memory. What is changed on the way must not change there.
#include "cluster.h"
#include "tunnel_flow.h"

#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using hg::Family;
using hg::Mode;
using hg::Protocol;

class Cloned : public testing::TestWithParam<Way> {
protected:
    Cloned() {
        for (const auto protocol : {Protocol::Tcp, Protocol::Udp}) {
            const auto service = lab.director.add_service(protocol, flow.vip);
            lab.director.add_server(service, flow.server, GetParam().mode);
        }
        lab.client.send(flow.tcp(kSyn));
        lab.server.receive();
        while (!tap.silent()) {
        }
    }

    [[nodiscard]] Packet at_server(const Packet& sent) const {
        return forwarded(flow, GetParam().mode, sent);
    }

    const Plan& plan = plan_of(GetParam().family);
    TwoWires& lab = TwoWires::shared();
    Wire tap{lab.inside, "clients", {}, {}};
    Flow flow{{plan.client, 49000}, {plan.vip, 80}, {plan.server, 80}};
};

TEST_P(Cloned, requests_stay_as_they_came) {
    for (const auto& sent : {flow.tcp(kAck | kPsh, filler(1000)), flow.udp(filler(20)),
                             flow.udp(filler(1400)), flow.tcp(kSyn)}) {
        lab.client.send(sent);
        EXPECT_EQ(lab.server.receive(), at_server(sent));
        EXPECT_EQ(tap.receive(), sent);
    }
}

TEST_P(Cloned, requests_in_pages_stay_as_they_came) {
    const auto sent = flow.tcp(kAck, filler(9000));
    lab.client.send_partial(sent, 1000);
    EXPECT_EQ(plain(lab.server.receive()), plain(at_server(sent)));
    EXPECT_EQ(tap.receive(), sent);
}

INSTANTIATE_TEST_SUITE_P(Ways, Cloned, testing::ValuesIn(kWays), WayName{});

// What comes back with NAT is rewritten too.
class ClonedNat : public testing::TestWithParam<Family> {
protected:
    ClonedNat() {
        const auto service = lab.director.add_service(Protocol::Tcp, flow.vip);
        lab.director.add_server(service, flow.server, Mode::Nat);
        lab.client.send(flow.tcp(kSyn));
        lab.server.receive();
    }

    const Plan& plan = plan_of(GetParam());
    TwoWires& lab = TwoWires::shared();
    Wire tap{lab.inside, "servers", {}, {}};
    Flow flow{{plan.client, 49000}, {plan.vip, 80}, {plan.server, 8080}};
};

TEST_P(ClonedNat, replies_stay_as_they_came) {
    for (const auto& sent : {flow.tcp_reply(kSyn | kAck), flow.tcp_reply(kAck, filler(1400))}) {
        lab.server.send(sent);
        EXPECT_EQ(lab.client.receive(), flow.at_client(sent));
        EXPECT_EQ(tap.receive(), sent);
    }
}

TEST_P(ClonedNat, errors_stay_as_they_came) {
    const auto about = flow.at_server(flow.tcp(kSyn));
    const auto sent = error(flow.server.address, plan.client, Fault::Port, quote(about));
    lab.server.send(sent);
    const auto got = lab.client.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->src, plan.vip);
    EXPECT_EQ(tap.receive(), sent);
}

INSTANTIATE_TEST_SUITE_P(Families, ClonedNat, testing::Values(Family::V4, Family::V6),
                         FamilyName{});

} // namespace

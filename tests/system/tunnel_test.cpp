// Tunnel: the client's packet inside one from the director to the server.
#include "tunnel_flow.h"

#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using hg::Family;
using hg::Mode;
using hg::Protocol;

class Tunnel : public testing::TestWithParam<Nesting> {
protected:
    void serve(Protocol protocol = Protocol::Tcp) {
        service = lab.director.add_service(protocol, flow.vip);
        lab.director.add_server(service, flow.server, Mode::Tunnel);
    }

    void expect_tunnelled(const Packet& sent) {
        lab.client.send(sent);
        EXPECT_EQ(lab.server.receive(), tunnelled(sent, flow.server.address));
    }

    const Plan& plan = plan_of(GetParam().inner);
    const Plan& far = plan_of(GetParam().outer);
    TwoWires& lab = TwoWires::shared();
    Flow flow{{plan.client, 47000}, {plan.vip, 80}, {far.server, 80}};
    hg::ServiceKey service;
};

TEST_P(Tunnel, carries_tcp) {
    serve();
    expect_tunnelled(flow.tcp(kSyn));
    expect_tunnelled(flow.tcp(kAck | kPsh, filler(1000)));
}

TEST_P(Tunnel, carries_udp) {
    serve(Protocol::Udp);
    expect_tunnelled(flow.udp(filler(100)));
}

TEST_P(Tunnel, copies_dscp_and_ecn) {
    serve();
    auto sent = flow.tcp(kSyn);
    sent.tos = 0xb9; // EF, ECT(1)
    expect_tunnelled(sent);
    sent.tos = 0x03; // CE
    expect_tunnelled(sent);
}

TEST_P(Tunnel, reaches_a_server_behind_a_gateway) {
    flow.server.address = far.remote;
    serve();
    lab.client.send(flow.tcp(kSyn));
    const auto got = lab.server.receive_frame();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->packet, tunnelled(flow.tcp(kSyn), far.remote));
    EXPECT_EQ(got->to, kGatewayMac);
}

TEST_P(Tunnel, answers_a_packet_without_hops_left) {
    serve();
    auto syn = flow.tcp(kSyn);
    syn.ttl = 1;
    lab.client.send(syn);
    EXPECT_EQ(plain(lab.client.receive()), error(plan.vip, plan.client, Fault::Ttl, quote(syn)));
}

TEST_P(Tunnel, does_not_carry_padding_on) {
    serve();
    lab.client.send(flow.tcp(kSyn), 20);
    const auto got = lab.server.receive_frame();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->packet, tunnelled(flow.tcp(kSyn), far.server));
    EXPECT_EQ(got->trailing, 0U);
}

TEST_P(Tunnel, completes_a_partial_checksum) {
    serve(Protocol::Udp);
    const auto sent = flow.udp(filler(100));
    lab.client.send_partial(sent);
    EXPECT_EQ(lab.server.receive(), tunnelled(sent, far.server));
}

TEST_P(Tunnel, carries_packets_of_several_segments) {
    serve();
    expect_tunnelled(flow.tcp(kSyn));
    const auto sent = flow.tcp(kAck, filler(5000));
    lab.client.send_partial(sent, 1300);
    const auto got = lab.server.receive_frame();
    ASSERT_TRUE(got);
    EXPECT_EQ(plain(got->packet), plain(tunnelled(sent, far.server)));
    EXPECT_EQ(got->gso_size, 1300);
}

INSTANTIATE_TEST_SUITE_P(All, Tunnel, testing::ValuesIn(kNestings), NestingName{});

class TunnelOf4 : public Tunnel {
protected:
    Packet outer_of(const Packet& sent) {
        lab.client.send(sent);
        return lab.server.receive().value_or(sent);
    }
};

TEST_P(TunnelOf4, copies_df) {
    serve();
    const auto outer = outer_of(flow.tcp(kSyn));
    EXPECT_TRUE(outer.df);
    EXPECT_EQ(outer.id, 0);
}

TEST_P(TunnelOf4, sets_no_df_where_there_was_none) {
    serve();
    auto sent = flow.tcp(kSyn);
    sent.df = false;
    const auto outer = outer_of(sent);
    EXPECT_FALSE(outer.df);
    EXPECT_NE(outer.id, 0);
}

INSTANTIATE_TEST_SUITE_P(In4, TunnelOf4, testing::Values(Nesting{Family::V4, Family::V4}),
                         NestingName{});

// A director with the VIP on the card that the tunnel leaves by. Source address selection takes it
// there: it has more bits in common with the server than the card's own address. But the server
// has the VIP too, and drops what comes from itself.
class TunnelSource : public Tunnel {
protected:
    TunnelSource() { lab.inside.ip("addr add fd02::10/64 dev servers nodad\n"); }

    ~TunnelSource() override { lab.inside.ip("addr del fd02::10/64 dev servers\n"); }

    const hg::Address beside = address("fd02::10"); // fd02::11, the server
};

TEST_P(TunnelSource, is_not_the_vip) {
    flow.vip.address = beside;
    serve();
    expect_tunnelled(flow.tcp(kSyn));
}

TEST_P(TunnelSource, is_no_vip_of_another_service_either) {
    lab.director.add_service(Protocol::Udp, {beside, 53});
    serve();
    expect_tunnelled(flow.tcp(kSyn));
}

TEST_P(TunnelSource, is_what_the_system_prefers_if_that_is_no_vip) {
    serve();
    lab.client.send(flow.tcp(kSyn));
    auto expected = tunnelled(flow.tcp(kSyn), flow.server.address);
    expected.src = beside;
    EXPECT_EQ(lab.server.receive(), expected);
}

INSTANTIATE_TEST_SUITE_P(In6, TunnelSource, testing::Values(Nesting{Family::V6, Family::V6}),
                         NestingName{});

} // namespace

// Beside nf_conntrack and a firewall that lets through no more than it must: a conn's first
// packet is new to it, all that follow are untracked.
#include "eventually.h"
#include "firewall.h"
#include "tunnel_flow.h"

#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using hg::Family;
using hg::Mode;
using hg::Protocol;
using hg::TcpState;

constexpr const char* kDnat = R"(
table inet nat {
    chain prerouting {
        type nat hook prerouting priority dstnat;
        ip daddr 10.1.0.101 dnat ip to 10.1.0.100
        ip6 daddr fd01::101 dnat ip6 to fd01::100
    }
}
)";

class Firewall : public testing::TestWithParam<Family> {
protected:
    void serve(Protocol protocol, Mode mode) {
        const auto service = lab.director.add_service(protocol, flow.vip);
        lab.director.add_server(service, flow.server, mode);
    }

    void expect_at_server(const Packet& sent) {
        lab.client.send(sent);
        EXPECT_EQ(lab.server.receive(), flow.at_server(sent));
    }

    void expect_at_client(const Packet& sent) {
        lab.server.send(sent);
        EXPECT_EQ(lab.client.receive(), flow.at_client(sent));
    }

    const Plan& plan = plan_of(GetParam());
    TwoWires& lab = behind_firewall();
    Flow flow{{plan.client, 50000}, {plan.vip, 80}, {plan.server, 80}};
};

TEST_P(Firewall, lets_nat_through_from_the_first_packet_to_the_last) {
    flow.server.port = 8080;
    serve(Protocol::Tcp, Mode::Nat);
    expect_at_server(flow.tcp(kSyn));
    expect_at_client(flow.tcp_reply(kSyn | kAck));
    expect_at_server(flow.tcp(kAck));
    expect_at_server(flow.tcp(kAck | kPsh, filler(100)));
    expect_at_client(flow.tcp_reply(kAck | kPsh, filler(1000)));
    expect_at_client(flow.tcp_reply(kFin | kAck));
    expect_at_server(flow.tcp(kFin | kAck));
    expect_at_client(flow.tcp_reply(kAck));
    EXPECT_EQ(lab.director.state_of(flow.client), TcpState::TimeWait);
}

TEST_P(Firewall, lets_a_syn_through_that_is_sent_again) {
    serve(Protocol::Tcp, Mode::Nat);
    expect_at_server(flow.tcp(kSyn));
    expect_at_server(flow.tcp(kSyn));
}

TEST_P(Firewall, lets_a_new_conn_through_on_the_ports_of_an_old_one) {
    serve(Protocol::Tcp, Mode::Nat);
    for (int i = 0; i < 2; i++) {
        expect_at_server(flow.tcp(kSyn));
        expect_at_client(flow.tcp_reply(kSyn | kAck));
        expect_at_server(flow.tcp(kAck));
        expect_at_client(flow.tcp_reply(kRst | kAck));
    }
}

TEST_P(Firewall, lets_udp_through) {
    serve(Protocol::Udp, Mode::Nat);
    for (int i = 0; i < 3; i++) {
        expect_at_server(flow.udp(filler(50)));
        expect_at_client(flow.udp_reply(filler(60)));
    }
}

TEST_P(Firewall, lets_direct_through) {
    serve(Protocol::Tcp, Mode::Direct);
    for (const std::uint8_t flags : {kSyn, kAck, kFin}) {
        lab.client.send(flow.tcp(flags));
        EXPECT_EQ(lab.server.receive(), hop(flow.tcp(flags)));
    }
}

TEST_P(Firewall, lets_tunnels_through) {
    serve(Protocol::Tcp, Mode::Tunnel);
    for (const std::uint8_t flags : {kSyn, kAck, kFin}) {
        lab.client.send(flow.tcp(flags));
        EXPECT_EQ(lab.server.receive(), tunnelled(flow.tcp(flags), plan.server));
    }
}

TEST_P(Firewall, lets_errors_through_to_the_client) {
    serve(Protocol::Udp, Mode::Nat);
    expect_at_server(flow.udp(filler(50)));
    lab.server.send(
        error(plan.server, plan.client, Fault::Port, quote(flow.at_server(flow.udp(filler(50))))));
    EXPECT_EQ(lab.client.receive(),
              hop(error(plan.vip, plan.client, Fault::Port, quote(hop(flow.udp(filler(50)))))));
}

TEST_P(Firewall, lets_errors_through_to_the_server) {
    serve(Protocol::Udp, Mode::Nat);
    expect_at_server(flow.udp());
    expect_at_client(flow.udp_reply(filler(9)));
    lab.client.send(error(plan.client, plan.vip, Fault::Port,
                          quote(flow.at_client(flow.udp_reply(filler(9))))));
    EXPECT_EQ(lab.server.receive(), hop(error(plan.client, plan.server, Fault::Port,
                                              quote(hop(flow.udp_reply(filler(9)))))));
}

TEST_P(Firewall, lets_errors_about_the_tunnel_through) {
    serve(Protocol::Tcp, Mode::Tunnel);
    lab.client.send(flow.tcp(kSyn));
    EXPECT_TRUE(lab.server.receive());
    const auto large = flow.tcp(kAck, filler(1200));
    lab.server.send(error(plan.gateway, plan.director_inside, Fault::TooBig,
                          quote(tunnelled(large, plan.server), 300), 1290));
    EXPECT_TRUE(lab.client.receive());
    lab.inside.run({"ip", "route", "flush", "cache"});
    lab.inside.run({"ip", "-6", "route", "flush", "cache"});
}

TEST_P(Firewall, has_its_say_on_new_conns) {
    flow.vip.port = 81;
    serve(Protocol::Tcp, Mode::Nat);
    lab.client.send(flow.tcp(kSyn));
    flow.vip.port = 80;
    serve(Protocol::Tcp, Mode::Nat);
    expect_at_server(flow.tcp(kSyn)); // and not the one before
    EXPECT_EQ(lab.director.conns().size(), 1U);
}

TEST_P(Firewall, sees_fragments_put_together) {
    serve(Protocol::Udp, Mode::Nat);
    auto large = flow.udp(filler(3000));
    large.df = GetParam() == Family::V6;
    for (int i = 0; i < 2; i++) {
        for (const auto& piece : fragments(large, 1400)) {
            lab.client.send(piece);
        }
        auto whole = lab.server.receive_whole();
        ASSERT_TRUE(whole);
        EXPECT_EQ(whole->payload, large.payload);
    }
}

TEST_P(Firewall, that_translates_an_address_is_left_alone) {
    lab.inside.nft(kDnat);
    serve(Protocol::Tcp, Mode::Nat);
    const auto before = lab.director.dropped(HEADGATE_DROP_CT_NAT);
    auto syn = flow.tcp(kSyn);
    syn.dst = plan.other_vip;
    lab.client.send(syn);
    const auto got = lab.client.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->src, plan.other_vip);
    EXPECT_EQ(std::get<Tcp>(got->transport).flags, kRst | kAck);
    EXPECT_EQ(lab.director.dropped(HEADGATE_DROP_CT_NAT), before + 1);
    EXPECT_TRUE(lab.server.silent());
}

INSTANTIATE_TEST_SUITE_P(Families, Firewall, testing::Values(Family::V4, Family::V6), FamilyName{});

} // namespace

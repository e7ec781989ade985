// Direct: nothing changes but the MAC addresses and the TTL.
#include "eventually.h"
#include "flow.h"
#include "two_wires.h"

#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using hg::Family;
using hg::Mode;
using hg::Protocol;

class Direct : public testing::TestWithParam<Family> {
protected:
    void serve(Protocol protocol = Protocol::Tcp) {
        service = lab.director.add_service(protocol, flow.vip);
        lab.director.add_server(service, flow.server, Mode::Direct);
    }

    void expect_unchanged(const Packet& sent) {
        lab.client.send(sent);
        EXPECT_EQ(lab.server.receive(), hop(sent));
    }

    const Plan& plan = plan_of(GetParam());
    TwoWires& lab = TwoWires::shared();
    Flow flow{{plan.client, 46000}, {plan.vip, 80}, {plan.server, 80}};
    hg::ServiceKey service;
};

TEST_P(Direct, changes_only_mac_addresses_and_ttl) {
    serve();
    lab.client.send(flow.tcp(kSyn));
    const auto got = lab.server.receive_frame();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->packet, hop(flow.tcp(kSyn)));
    EXPECT_EQ(got->to, kServerMac);
    EXPECT_EQ(got->from, kServersMac);
}

TEST_P(Direct, carries_udp) {
    serve(Protocol::Udp);
    expect_unchanged(flow.udp(filler(300)));
}

TEST_P(Direct, carries_data) {
    serve();
    expect_unchanged(flow.tcp(kSyn));
    expect_unchanged(flow.tcp(kAck));
    expect_unchanged(flow.tcp(kAck | kPsh, filler(1400)));
}

TEST_P(Direct, leaves_a_wrong_checksum_wrong) {
    serve();
    auto sent = flow.tcp(kSyn);
    sent.sums_ok = false;
    expect_unchanged(sent);
}

TEST_P(Direct, carries_packets_of_several_segments) {
    serve();
    expect_unchanged(flow.tcp(kSyn));
    const auto sent = flow.tcp(kAck, filler(5000));
    lab.client.send_partial(sent, 1400);
    const auto got = lab.server.receive_frame();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->packet, hop(sent));
    EXPECT_EQ(got->gso_size, 1400);
}

TEST_P(Direct, answers_a_packet_without_hops_left) {
    serve();
    auto syn = flow.tcp(kSyn);
    syn.ttl = 1;
    lab.client.send(syn);
    EXPECT_EQ(plain(lab.client.receive()), error(plan.vip, plan.client, Fault::Ttl, quote(syn)));
}

TEST_P(Direct, refuses_a_server_behind_a_gateway) {
    flow.server.address = plan.remote;
    serve();
    const auto before = lab.director.dropped(HEADGATE_DROP_NOT_ON_LINK);
    lab.client.send(flow.tcp(kSyn));
    EXPECT_EQ(plain(lab.client.receive()),
              error(plan.vip, plan.client, Fault::Host, quote(flow.tcp(kSyn))));
    EXPECT_EQ(lab.director.dropped(HEADGATE_DROP_NOT_ON_LINK), before + 1);
    EXPECT_TRUE(lab.server.silent());
}

TEST_P(Direct, counts_only_what_comes_from_the_client) {
    serve();
    lab.client.send(flow.tcp(kSyn));
    lab.server.receive();
    const std::uint64_t header = GetParam() == Family::V4 ? 40 : 60;
    const hg::Counters expected{
        .conns = 1, .in_packets = 1, .in_bytes = header, .out_packets = 0, .out_bytes = 0};
    EXPECT_EQ(lab.director.counters(service, flow.server), expected);
}

INSTANTIATE_TEST_SUITE_P(Families, Direct, testing::Values(Family::V4, Family::V6), FamilyName{});

} // namespace

// NAT: addresses and ports there and back, with every checksum.
#include "eventually.h"
#include "flow.h"
#include "two_wires.h"

#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using hg::Endpoint;
using hg::Family;
using hg::Mode;
using hg::Protocol;

class Nat : public testing::TestWithParam<Family> {
protected:
    void serve(Protocol protocol) {
        service = lab.director.add_service(protocol, flow.vip);
        lab.director.add_server(service, flow.server, Mode::Nat);
    }

    // Both directions of a conn are known from now on.
    void establish() {
        serve(Protocol::Tcp);
        lab.client.send(flow.tcp(kSyn));
        lab.server.receive();
        lab.server.send(flow.tcp_reply(kSyn | kAck));
        lab.client.receive();
        lab.client.send(flow.tcp(kAck));
        lab.server.receive();
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
    TwoWires& lab = TwoWires::shared();
    Flow flow{{plan.client, 40000}, {plan.vip, 80}, {plan.server, 8080}};
    hg::ServiceKey service;
};

TEST_P(Nat, sends_a_request_to_the_server_and_its_port) {
    serve(Protocol::Tcp);
    expect_at_server(flow.tcp(kSyn));
}

TEST_P(Nat, keeps_the_port_when_the_servers_is_the_same) {
    flow.server.port = 80;
    serve(Protocol::Tcp);
    expect_at_server(flow.tcp(kSyn));
}

TEST_P(Nat, makes_the_answer_come_from_the_vip) {
    serve(Protocol::Tcp);
    expect_at_server(flow.tcp(kSyn));
    expect_at_client(flow.tcp_reply(kSyn | kAck));
}

TEST_P(Nat, carries_data_both_ways) {
    establish();
    expect_at_server(flow.tcp(kAck | kPsh, filler(777)));
    expect_at_client(flow.tcp_reply(kAck | kPsh, filler(1001)));
}

TEST_P(Nat, keeps_tcp_options) {
    serve(Protocol::Tcp);
    auto syn = flow.tcp(kSyn);
    std::get<Tcp>(syn.transport).options = {2, 4, 5, 0xb4, 1, 3, 3, 7};
    expect_at_server(syn);
}

TEST_P(Nat, keeps_tos_and_id) {
    serve(Protocol::Tcp);
    auto syn = flow.tcp(kSyn);
    syn.tos = 0x2b;
    syn.id = GetParam() == Family::V4 ? 777 : 0;
    expect_at_server(syn);
}

TEST_P(Nat, leaves_a_wrong_checksum_wrong) {
    serve(Protocol::Tcp);
    auto syn = flow.tcp(kSyn);
    syn.sums_ok = false;
    expect_at_server(syn);
}

TEST_P(Nat, does_not_pass_on_padding_as_data) {
    serve(Protocol::Tcp);
    lab.client.send(flow.tcp(kSyn), 6);
    EXPECT_EQ(lab.server.receive(), flow.at_server(flow.tcp(kSyn)));
}

TEST_P(Nat, carries_udp_both_ways) {
    serve(Protocol::Udp);
    expect_at_server(flow.udp(filler(512)));
    expect_at_client(flow.udp_reply(filler(99)));
}

TEST_P(Nat, leaves_the_server_no_more_than_it_was_sent) {
    establish();
    expect_at_server(flow.tcp(kAck));
    EXPECT_TRUE(lab.server.silent());
    EXPECT_TRUE(lab.client.silent());
}

// The payload's first word is made such that the sum over all comes out as 0.
TEST_P(Nat, writes_a_udp_checksum_of_zero_as_ones) {
    serve(Protocol::Udp);
    auto sent = flow.udp({0, 0});
    const auto arriving = flow.at_server(sent);
    const auto bytes = bytes_of(arriving);
    const auto at = bytes.size() - 4;
    sent.payload = {bytes[at], bytes[at + 1]}; // its checksum: the sum is all ones with it
    expect_at_server(sent);
}

TEST_P(Nat, answers_a_packet_without_hops_left) {
    serve(Protocol::Tcp);
    auto syn = flow.tcp(kSyn);
    syn.ttl = 1;
    lab.client.send(syn);
    EXPECT_EQ(plain(lab.client.receive()), error(plan.vip, plan.client, Fault::Ttl, quote(syn)));
    EXPECT_TRUE(lab.server.silent());
}

TEST_P(Nat, counts_a_packet_without_hops_left) {
    serve(Protocol::Tcp);
    const auto before = lab.director.dropped(HEADGATE_DROP_TTL);
    auto syn = flow.tcp(kSyn);
    syn.ttl = 1;
    lab.client.send(syn);
    EXPECT_TRUE(eventually([&] { return lab.director.dropped(HEADGATE_DROP_TTL) == before + 1; }));
}

TEST_P(Nat, completes_a_partial_checksum) {
    serve(Protocol::Udp);
    const auto sent = flow.udp(filler(100));
    lab.client.send_partial(sent);
    EXPECT_EQ(lab.server.receive(), flow.at_server(sent));
    lab.server.send_partial(flow.udp_reply(filler(33)));
    EXPECT_EQ(lab.client.receive(), flow.at_client(flow.udp_reply(filler(33))));
}

TEST_P(Nat, carries_packets_of_several_segments) {
    establish();
    const auto sent = flow.tcp(kAck, filler(5000));
    lab.client.send_partial(sent, 1400);
    const auto got = lab.server.receive_frame();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->packet, flow.at_server(sent));
    EXPECT_EQ(got->gso_size, 1400);
}

TEST_P(Nat, answers_with_packets_of_several_segments) {
    establish();
    const auto sent = flow.tcp_reply(kAck, filler(5000));
    lab.server.send_partial(sent, 1400);
    const auto got = lab.client.receive_frame();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->packet, flow.at_client(sent));
    EXPECT_EQ(got->gso_size, 1400);
}

TEST_P(Nat, counts_packets_and_bytes_as_on_the_wire) {
    establish();
    lab.client.send_partial(flow.tcp(kAck, filler(2800)), 1400);
    lab.server.receive();
    lab.server.send(flow.tcp_reply(kAck, filler(10)));
    lab.client.receive();
    const std::uint64_t header = GetParam() == Family::V4 ? 40 : 60;
    const hg::Counters expected{.conns = 1,
                                .in_packets = 4,
                                .in_bytes = 2 * header + 2 * (1400 + header),
                                .out_packets = 2,
                                .out_bytes = 2 * header + 10};
    EXPECT_EQ(lab.director.counters(service, flow.server), expected);
}

INSTANTIATE_TEST_SUITE_P(Families, Nat, testing::Values(Family::V4, Family::V6), FamilyName{});

class Nat4 : public Nat {};

TEST_P(Nat4, keeps_ip_options) {
    serve(Protocol::Tcp);
    auto syn = flow.tcp(kSyn);
    syn.options = {1, 1, 1, 1}; // no operation
    expect_at_server(syn);
    auto reply = flow.tcp_reply(kSyn | kAck);
    reply.options = {1, 1, 1, 1, 1, 1, 1, 1};
    expect_at_client(reply);
}

TEST_P(Nat4, leaves_udp_without_checksum_without) {
    serve(Protocol::Udp);
    auto sent = flow.udp(filler(20));
    std::get<Udp>(sent.transport).no_checksum = true;
    expect_at_server(sent);
    auto reply = flow.udp_reply(filler(21));
    std::get<Udp>(reply.transport).no_checksum = true;
    expect_at_client(reply);
}

INSTANTIATE_TEST_SUITE_P(Families, Nat4, testing::Values(Family::V4), FamilyName{});

class Nat6 : public Nat {
protected:
    static Octets pad(std::size_t size) { // PadN
        Octets out(size);
        out[0] = 1;
        out[1] = static_cast<std::uint8_t>(size - 2);
        return out;
    }
};

TEST_P(Nat6, finds_the_ports_behind_extension_headers) {
    serve(Protocol::Tcp);
    auto syn = flow.tcp(kSyn);
    syn.extensions = {{IPPROTO_HOPOPTS, pad(6)}, {IPPROTO_DSTOPTS, pad(14)}};
    expect_at_server(syn);
    auto reply = flow.tcp_reply(kSyn | kAck);
    reply.extensions = {{IPPROTO_DSTOPTS, pad(6)}};
    expect_at_client(reply);
}

INSTANTIATE_TEST_SUITE_P(Families, Nat6, testing::Values(Family::V6), FamilyName{});

} // namespace

// Killed conns: the RSTs that both ends get, and what becomes of packets that still come.
#include "eventually.h"
#include "tunnel_flow.h"

#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using hg::Family;
using hg::Mode;
using hg::Protocol;

struct Way {
    Mode mode = Mode::Nat;
    Family family = Family::V4;
};

struct WayName {
    template <class Info> std::string operator()(const Info& info) const {
        return std::string(name(info.param.mode)) + "_" + std::string(name(info.param.family));
    }
};

constexpr Way kWays[] = {{Mode::Nat, Family::V4},    {Mode::Nat, Family::V6},
                         {Mode::Direct, Family::V4}, {Mode::Direct, Family::V6},
                         {Mode::Tunnel, Family::V4}, {Mode::Tunnel, Family::V6}};

Packet numbered(Packet packet, std::uint32_t seq, std::uint32_t ack) {
    std::get<Tcp>(packet.transport).seq = seq;
    std::get<Tcp>(packet.transport).ack = ack;
    return packet;
}

// The client's packets begin at 1000, the server's at 5000.
class Kill : public testing::TestWithParam<Way> {
protected:
    explicit Kill(TwoWires& where = TwoWires::shared()) : lab(where) {
        if (mode == Mode::Nat) {
            flow.server.port = 8080;
        }
    }

    void serve(Protocol protocol = Protocol::Tcp) {
        service = lab.director.add_service(protocol, flow.vip);
        lab.director.add_server(service, flow.server, mode);
    }

    void client_sends(std::uint8_t flags, std::uint32_t seq, std::uint32_t ack,
                      std::size_t data = 0) {
        lab.client.send(numbered(flow.tcp(flags, filler(data)), seq, ack));
    }

    void server_sends(std::uint8_t flags, std::uint32_t seq, std::uint32_t ack,
                      std::size_t data = 0) {
        lab.server.send(numbered(flow.tcp_reply(flags, filler(data)), seq, ack));
    }

    // The client has sent up to 1101, and with NAT the server up to 5051.
    void establish() {
        serve();
        client_sends(kSyn, 1000, 0);
        ASSERT_TRUE(lab.server.receive());
        if (mode == Mode::Nat) {
            server_sends(kSyn | kAck, 5000, 1001);
            ASSERT_TRUE(lab.client.receive());
        }
        client_sends(kAck | kPsh, 1001, 5001, 100);
        ASSERT_TRUE(lab.server.receive());
        if (mode == Mode::Nat) {
            server_sends(kAck | kPsh, 5001, 1101, 50);
            ASSERT_TRUE(lab.client.receive());
        }
    }

    std::uint32_t kill() { return must(lab.director.client().kill_conns({.client = flow.client})); }

    void establish_and_kill() {
        establish();
        ASSERT_EQ(kill(), 1U);
        ASSERT_TRUE(lab.client.receive());
        ASSERT_TRUE(lab.server.receive());
    }

    // What the client gets from the VIP.
    void expect_at_client(std::uint8_t flags, std::uint32_t seq, std::uint32_t ack) {
        const Flow outside{flow.client, flow.vip, flow.vip};
        EXPECT_EQ(plain(lab.client.receive()), numbered(outside.tcp_reply(flags), seq, ack));
    }

    // What the server gets as from the client, out of the tunnel.
    void expect_at_server(std::uint8_t flags, std::uint32_t seq, std::uint32_t ack) {
        auto wanted = numbered(flow.tcp(flags), seq, ack);
        if (mode == Mode::Nat) {
            wanted = plain(flow.at_server(wanted)).value();
        }
        const auto frame = lab.server.receive_frame();
        ASSERT_TRUE(frame);
        EXPECT_EQ(frame->to, kServerMac);
        EXPECT_EQ(plain(mode == Mode::Tunnel ? packet_of(frame->packet.payload) : frame->packet),
                  plain(wanted));
    }

    void expect_silence() {
        EXPECT_TRUE(lab.client.silent());
        EXPECT_TRUE(lab.server.silent());
    }

    const Mode mode = GetParam().mode;
    const Plan& plan = plan_of(GetParam().family);
    TwoWires& lab;
    Flow flow{{plan.client, 40000}, {plan.vip, 80}, {plan.server, 80}};
    hg::ServiceKey service;
};

TEST_P(Kill, resets_both_ends_with_the_numbers_they_expect) {
    establish();
    EXPECT_EQ(kill(), 1U);
    expect_at_client(kRst | kAck, mode == Mode::Nat ? 5051 : 5001, 1101);
    expect_at_server(kRst, 1101, 0);
    expect_silence();
}

TEST_P(Kill, resets_a_half_open_conn_by_its_acknowledgement) {
    serve();
    client_sends(kSyn, 1000, 0);
    ASSERT_TRUE(lab.server.receive());
    EXPECT_EQ(kill(), 1U);
    expect_at_client(kRst | kAck, 0, 1001);
    expect_at_server(kRst, 1001, 0);
}

TEST_P(Kill, is_not_misled_by_a_keepalive_probe) {
    establish();
    client_sends(kAck, 1100, 5051);
    ASSERT_TRUE(lab.server.receive());
    EXPECT_EQ(kill(), 1U);
    expect_at_client(kRst | kAck, 5051, 1101);
    expect_at_server(kRst, 1101, 0);
}

TEST_P(Kill, is_not_misled_by_what_comes_again) {
    establish();
    const std::uint32_t server_end = mode == Mode::Nat ? 5051 : 5001;
    client_sends(kAck | kPsh, 1101, server_end, 100);
    client_sends(kAck | kPsh, 1001, 5001, 100);
    ASSERT_TRUE(lab.server.receive());
    ASSERT_TRUE(lab.server.receive());
    if (mode == Mode::Nat) {
        server_sends(kSyn | kAck, 5000, 1001);
        ASSERT_TRUE(lab.client.receive());
    }
    EXPECT_EQ(kill(), 1U);
    expect_at_client(kRst | kAck, server_end, 1201);
    expect_at_server(kRst, 1201, 0);
}

// Else one made-up packet would keep a kill from both ends.
TEST_P(Kill, finds_back_to_the_numbers_after_one_that_was_made_up) {
    establish();
    client_sends(kAck, 0x71000000, 0x72000000);
    client_sends(kAck | kPsh, 1101, mode == Mode::Nat ? 5051 : 5001, 100);
    ASSERT_TRUE(lab.server.receive());
    ASSERT_TRUE(lab.server.receive());
    EXPECT_EQ(kill(), 1U);
    expect_at_client(kRst | kAck, mode == Mode::Nat ? 5051 : 5001, 1201);
    expect_at_server(kRst, 1201, 0);
}

TEST_P(Kill, counts_every_segment_of_a_large_packet) {
    establish();
    lab.client.send_partial(numbered(flow.tcp(kAck | kPsh, filler(3000)), 1101, 5051), 1000);
    for (std::size_t bytes = 0; bytes < 3000;) { // in one piece or in three
        const auto got = lab.server.receive();
        ASSERT_TRUE(got);
        bytes += got->payload.size();
    }
    EXPECT_EQ(kill(), 1U);
    expect_at_client(kRst | kAck, 5051, 4101);
    expect_at_server(kRst, 4101, 0);
}

TEST_P(Kill, leaves_the_conn_killed_and_inactive) {
    establish_and_kill();
    const auto conn = lab.director.conn_of(flow.client);
    ASSERT_TRUE(conn);
    EXPECT_EQ(conn->flags, HEADGATE_CONN_F_KILLED);
    EXPECT_EQ(state_name(*conn), "killed");
    EXPECT_EQ(conn->timeout, std::chrono::seconds(10));
    const auto server = must(lab.director.client().server(service, flow.server));
    EXPECT_EQ(server.active, 0U);
    EXPECT_EQ(server.inactive, 1U);
    EXPECT_EQ(kill(), 0U);
    expect_silence();
}

TEST_P(Kill, answers_a_packet_by_a_reset_with_its_acknowledgement) {
    establish_and_kill();
    const auto before = lab.director.dropped(HEADGATE_DROP_KILLED);
    client_sends(kAck | kPsh, 1101, 5051, 10);
    expect_at_client(kRst, 5051, 0);
    client_sends(kFin | kAck, 1111, 5060);
    expect_at_client(kRst, 5060, 0);
    EXPECT_EQ(lab.director.dropped(HEADGATE_DROP_KILLED), before + 2);
    expect_silence();
}

TEST_P(Kill, answers_a_packet_without_acknowledgement_by_one) {
    establish_and_kill();
    client_sends(kPsh, 1101, 0, 10);
    expect_at_client(kRst | kAck, 0, 1111);
    expect_silence();
}

TEST_P(Kill, passes_the_clients_reset_on) {
    establish_and_kill();
    client_sends(kRst, 1090, 0);
    expect_at_server(kRst, 1090, 0);
    expect_silence();
}

TEST_P(Kill, lets_a_syn_open_a_new_conn) {
    establish_and_kill();
    client_sends(kSyn, 90000, 0);
    expect_at_server(kSyn, 90000, 0);
    const auto conn = lab.director.conn_of(flow.client);
    ASSERT_TRUE(conn);
    EXPECT_EQ(state_name(*conn), "syn_recv");
    expect_silence();
}

TEST_P(Kill, just_ends_a_udp_conn) {
    serve(Protocol::Udp);
    lab.client.send(flow.udp());
    ASSERT_TRUE(lab.server.receive());
    EXPECT_EQ(kill(), 1U);
    EXPECT_FALSE(lab.director.conn_of(flow.client));
    expect_silence();
}

TEST_P(Kill, takes_as_many_as_there_are) {
    constexpr std::uint16_t kMany = 1000;
    serve();
    for (std::uint16_t i = 0; i < kMany; i++) {
        flow.client.port = static_cast<std::uint16_t>(10000 + i);
        client_sends(kSyn, 1000, 0);
    }
    ASSERT_TRUE(eventually([&] { return must(lab.director.client().info()).conns == kMany; }));
    EXPECT_EQ(must(lab.director.client().kill_conns({.all = true})), kMany);
    EXPECT_EQ(must(lab.director.client().kill_conns({.all = true})), 0U);
    EXPECT_EQ(must(lab.director.client().server(service, flow.server)).active, 0U);
}

INSTANTIATE_TEST_SUITE_P(Ways, Kill, testing::ValuesIn(kWays), WayName{});

// Only here the server's packets are seen.
class KillNat : public Kill {};

TEST_P(KillNat, answers_the_server_as_the_client) {
    establish_and_kill();
    server_sends(kAck | kPsh, 5051, 1101, 10);
    expect_at_server(kRst, 1101, 0);
    server_sends(kPsh, 5061, 0, 10);
    expect_at_server(kRst | kAck, 0, 5071);
    expect_silence();
}

TEST_P(KillNat, answers_a_syn_ack_of_the_server) {
    serve();
    client_sends(kSyn, 1000, 0);
    ASSERT_TRUE(lab.server.receive());
    ASSERT_EQ(kill(), 1U);
    ASSERT_TRUE(lab.server.receive());
    server_sends(kSyn | kAck, 5000, 1001);
    expect_at_server(kRst, 1001, 0);
}

TEST_P(KillNat, passes_the_servers_reset_on) {
    establish_and_kill();
    server_sends(kRst, 5051, 0);
    expect_at_client(kRst, 5051, 0);
    expect_silence();
}

INSTANTIATE_TEST_SUITE_P(Ways, KillNat,
                         testing::Values(Way{Mode::Nat, Family::V4}, Way{Mode::Nat, Family::V6}),
                         WayName{});

// A rule that only untracked RSTs get past.
constexpr const char* kTracked = R"(
table inet tracked {
    chain postrouting {
        type filter hook postrouting priority filter; policy accept;
        meta l4proto tcp tcp flags & rst == rst ct state != untracked drop
    }
}
)";

class KillTracked : public Kill {
protected:
    KillTracked() : Kill(own_lab()) { lab.inside.nft(kTracked); }

    ~KillTracked() override { lab.inside.nft("delete table inet tracked\n"); }

    static TwoWires& own_lab() {
        static TwoWires one;
        one.reset();
        return one;
    }
};

TEST_P(KillTracked, is_nothing_to_conntrack) {
    establish();
    EXPECT_EQ(kill(), 1U);
    expect_at_client(kRst | kAck, mode == Mode::Nat ? 5051 : 5001, 1101);
    expect_at_server(kRst, 1101, 0);
    client_sends(kAck, 1101, 5051);
    expect_at_client(kRst, 5051, 0);
}

INSTANTIATE_TEST_SUITE_P(Ways, KillTracked, testing::ValuesIn(kWays), WayName{});

} // namespace

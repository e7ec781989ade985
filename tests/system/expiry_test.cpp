// Conns end when they have been idle for their state's time, and not before.
#include "eventually.h"
#include "flow.h"
#include "tcp_table.h"
#include "two_wires.h"

#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using hg::Family;
using hg::Mode;
using hg::Protocol;
using hg::TcpState;
using std::chrono::milliseconds;

constexpr milliseconds kShort{300};

struct Place {
    Mode mode = Mode::Nat;
    Family family = Family::V4;
    TcpState state = TcpState::None;
};

std::vector<Place> places() {
    std::vector<Place> out;
    for (const auto& [mode, family] : {std::pair(Mode::Nat, Family::V4),
                                       {Mode::Direct, Family::V4},
                                       {Mode::Tunnel, Family::V6}}) {
        for (std::size_t i = 0; i < kStates; i++) {
            if (way_to(mode != Mode::Nat, static_cast<TcpState>(i))) {
                out.push_back({mode, family, static_cast<TcpState>(i)});
            }
        }
    }
    return out;
}

struct PlaceName {
    template <class Info> std::string operator()(const Info& info) const {
        return std::string(name(info.param.mode)) + "_" + std::string(name(info.param.family)) +
               "_" + state_letters(info.param.state);
    }
};

constexpr headgate_timeout_attr timeout_of(TcpState state) {
    return static_cast<headgate_timeout_attr>(HEADGATE_A_TIMEOUT_TCP_NONE +
                                              static_cast<int>(state));
}

class Expiry : public testing::Test {
protected:
    explicit Expiry(Family family = Family::V4) : plan(plan_of(family)) {}

    void serve(Protocol protocol, Mode mode) {
        service = lab.director.add_service(protocol, flow.vip);
        lab.director.add_server(service, flow.server, mode);
    }

    void make(Move move) {
        static constexpr std::uint8_t kFlags[] = {kSyn, kFin | kAck, kAck, kRst, kPsh};
        const auto flags = kFlags[static_cast<std::size_t>(move.event)];
        if (move.sender == Sender::Client) {
            lab.client.send(flow.tcp(flags));
            EXPECT_TRUE(lab.server.receive());
        } else {
            lab.server.send(flow.tcp_reply(flags));
            EXPECT_TRUE(lab.client.receive());
        }
    }

    // A conn in that state.
    std::optional<hg::Conn> conn_in(const Place& place) {
        const auto way = way_to(place.mode != Mode::Nat, place.state).value();
        for (const auto move : way) {
            make(move);
        }
        return lab.director.conn_of(flow.client);
    }

    bool swept() {
        must(lab.director.client().sweep());
        return must(lab.director.client().info()).conns == 0;
    }

    const Plan& plan;
    TwoWires& lab = TwoWires::shared();
    Flow flow{{plan.client, 43000}, {plan.vip, 80}, {plan.server, 80}};
    hg::ServiceKey service;
};

class ExpiryOf : public Expiry, public testing::WithParamInterface<Place> {
protected:
    ExpiryOf() : Expiry(GetParam().family) {}
};

TEST_P(ExpiryOf, the_state_comes_after_its_time) {
    lab.director.set_timeout(timeout_of(GetParam().state), kShort);
    serve(Protocol::Tcp, GetParam().mode);
    const auto conn = conn_in(GetParam());
    ASSERT_TRUE(conn);
    EXPECT_EQ(conn->timeout, kShort);
    EXPECT_TRUE(eventually([&] { return swept(); }));
}

TEST_P(ExpiryOf, the_state_comes_after_the_service_s_own_time) {
    const auto [mode, family, state] = GetParam();
    serve(Protocol::Tcp, mode);
    hg::ServiceChange change;
    change.timeouts[timeout_of(state) - 1] = kShort;
    must(lab.director.client().set_service(service, change));
    const auto conn = conn_in(GetParam());
    ASSERT_TRUE(conn);
    EXPECT_EQ(static_cast<TcpState>(conn->state), state);
    EXPECT_EQ(conn->timeout, kShort);
    EXPECT_LE(conn->expires, kShort);
    EXPECT_TRUE(eventually([&] { return swept(); }));
}

TEST_P(ExpiryOf, the_state_comes_after_the_namespace_s_time_where_the_service_has_none) {
    const auto [mode, family, state] = GetParam();
    serve(Protocol::Tcp, mode);
    hg::ServiceChange others;
    for (auto& timeout : others.timeouts) {
        timeout = 77'000ms;
    }
    others.timeouts[timeout_of(state) - 1].reset();
    must(lab.director.client().set_service(service, others));
    const auto conn = conn_in(GetParam());
    ASSERT_TRUE(conn);
    const auto settings = must(lab.director.client().settings());
    EXPECT_EQ(conn->timeout, settings.timeouts[timeout_of(state) - 1]);
}

INSTANTIATE_TEST_SUITE_P(States, ExpiryOf, testing::ValuesIn(places()), PlaceName{});

TEST_F(Expiry, of_udp_comes_after_its_time) {
    lab.director.set_timeout(HEADGATE_A_TIMEOUT_UDP, kShort);
    serve(Protocol::Udp, Mode::Nat);
    lab.client.send(flow.udp());
    EXPECT_TRUE(lab.director.conn_of(flow.client));
    EXPECT_TRUE(eventually([&] { return swept(); }));
}

TEST_F(Expiry, of_a_live_conn_follows_a_changed_time_with_its_next_state) {
    serve(Protocol::Tcp, Mode::Nat);
    const auto timeout = [&] { return lab.director.conn_of(flow.client)->timeout; };
    make({Sender::Client, Event::Syn});
    const auto before = timeout();
    lab.director.set_timeout(HEADGATE_A_TIMEOUT_TCP_SYN_RECV, 7s);
    lab.director.set_timeout(HEADGATE_A_TIMEOUT_TCP_ESTABLISHED, 70s);
    EXPECT_EQ(timeout(), before);
    make({Sender::Server, Event::Syn});
    make({Sender::Client, Event::Ack});
    ASSERT_EQ(lab.director.state_of(flow.client), TcpState::Established);
    EXPECT_EQ(timeout(), 70s);
    lab.director.set_timeout(HEADGATE_A_TIMEOUT_TCP_ESTABLISHED, 80s);
    make({Sender::Client, Event::Ack});
    EXPECT_EQ(timeout(), 70s) << "the state is the same";
}

TEST_F(Expiry, needs_nobody_who_asks) {
    lab.director.set_timeout(HEADGATE_A_TIMEOUT_UDP, kShort);
    serve(Protocol::Udp, Mode::Nat);
    lab.client.send(flow.udp());
    EXPECT_TRUE(eventually([&] { return must(lab.director.client().info()).conns == 0; }));
}

// Proof is one conn that grows older than its time; on a machine that stalls it may not be the
// first.
TEST_F(Expiry, is_put_off_by_packets) {
    constexpr milliseconds kIdle{2500};
    lab.director.set_timeout(HEADGATE_A_TIMEOUT_UDP, kIdle);
    serve(Protocol::Udp, Mode::Nat);
    EXPECT_TRUE(eventually([&] {
        lab.client.send(flow.udp());
        const auto conn = lab.director.conn_of(flow.client);
        return conn && conn->age > kIdle + milliseconds(500);
    }));
}

TEST_F(Expiry, is_put_off_even_when_it_is_a_matter_of_milliseconds) {
    lab.director.set_timeout(HEADGATE_A_TIMEOUT_UDP, milliseconds(800));
    serve(Protocol::Udp, Mode::Nat);
    EXPECT_TRUE(eventually([&] {
        lab.client.send(flow.udp());
        const auto conn = lab.director.conn_of(flow.client);
        return conn && conn->age > milliseconds(1500);
    }));
}

TEST_F(Expiry, ends_a_conn_for_the_next_packet) {
    lab.director.set_timeout(HEADGATE_A_TIMEOUT_TCP_ESTABLISHED, milliseconds(100));
    serve(Protocol::Tcp, Mode::Nat);
    make({Sender::Client, Event::Syn});
    make({Sender::Server, Event::Syn});
    make({Sender::Client, Event::Ack});
    EXPECT_TRUE(eventually([&] { return !lab.director.conn_of(flow.client); }));
    lab.client.send(flow.tcp(kAck));
    auto reset = Flow{flow.client, flow.vip, flow.vip}.tcp_reply(kRst);
    std::get<Tcp>(reset.transport).seq = 0;
    EXPECT_EQ(plain(lab.client.receive()), reset);
}

} // namespace

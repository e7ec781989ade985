// New conns and the end of old ones, as the configuration changes.
#include "eventually.h"
#include "flow.h"
#include "tcp_table.h"
#include "two_wires.h"

#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using hg::Family;
using hg::Mode;
using hg::Protocol;
using hg::TcpState;

class Lifetime : public testing::TestWithParam<Family> {
protected:
    void serve(Mode mode = Mode::Nat) {
        service = lab.director.add_service(Protocol::Tcp, flow.vip);
        lab.director.add_server(service, flow.server, mode);
    }

    void add_third(Mode mode = Mode::Nat) {
        lab.director.add_server(service, {plan.third, 80}, mode);
    }

    void establish() { EXPECT_TRUE(lab.establish(flow)); }

    void expect_still_alive() {
        lab.client.send(flow.tcp(kAck, filler(10)));
        EXPECT_EQ(lab.server.receive(), flow.at_server(flow.tcp(kAck, filler(10))));
        lab.server.send(flow.tcp_reply(kAck, filler(20)));
        EXPECT_EQ(lab.client.receive(), flow.at_client(flow.tcp_reply(kAck, filler(20))));
    }

    // The director's own stack has nobody who listens.
    [[nodiscard]] Packet reset_of_the_stack() const {
        auto reset = Flow{flow.client, flow.vip, flow.vip}.tcp_reply(kRst);
        std::get<Tcp>(reset.transport).seq = 0;
        return reset;
    }

    void drain() { must(lab.director.client().set_server(service, flow.server, {.weight = 0})); }

    std::uint64_t dropped(headgate_drop reason) {
        return lab.director.dropped(reason) - before_.at(reason);
    }

    const Plan& plan = plan_of(GetParam());
    TwoWires& lab = TwoWires::shared();
    Flow flow{{plan.client, 44000}, {plan.vip, 80}, {plan.server, 80}};
    Flow other{{plan.client, 44001}, {plan.vip, 80}, {plan.third, 80}};
    hg::ServiceKey service;

private:
    std::vector<std::uint64_t> before_ = all_drops();

    std::vector<std::uint64_t> all_drops() {
        std::vector<std::uint64_t> out(__HEADGATE_DROP_MAX);
        for (const auto& drop : must(lab.director.client().info()).drops) {
            out.at(drop.reason) = drop.packets;
        }
        return out;
    }
};

TEST_P(Lifetime, a_syn_after_time_wait_is_scheduled_anew) {
    serve();
    establish();
    lab.server.send(flow.tcp_reply(kFin | kAck));
    lab.client.receive();
    lab.client.send(flow.tcp(kFin | kAck));
    lab.server.receive();
    ASSERT_EQ(lab.director.state_of(flow.client), TcpState::TimeWait);
    add_third();
    drain();
    lab.client.send(flow.tcp(kSyn));
    other.client = flow.client;
    EXPECT_EQ(lab.server.receive(), other.at_server(flow.tcp(kSyn)));
    EXPECT_EQ(lab.director.state_of(flow.client), TcpState::SynRecv);
}

TEST_P(Lifetime, a_syn_after_close_is_scheduled_anew) {
    serve();
    establish();
    lab.client.send(flow.tcp(kRst));
    lab.server.receive();
    ASSERT_EQ(lab.director.state_of(flow.client), TcpState::Close);
    add_third();
    drain();
    lab.client.send(flow.tcp(kSyn));
    EXPECT_EQ(lab.server.receive(), other.at_server(flow.tcp(kSyn)));
}

TEST_P(Lifetime, a_syn_of_a_half_conn_after_close_is_scheduled_anew) {
    serve(Mode::Direct);
    lab.client.send(flow.tcp(kSyn));
    lab.client.send(flow.tcp(kAck));
    lab.client.send(flow.tcp(kRst));
    ASSERT_TRUE(eventually([&] { return lab.director.state_of(flow.client) == TcpState::Close; }));
    add_third(Mode::Direct);
    drain();
    lab.client.send(flow.tcp(kSyn));
    EXPECT_EQ(lab.director.conn_of(flow.client)->server.address, plan.third);
}

TEST_P(Lifetime, a_syn_of_a_half_conn_in_time_wait_is_scheduled_anew) {
    for (const auto mode : {Mode::Direct, Mode::Tunnel}) {
        lab.reset();
        serve(mode);
        static constexpr std::uint8_t kFlags[] = {kSyn, kFin | kAck, kAck, kRst, kPsh};
        const auto way = way_to(true, TcpState::TimeWait).value();
        for (const auto move : way) {
            lab.client.send(flow.tcp(kFlags[static_cast<std::size_t>(move.event)]));
        }
        const auto state = [&] { return lab.director.state_of(flow.client); };
        ASSERT_TRUE(eventually([&] { return state() == TcpState::TimeWait; })) << name(mode);
        add_third(mode);
        drain();
        lab.client.send(flow.tcp(kSyn));
        EXPECT_TRUE(eventually([&] { return state() == TcpState::SynRecv; })) << name(mode);
        EXPECT_EQ(lab.director.conn_of(flow.client)->server.address, plan.third);
    }
}

TEST_P(Lifetime, a_server_of_weight_0_keeps_its_conns) {
    serve();
    establish();
    drain();
    expect_still_alive();
}

TEST_P(Lifetime, a_server_of_weight_0_gets_no_new_conns) {
    serve();
    add_third();
    drain();
    for (std::uint16_t i = 0; i < 4; i++) {
        other.client.port++;
        lab.client.send(other.tcp(kSyn));
        EXPECT_EQ(lab.server.receive(), other.at_server(other.tcp(kSyn)));
    }
}

TEST_P(Lifetime, a_server_that_is_down_gets_no_new_conns) {
    serve();
    add_third();
    must(lab.director.client().set_server(
        service, flow.server, {.down = hg::MaskedBits{HEADGATE_DOWN_CHECK, HEADGATE_DOWN_CHECK}}));
    lab.client.send(other.tcp(kSyn));
    EXPECT_EQ(lab.server.receive(), other.at_server(other.tcp(kSyn)));
}

TEST_P(Lifetime, a_deleted_server_keeps_its_conns) {
    serve();
    establish();
    must(lab.director.client().del_server(service, flow.server));
    expect_still_alive();
}

TEST_P(Lifetime, a_deleted_server_gets_no_new_conns) {
    serve();
    add_third();
    must(lab.director.client().del_server(service, flow.server));
    lab.client.send(other.tcp(kSyn));
    EXPECT_EQ(lab.server.receive(), other.at_server(other.tcp(kSyn)));
}

TEST_P(Lifetime, a_deleted_service_ends_its_conns) {
    serve();
    establish();
    must(lab.director.client().del_service(service));
    EXPECT_TRUE(eventually([&] { return must(lab.director.client().info()).conns == 0; }));
    lab.client.send(flow.tcp(kAck));
    EXPECT_EQ(plain(lab.client.receive()), reset_of_the_stack());
}

TEST_P(Lifetime, a_deleted_service_ends_the_conns_of_deleted_servers) {
    serve();
    establish();
    must(lab.director.client().del_server(service, flow.server));
    must(lab.director.client().del_service(service));
    EXPECT_TRUE(eventually([&] { return must(lab.director.client().info()).conns == 0; }));
}

TEST_P(Lifetime, without_a_server_the_client_is_told) {
    serve();
    drain();
    lab.client.send(flow.tcp(kSyn));
    EXPECT_EQ(plain(lab.client.receive()),
              error(plan.vip, plan.client, Fault::Port, quote(flow.tcp(kSyn))));
    EXPECT_EQ(dropped(HEADGATE_DROP_NO_SERVER), 1U);
}

TEST_P(Lifetime, a_packet_of_no_conn_is_left_to_the_stack) {
    serve();
    lab.client.send(flow.tcp(kAck));
    EXPECT_EQ(plain(lab.client.receive()), reset_of_the_stack());
    EXPECT_EQ(dropped(HEADGATE_DROP_NO_CONN), 1U);
}

TEST_P(Lifetime, a_packet_for_another_port_is_left_to_the_stack) {
    serve();
    flow.vip.port = 81;
    lab.client.send(flow.tcp(kAck));
    EXPECT_EQ(plain(lab.client.receive()), reset_of_the_stack());
    EXPECT_EQ(dropped(HEADGATE_DROP_NO_CONN), 0U);
}

TEST_P(Lifetime, a_server_without_route_is_told_to_the_client) {
    flow.server.address = plan.nowhere;
    serve();
    lab.client.send(flow.tcp(kSyn));
    EXPECT_EQ(plain(lab.client.receive()),
              error(plan.vip, plan.client, Fault::Host, quote(flow.tcp(kSyn))));
    EXPECT_EQ(dropped(HEADGATE_DROP_NO_ROUTE), 1U);
}

TEST_P(Lifetime, a_reply_flow_in_use_sends_the_conn_to_another_server) {
    serve();
    establish();
    service = lab.director.add_service(Protocol::Tcp, {plan.other_vip, 80});
    lab.director.add_server(service, flow.server, Mode::Nat);
    add_third();
    for (std::uint16_t i = 0; i < 2; i++) {
        auto syn = flow.tcp(kSyn);
        syn.dst = plan.other_vip;
        std::get<Tcp>(syn.transport).seq = i;
        lab.client.send(syn);
        EXPECT_EQ(lab.server.receive(), other.at_server(syn));
    }
}

TEST_P(Lifetime, a_reply_flow_in_use_everywhere_refuses_the_conn) {
    serve();
    establish();
    service = lab.director.add_service(Protocol::Tcp, {plan.other_vip, 80});
    lab.director.add_server(service, flow.server, Mode::Nat);
    auto syn = flow.tcp(kSyn);
    syn.dst = plan.other_vip;
    lab.client.send(syn);
    EXPECT_TRUE(eventually([&] { return dropped(HEADGATE_DROP_COLLISION) == 1; }));
    EXPECT_TRUE(lab.server.silent());
    expect_still_alive();
}

INSTANTIATE_TEST_SUITE_P(Families, Lifetime, testing::Values(Family::V4, Family::V6), FamilyName{});

class ConnLimit : public Lifetime {
protected:
    static constexpr std::uint16_t kMany = 200;

    void limit(std::uint32_t conns) {
        hg::SettingsChange change;
        change.conn_limit = conns;
        must(lab.director.client().set_settings(change));
    }

    void open(std::uint16_t first, std::uint16_t count, bool established) {
        for (std::uint16_t i = 0; i < count; i++) {
            flow.client.port = static_cast<std::uint16_t>(first + i);
            lab.client.send(flow.tcp(kSyn));
            if (established) {
                lab.client.send(flow.tcp(kAck));
            }
        }
    }

    std::size_t alive(std::uint16_t first, std::uint16_t count) {
        std::size_t n = 0;
        for (const auto& conn : lab.director.conns()) {
            n += conn.client.port >= first && conn.client.port < first + count ? 1 : 0;
        }
        return n;
    }
};

TEST_P(ConnLimit, makes_half_open_conns_give_way) {
    serve();
    limit(kMany);
    open(10000, kMany, false);
    EXPECT_EQ(alive(10000, kMany), kMany);
    open(20000, 40, false);
    EXPECT_GE(alive(20000, 40), 20U);
    EXPECT_LE(lab.director.conns().size(), kMany);
}

TEST_P(ConnLimit, spares_established_conns) {
    serve();
    limit(kMany);
    open(10000, kMany, true);
    open(20000, 40, false);
    EXPECT_TRUE(eventually([&] { return dropped(HEADGATE_DROP_LIMIT) == 40; }));
    EXPECT_EQ(alive(10000, kMany), kMany);
}

TEST_P(ConnLimit, ends_nothing_when_it_is_lowered) {
    serve();
    open(10000, kMany, true);
    limit(10);
    EXPECT_EQ(alive(10000, kMany), kMany);
}

INSTANTIATE_TEST_SUITE_P(Families, ConnLimit, testing::Values(Family::V4), FamilyName{});

TEST_P(Lifetime, two_namespaces_with_the_same_vip_do_not_see_each_other) {
    TwoWires elsewhere;
    serve();
    lab.client.send(flow.tcp(kSyn));
    EXPECT_TRUE(lab.server.receive());
    EXPECT_EQ(elsewhere.director.conns().size(), 0U);
    elsewhere.client.send(flow.tcp(kSyn));
    const auto answer = elsewhere.client.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(std::get<Tcp>(answer->transport).flags, kRst | kAck);
}

} // namespace

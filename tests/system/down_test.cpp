// What becomes of the conns of a server that goes, in every mode: down, deleted, or deleted by a
// transaction.
#include "cluster.h"
#include "codec.h"
#include "tunnel_flow.h"

#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using hg::Address;
using hg::Mode;
using hg::OnDown;
using hg::Protocol;

class Down : public testing::TestWithParam<Way> {
protected:
    // A service with a server that will go, and its conns; then there is another server.
    void serve(OnDown rule, Protocol protocol = Protocol::Tcp) {
        service = {protocol, flow.vip};
        must(client().add_service({.key = service, .scheduler = "rr", .on_down = rule}));
        lab.director.add_server(service, flow.server, GetParam().mode);
    }

    void add_other() { lab.director.add_server(service, {plan.third, 80}, GetParam().mode); }

    void go_down() {
        add_other();
        must(client().set_server(
            service, flow.server,
            {.down = hg::MaskedBits{HEADGATE_DOWN_CHECK, HEADGATE_DOWN_CHECK}}));
    }

    void go_by_a_transaction() {
        add_other();
        const auto generation = must(client().info()).generation;
        auto transaction = client().transaction();
        must(transaction.begin());
        must(transaction.stage(hg::del_server_request(service, flow.server)));
        must(transaction.commit(generation));
    }

    // The server that the client's packet gets to.
    std::optional<Address> way_of(const Packet& packet) {
        lab.client.send(packet);
        return server_of(plan, lab.server.receive_frame());
    }

    void establish() {
        EXPECT_EQ(way_of(flow.tcp(kSyn)), plan.server);
        if (GetParam().mode == Mode::Nat) {
            lab.server.send(flow.tcp_reply(kSyn | kAck));
            EXPECT_TRUE(lab.client.receive());
        }
        EXPECT_EQ(way_of(flow.tcp(kAck)), plan.server);
    }

    void expect_resets() {
        const auto at_client = lab.client.receive();
        ASSERT_TRUE(at_client);
        EXPECT_EQ(at_client->src, plan.vip);
        EXPECT_NE(std::get<Tcp>(at_client->transport).flags & kRst, 0);
        const auto frame = lab.server.receive_frame();
        ASSERT_TRUE(frame);
        EXPECT_EQ(frame->to, kServerMac);
        const auto at_server =
            GetParam().mode == Mode::Tunnel ? packet_of(frame->packet.payload) : frame->packet;
        ASSERT_TRUE(at_server);
        EXPECT_EQ(at_server->src, plan.client);
        EXPECT_NE(std::get<Tcp>(at_server->transport).flags & kRst, 0);
    }

    hg::Client& client() { return lab.director.client(); }

    const Plan& plan = plan_of(GetParam().family);
    TwoWires& lab = TwoWires::shared();
    Flow flow{{plan.client, 42000}, {plan.vip, 80}, {plan.server, 80}};
    hg::ServiceKey service;
};

TEST_P(Down, resets_both_ends) {
    serve(OnDown::Reset);
    establish();
    go_down();
    expect_resets();
}

TEST_P(Down, resets_both_ends_when_the_server_is_deleted) {
    serve(OnDown::Reset);
    establish();
    must(client().del_server(service, flow.server));
    expect_resets();
}

TEST_P(Down, resets_both_ends_when_the_server_goes_by_a_transaction) {
    serve(OnDown::Reset);
    establish();
    go_by_a_transaction();
    expect_resets();
}

TEST_P(Down, reschedules_a_half_open_conn) {
    serve(OnDown::Reschedule);
    EXPECT_EQ(way_of(flow.tcp(kSyn)), plan.server);
    go_down();
    EXPECT_EQ(way_of(flow.tcp(kSyn)), plan.third);
}

TEST_P(Down, reschedules_udp_when_the_server_goes_by_a_transaction) {
    serve(OnDown::Reschedule, Protocol::Udp);
    EXPECT_EQ(way_of(flow.udp()), plan.server);
    go_by_a_transaction();
    EXPECT_EQ(way_of(flow.udp()), plan.third);
}

TEST_P(Down, keeps_an_established_conn_when_the_server_goes_by_a_transaction) {
    serve(OnDown::Reschedule);
    establish();
    go_by_a_transaction();
    EXPECT_EQ(way_of(flow.tcp(kAck | kPsh)), plan.server);
}

INSTANTIATE_TEST_SUITE_P(Ways, Down, testing::ValuesIn(kWays), WayName{});

} // namespace

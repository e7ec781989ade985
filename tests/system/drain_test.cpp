// What a drain's end and a changed on_down do to conns: which of the two rules wins.
#include "states.h"

#include "eventually.h"

namespace {

using namespace hg::test;
using hg::AttributeWriter;
using hg::Protocol;

// Where the server that shows when a purge has been gets its conns.
constexpr std::uint16_t kOther = 81;

class Rules : public States {
protected:
    static Fill rule(headgate_on_down on_down) {
        return [=](AttributeWriter& nest) {
            nest.u8(HEADGATE_A_SERVICE_ON_DOWN, static_cast<std::uint8_t>(on_down));
        };
    }

    void drain(const hg::ServiceKey& key, headgate_then then) {
        set_server(key, plan.server, [&](AttributeWriter& nest) {
            nest.nest(HEADGATE_A_SERVER_DRAIN, [&](AttributeWriter& drain) {
                drain.u32(HEADGATE_A_DRAIN_DEADLINE, 100)
                    .u8(HEADGATE_A_DRAIN_THEN, static_cast<std::uint8_t>(then))
                    .bytes(HEADGATE_A_DRAIN_REMOVE, {});
            });
        });
    }

    bool is_removed(const hg::ServiceKey& key) {
        return eventually([&] { return numbers(key, plan.server).empty(); });
    }

    bool has_ended(std::uint16_t port) {
        return eventually([&] { return !lab.director.conn_of(flow(port).client); });
    }

    // One walk ends the conns of all servers that are marked: that of another one, marked later,
    // has seen them.
    bool conns_were_purged() {
        const auto key = add_service(Protocol::Udp, "rr", rule(HEADGATE_ON_DOWN_RESET), kOther);
        add_server(key, plan.server);
        EXPECT_EQ(way_of(flow(4999, kOther).udp()), plan.server);
        set_down(key, plan.server, HEADGATE_DOWN_CHECK, true);
        return has_ended(4999);
    }
};

class DrainThatKeeps : public Rules, public testing::WithParamInterface<headgate_on_down> {};

TEST_P(DrainThatKeeps, keeps_whatever_becomes_of_those_of_a_deleted_server) {
    const auto key = add_service(Protocol::Udp, "rr", rule(GetParam()));
    add_server(key, plan.server);
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server);
    add_server(key, plan.third);
    drain(key, HEADGATE_THEN_KEEP);
    EXPECT_TRUE(is_removed(key));
    EXPECT_TRUE(conns_were_purged());
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server);
    EXPECT_EQ(way_of(flow(4001).udp()), plan.third);
}

INSTANTIATE_TEST_SUITE_P(OnDown, DrainThatKeeps,
                         testing::Values(HEADGATE_ON_DOWN_RESET, HEADGATE_ON_DOWN_RESCHEDULE),
                         [](const auto& each) {
                             return each.param == HEADGATE_ON_DOWN_RESET ? "reset" : "reschedule";
                         });

TEST_F(Rules, a_drain_that_resets_does_whatever_the_service_keeps) {
    const auto udp = add_service(Protocol::Udp, "rr", rule(HEADGATE_ON_DOWN_KEEP));
    add_server(udp, plan.server);
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server);
    drain(udp, HEADGATE_THEN_RESET);
    EXPECT_TRUE(is_removed(udp));
    EXPECT_TRUE(has_ended(4000));
}

TEST_F(Rules, a_drain_that_resets_tells_both_ends_and_removes_the_server) {
    const auto tcp = add_service(Protocol::Tcp, "rr");
    add_server(tcp, plan.server);
    const auto conn = flow(4000);
    EXPECT_EQ(way_of(conn.tcp(kSyn)), plan.server);
    lab.server.send(conn.tcp_reply(kSyn | kAck));
    EXPECT_TRUE(lab.client.receive());
    EXPECT_EQ(way_of(conn.tcp(kAck)), plan.server);
    drain(tcp, HEADGATE_THEN_RESET);
    for (auto* const wire : {&lab.client, &lab.server}) {
        const auto reset = wire->receive();
        ASSERT_TRUE(reset);
        EXPECT_NE(std::get<Tcp>(reset->transport).flags & kRst, 0);
    }
    EXPECT_TRUE(is_removed(tcp));
}

TEST_F(Rules, a_changed_rule_holds_for_servers_that_are_down) {
    const auto key = add_service(Protocol::Udp, "rr", rule(HEADGATE_ON_DOWN_KEEP));
    add_server(key, plan.server);
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server);
    add_server(key, plan.third);
    set_down(key, plan.server, HEADGATE_DOWN_CHECK, true);
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server);
    EXPECT_EQ(way_of(flow(4001).udp()), plan.third);
    of_service(HEADGATE_CMD_SET_SERVICE, key, rule(HEADGATE_ON_DOWN_RESET));
    EXPECT_TRUE(has_ended(4000));
    EXPECT_EQ(way_of(flow(4001).udp()), plan.third) << "its server is not down";
}

TEST_F(Rules, a_changed_rule_is_taken_back) {
    const auto key = add_service(Protocol::Tcp, "rr", rule(HEADGATE_ON_DOWN_RESCHEDULE));
    add_server(key, plan.server);
    set_down(key, plan.server, HEADGATE_DOWN_CHECK, true);
    of_service(HEADGATE_CMD_SET_SERVICE, key, rule(HEADGATE_ON_DOWN_KEEP));
    set_down(key, plan.server, HEADGATE_DOWN_CHECK, false);
    EXPECT_EQ(way_of(flow(4000).tcp(kSyn)), plan.server);
    set_down(key, plan.server, HEADGATE_DOWN_CHECK, true);
    add_server(key, plan.third);
    EXPECT_EQ(way_of(flow(4000).tcp(kAck)), plan.server); // a SYN would be scheduled anew
}

} // namespace

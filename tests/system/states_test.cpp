// What services and servers are told beyond weights: timeouts of their own, thresholds, drains,
// and what becomes of the conns of a server that goes down.
#include "states.h"

#include "eventually.h"

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using hg::AttributeWriter;
using hg::Mode;
using hg::Protocol;

class ServerStates : public States {
protected:
    void drain(const hg::ServiceKey& key, const Fill& how) {
        set_server(key, plan.server,
                   [&](AttributeWriter& nest) { nest.nest(HEADGATE_A_SERVER_DRAIN, how); });
    }

    bool is_overloaded(const hg::ServiceKey& key) {
        const auto status = number(key, plan.server, HEADGATE_A_SERVER_STATUS);
        return (status & HEADGATE_STATUS_OVERLOADED) != 0;
    }

    void end(const Flow& conn) {
        EXPECT_EQ(must(lab.director.client().kill_conns({.client = conn.client})), 1U);
    }
};

TEST_F(ServerStates, a_service_has_timeouts_of_its_own) {
    const auto quick = add_service(Protocol::Udp, "rr", [](AttributeWriter& nest) {
        nest.nest(HEADGATE_A_SERVICE_TIMEOUTS,
                  [](AttributeWriter& timeouts) { timeouts.u32(HEADGATE_A_TIMEOUT_UDP, 300); });
    });
    const auto usual = add_service(Protocol::Udp, "rr", nothing, 81);
    add_server(quick, plan.server);
    add_server(usual, plan.server);
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server);
    EXPECT_EQ(way_of(flow(4001, 81).udp()), plan.server);
    EXPECT_EQ(lab.director.conn_of(flow(4000).client).value().timeout, 300ms);
    EXPECT_EQ(lab.director.conn_of(flow(4001).client).value().timeout, 300s);
    EXPECT_TRUE(eventually([&] { return !lab.director.conn_of(flow(4000).client); }));
    EXPECT_TRUE(lab.director.conn_of(flow(4001).client));
}

TEST_F(ServerStates, a_server_with_too_many_conns_takes_no_more_until_few_are_left) {
    const auto key = add_service(Protocol::Udp, "rr");
    add_server(key, plan.server, [](AttributeWriter& nest) {
        nest.u32(HEADGATE_A_SERVER_UPPER, 3).u32(HEADGATE_A_SERVER_LOWER, 2);
    });
    for (std::uint16_t port = 4000; port < 4003; port++) {
        EXPECT_FALSE(is_overloaded(key));
        EXPECT_EQ(way_of(flow(port).udp()), plan.server);
    }
    EXPECT_TRUE(is_overloaded(key));
    EXPECT_EQ(number(key, plan.server, HEADGATE_A_SERVER_EFFECTIVE_WEIGHT), 0U);
    const auto refused = lab.director.dropped(HEADGATE_DROP_NO_SERVER);
    lab.client.send(flow(4003).udp());
    EXPECT_TRUE(
        eventually([&] { return lab.director.dropped(HEADGATE_DROP_NO_SERVER) > refused; }));
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server) << "those it has go on";
    end(flow(4000));
    EXPECT_TRUE(is_overloaded(key)) << "two are not fewer than two";
    end(flow(4001));
    EXPECT_TRUE(eventually([&] { return !is_overloaded(key); }));
    EXPECT_EQ(way_of(flow(4004).udp()), plan.server);
}

// ip_vs takes three quarters too.
TEST_F(ServerStates, a_lower_threshold_that_nobody_set_is_three_quarters_of_the_upper) {
    const auto key = add_service(Protocol::Udp, "rr");
    add_server(key, plan.server,
               [](AttributeWriter& nest) { nest.u32(HEADGATE_A_SERVER_UPPER, 8); });
    EXPECT_EQ(number(key, plan.server, HEADGATE_A_SERVER_LOWER), 0U);
    for (std::uint16_t port = 4000; port < 4008; port++) {
        EXPECT_EQ(way_of(flow(port).udp()), plan.server);
    }
    end(flow(4000));
    end(flow(4001));
    must(lab.director.client().sweep());
    EXPECT_TRUE(is_overloaded(key)) << "six are not fewer than six";
    end(flow(4002));
    EXPECT_TRUE(eventually([&] { return !is_overloaded(key); }));
    EXPECT_EQ(way_of(flow(4008).udp()), plan.server);
}

TEST_F(ServerStates, a_drain_is_over_with_the_last_conn) {
    const auto key = add_service(Protocol::Udp, "rr");
    add_server(key, plan.server);
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server);
    drain(key, nothing);
    add_server(key, plan.third);
    EXPECT_EQ(way_of(flow(4001).udp()), plan.third) << "no new conns";
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server) << "the old one lives";
    EXPECT_EQ(number(key, plan.server, HEADGATE_A_SERVER_STATUS), 0U);
    end(flow(4000));
    EXPECT_TRUE(eventually([&] {
        return number(key, plan.server, HEADGATE_A_SERVER_STATUS) == HEADGATE_STATUS_DRAINED;
    }));
    set_server(key, plan.server, [](AttributeWriter& nest) {
        nest.u8(HEADGATE_A_SERVER_ADMIN_STATE, HEADGATE_ADMIN_READY);
    });
    EXPECT_EQ(number(key, plan.server, HEADGATE_A_SERVER_STATUS), 0U);
}

TEST_F(ServerStates, a_deadline_keeps_the_conns) {
    const auto key = add_service(Protocol::Udp, "rr");
    add_server(key, plan.server);
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server);
    drain(key, [](AttributeWriter& nest) { nest.u32(HEADGATE_A_DRAIN_DEADLINE, 100); });
    EXPECT_TRUE(eventually([&] {
        return number(key, plan.server, HEADGATE_A_SERVER_STATUS) == HEADGATE_STATUS_DRAINED;
    }));
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server);
}

TEST_F(ServerStates, a_deadline_resets_the_conns) {
    const auto key = add_service(Protocol::Tcp, "rr");
    add_server(key, plan.server);
    const auto tcp = flow(4000);
    EXPECT_EQ(way_of(tcp.tcp(kSyn)), plan.server);
    lab.server.send(tcp.tcp_reply(kSyn | kAck));
    EXPECT_TRUE(lab.client.receive());
    EXPECT_EQ(way_of(tcp.tcp(kAck)), plan.server);
    drain(key, [](AttributeWriter& nest) {
        nest.u32(HEADGATE_A_DRAIN_DEADLINE, 100).u8(HEADGATE_A_DRAIN_THEN, HEADGATE_THEN_RESET);
    });
    for (auto* const wire : {&lab.client, &lab.server}) {
        const auto reset = wire->receive();
        ASSERT_TRUE(reset);
        EXPECT_NE(std::get<Tcp>(reset->transport).flags & kRst, 0);
    }
}

TEST_F(ServerStates, a_drain_removes_the_server) {
    const auto key = add_service(Protocol::Udp, "rr");
    add_server(key, plan.server);
    add_server(key, plan.third);
    drain(key, [](AttributeWriter& nest) { nest.bytes(HEADGATE_A_DRAIN_REMOVE, {}); });
    EXPECT_TRUE(eventually([&] { return numbers(key, plan.server).empty(); }));
    EXPECT_FALSE(numbers(key, plan.third).empty());
}

class DownOwner : public States, public testing::WithParamInterface<headgate_down> {};

TEST_P(DownOwner, keeps_new_conns_away_until_it_says_otherwise) {
    const std::uint32_t others = HEADGATE_DOWN_ALL & ~GetParam();
    const auto key = add_service(Protocol::Udp, "rr");
    add_server(key, plan.server);
    add_server(key, plan.third);
    EXPECT_EQ(share_of_third(4000, 8), 4);
    set_down(key, plan.server, GetParam(), true);
    EXPECT_EQ(share_of_third(4100, 8), 8);
    set_down(key, plan.server, others, true);
    set_down(key, plan.server, others, false);
    EXPECT_EQ(share_of_third(4200, 8), 8) << "the others do not speak for it";
    set_down(key, plan.server, GetParam(), false);
    EXPECT_EQ(share_of_third(4300, 8), 4);
}

INSTANTIATE_TEST_SUITE_P(Owners, DownOwner,
                         testing::Values(HEADGATE_DOWN_ADMIN, HEADGATE_DOWN_CHECK,
                                         HEADGATE_DOWN_AGENT, HEADGATE_DOWN_OUTLIER),
                         [](const auto& owner) {
                             switch (owner.param) {
                             case HEADGATE_DOWN_ADMIN:
                                 return "admin";
                             case HEADGATE_DOWN_CHECK:
                                 return "check";
                             case HEADGATE_DOWN_AGENT:
                                 return "agent";
                             case HEADGATE_DOWN_OUTLIER:
                                 break;
                             }
                             return "outlier";
                         });

class OnDown : public States {
protected:
    // A service with a server that will go down, and its conns; then there is another server.
    hg::ServiceKey add(Protocol protocol, headgate_on_down rule) {
        const auto key = add_service(protocol, "rr", [&](AttributeWriter& nest) {
            nest.u8(HEADGATE_A_SERVICE_ON_DOWN, static_cast<std::uint8_t>(rule));
        });
        add_server(key, plan.server);
        return key;
    }

    void lose(const hg::ServiceKey& key) {
        add_server(key, plan.third);
        set_down(key, plan.server, HEADGATE_DOWN_CHECK, true);
    }

    void establish(const Flow& tcp) {
        EXPECT_EQ(way_of(tcp.tcp(kSyn)), plan.server);
        lab.server.send(tcp.tcp_reply(kSyn | kAck));
        EXPECT_TRUE(lab.client.receive());
        EXPECT_EQ(way_of(tcp.tcp(kAck)), plan.server);
    }
};

TEST_F(OnDown, keep_lets_conns_go_on) {
    const auto tcp = add(Protocol::Tcp, HEADGATE_ON_DOWN_KEEP);
    const auto udp = add(Protocol::Udp, HEADGATE_ON_DOWN_KEEP);
    establish(flow(4000));
    EXPECT_EQ(way_of(flow(4001).udp()), plan.server);
    lose(tcp);
    lose(udp);
    EXPECT_EQ(way_of(flow(4000).tcp(kAck | kPsh)), plan.server);
    EXPECT_EQ(way_of(flow(4001).udp()), plan.server);
    EXPECT_EQ(way_of(flow(4002).udp()), plan.third);
}

TEST_F(OnDown, reset_kills_tcp_conns) {
    const auto key = add(Protocol::Tcp, HEADGATE_ON_DOWN_RESET);
    establish(flow(4000));
    lose(key);
    for (auto* const wire : {&lab.client, &lab.server}) {
        const auto reset = wire->receive();
        ASSERT_TRUE(reset);
        EXPECT_NE(std::get<Tcp>(reset->transport).flags & kRst, 0);
    }
}

TEST_F(OnDown, reset_ends_udp_conns) {
    const auto key = add(Protocol::Udp, HEADGATE_ON_DOWN_RESET);
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server);
    lose(key);
    EXPECT_TRUE(eventually([&] { return !lab.director.conn_of(flow(4000).client); }));
    EXPECT_EQ(way_of(flow(4000).udp()), plan.third);
}

TEST_F(OnDown, reschedule_opens_udp_and_half_open_conns_anew) {
    const auto tcp = add(Protocol::Tcp, HEADGATE_ON_DOWN_RESCHEDULE);
    const auto udp = add(Protocol::Udp, HEADGATE_ON_DOWN_RESCHEDULE);
    establish(flow(4000));
    EXPECT_EQ(way_of(flow(4001).tcp(kSyn)), plan.server);
    EXPECT_EQ(way_of(flow(4002).udp()), plan.server);
    lose(tcp);
    lose(udp);
    EXPECT_EQ(way_of(flow(4002).udp()), plan.third);
    EXPECT_EQ(way_of(flow(4001).tcp(kSyn)), plan.third);
    EXPECT_EQ(way_of(flow(4000).tcp(kAck | kPsh)), plan.server) << "it is established";
}

TEST_F(OnDown, a_deleted_server_is_down_too) {
    const auto key = add(Protocol::Udp, HEADGATE_ON_DOWN_RESCHEDULE);
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server);
    add_server(key, plan.third);
    of_server(HEADGATE_CMD_DEL_SERVER, key, plan.server);
    EXPECT_EQ(way_of(flow(4000).udp()), plan.third);
}

} // namespace

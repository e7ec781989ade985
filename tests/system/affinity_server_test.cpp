// Clients that stay with their server, and what becomes of that: it goes down, drains, is deleted
// or overloaded, others come and go.
#include "affinity.h"

#include "codec.h"
#include "eventually.h"

#include <gmock/gmock.h>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using hg::Address;
using hg::Drained;
using hg::Mode;
using hg::Protocol;
using testing::IsEmpty;

TEST_F(AffinityTest, of_a_server_that_goes_down_is_lost) {
    serve(Protocol::Udp, {.timeout = kLong});
    EXPECT_EQ(way_of(4000), plan.server);
    set_down(plan.server, true);
    EXPECT_EQ(way_of(4001), plan.second);
    set_down(plan.server, false);
    EXPECT_EQ(way_of(4002), plan.second) << "it stays with the other";
}

TEST_F(AffinityTest, of_a_server_that_was_down_is_lost_for_those_who_were_away) {
    serve(Protocol::Udp, {.timeout = kLong});
    EXPECT_EQ(way_of(4000), plan.server);
    set_down(plan.server, true);
    EXPECT_TRUE(eventually([&] { return info().affinities == 0; }));
}

TEST_F(AffinityTest, of_a_server_in_maintenance_is_lost) {
    serve(Protocol::Udp, {.timeout = kLong});
    EXPECT_EQ(way_of(4000), plan.server);
    set_server(plan.server, {.admin_state = hg::AdminState::Maint});
    EXPECT_EQ(way_of(4001), plan.second);
}

TEST_F(AffinityTest, of_a_deleted_server_is_lost) {
    serve(Protocol::Udp, {.timeout = kLong});
    EXPECT_EQ(way_of(4000), plan.server);
    must(client().del_server(key, {plan.server, 80}));
    EXPECT_THAT(entries(), IsEmpty());
    EXPECT_TRUE(eventually([&] { return info().affinities == 0; }));
    lab.director.add_server(key, {plan.server, 0}, Mode::Nat);
    EXPECT_EQ(way_of(4001), plan.second) << "the new one is another server";
}

// Two services, one server and one port of a client: what comes second goes elsewhere, by itself.
TEST_F(AffinityTest, is_not_moved_by_a_conn_that_a_collision_sent_elsewhere) {
    const hg::ServiceKey other{Protocol::Udp, {plan.other_vip, 80}};
    must(client().add_service({.key = other, .scheduler = "rr"}));
    lab.director.add_server(other, {plan.server, 0}, Mode::Nat);
    auto first = flow(plan.client, 4000);
    first.vip = other.endpoint;
    EXPECT_EQ(way_of(first.udp()), plan.server);
    serve(Protocol::Udp, {.timeout = kLong});
    EXPECT_EQ(way_of(4001), plan.server);
    EXPECT_NE(way_of(4000), plan.server);
    EXPECT_EQ(way_of(4002), plan.server);
    EXPECT_EQ(entries().at(0).server.address, plan.server);
    EXPECT_EQ(entries().at(0).conns, 2U);
}

class AffinityDrain : public AffinityTest, public testing::WithParamInterface<hg::ServerChange> {
protected:
    Address way_when(Drained rule) {
        serve(Protocol::Udp, {.timeout = kLong, .drained = rule});
        EXPECT_EQ(way_of(4000), plan.server);
        set_server(plan.server, GetParam());
        return way_of(4001);
    }
};

TEST_P(AffinityDrain, keeps_its_clients) {
    EXPECT_EQ(way_when(Drained::Keep), plan.server);
    EXPECT_EQ(way_of(address("10.1.0.7"), 4000), plan.second) << "no new ones";
    set_affinity({.drained = Drained::Lose});
    EXPECT_EQ(way_of(4002), plan.third);
}

TEST_P(AffinityDrain, loses_its_clients) {
    EXPECT_EQ(way_when(Drained::Lose), plan.second);
    EXPECT_EQ(entries().at(0).server.address, plan.second);
}

TEST_F(AffinityTest, is_waited_for_by_a_drain) {
    serve(Protocol::Udp, {.timeout = kLong});
    EXPECT_EQ(way_of(4000), plan.server);
    EXPECT_EQ(way_of(address("10.1.0.7"), 4000), plan.second);
    end_conns();
    for (const auto& server : {plan.server, plan.third}) {
        set_server(server, {.drain = hg::Drain{.remove = true}});
    }
    EXPECT_TRUE(eventually([&] { return info().servers == 2; }));
    EXPECT_EQ(way_of(4001), plan.server) << "it has a client";
    end_conns();
    EXPECT_EQ(flush({.all = true}), 2U);
    EXPECT_TRUE(eventually([&] { return info().servers == 1; }));
}

class AffinityDeadline : public AffinityTest, public testing::WithParamInterface<hg::Then> {};

TEST_P(AffinityDeadline, of_a_drain_ends_it) {
    serve(Protocol::Udp, {.timeout = kLong});
    EXPECT_EQ(way_of(4000), plan.server);
    set_server(plan.server, {.drain = hg::Drain{.deadline = 300ms, .then = GetParam()}});
    EXPECT_EQ(way_of(4001), plan.server) << "until then it stays";
    EXPECT_TRUE(eventually([&] {
        return (must(client().server(key, {plan.server, 80})).status & HEADGATE_STATUS_DRAINED) !=
               0;
    }));
    EXPECT_EQ(way_of(4002), plan.second);
}

INSTANTIATE_TEST_SUITE_P(Then, AffinityDeadline, testing::Values(hg::Then::Keep, hg::Then::Reset),
                         [](const auto& then) { return std::string(name(then.param)); });

INSTANTIATE_TEST_SUITE_P(Ways, AffinityDrain,
                         testing::Values(hg::ServerChange{.admin_state = hg::AdminState::Drain},
                                         hg::ServerChange{.weight = 0},
                                         hg::ServerChange{.factor = 0}),
                         [](const auto& way) {
                             return std::string(way.param.admin_state ? "drain"
                                                : way.param.weight    ? "weight"
                                                                      : "factor");
                         });

TEST_F(AffinityTest, of_an_overloaded_server_stays) {
    serve(Protocol::Udp, {.timeout = kLong});
    set_server(plan.server, {.upper = 1});
    EXPECT_EQ(way_of(4000), plan.server);
    EXPECT_EQ(way_of(address("10.1.0.7"), 4000), plan.second);
    EXPECT_EQ(way_of(4001), plan.server);
}

TEST_F(AffinityTest, outlasts_other_servers_and_schedulers) {
    serve(Protocol::Udp, {.timeout = kLong});
    EXPECT_EQ(way_of(4000), plan.server);
    must(client().del_server(key, {plan.third, 80}));
    EXPECT_EQ(way_of(4001), plan.server);
    lab.director.add_server(key, {address("10.2.0.1"), 0}, Mode::Nat); // before it in order
    EXPECT_EQ(way_of(4002), plan.server);
    std::uint16_t port = 4003;
    for (const auto* scheduler : {"wlc", "mh", "sh", "wrr", "lc", "rr"}) {
        must(client().set_service(key, {.scheduler = scheduler}));
        EXPECT_EQ(way_of(port++), plan.server) << scheduler;
    }
    EXPECT_EQ(entries().at(0).conns, 9U);
}

TEST_F(AffinityTest, outlasts_a_transaction_that_replaces_the_pool) {
    serve(Protocol::Udp, {.timeout = kLong});
    EXPECT_EQ(way_of(4000), plan.server);
    const auto endpoint = [](const char* text) { return hg::Endpoint{address(text), 80}; };
    auto change = client().transaction();
    const auto generation = info().generation;
    must(change.begin());
    for (const auto* gone : {"10.2.0.12", "10.2.0.13"}) {
        must(change.stage(hg::del_server_request(key, endpoint(gone))));
    }
    for (const auto* come : {"10.2.0.2", "10.2.0.14"}) {
        must(change.stage(hg::add_server_request(key, {.endpoint = endpoint(come)})));
    }
    must(change.stage(hg::set_service_request(key, {.affinity = {.timeout = kLong / 2}})));
    must(change.commit(generation));
    EXPECT_EQ(way_of(4001), plan.server);
    EXPECT_EQ(entries().at(0).timeout, kLong / 2);
}

} // namespace

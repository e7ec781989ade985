// Clients that stay with their server: which of them, for how long, how many.
#include "affinity.h"

#include "eventually.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <map>
#include <set>
#include <thread>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using hg::Address;
using hg::Family;
using hg::Mode;
using hg::Protocol;
using testing::AllOf;
using testing::Ge;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

class AffinityOf : public AffinityTest, public testing::WithParamInterface<Family> {
protected:
    AffinityOf() : AffinityTest(GetParam()) {}

    [[nodiscard]] bool is_v4() const { return GetParam() == Family::V4; }

    const Address near = address(is_v4() ? "10.1.0.7" : "fd01::7");
    const Address far = address(is_v4() ? "10.7.0.2" : "fd07::2");
};

TEST_P(AffinityOf, keeps_a_client_on_its_server) {
    serve(Protocol::Udp, {.timeout = kLong});
    for (std::uint16_t port = 4000; port < 4005; port++) {
        EXPECT_EQ(way_of(port), plan.server);
    }
    EXPECT_EQ(way_of(near, 4000), plan.second) << "another client";
    EXPECT_EQ(way_of(near, 4001), plan.second);
    const auto all = entries();
    ASSERT_THAT(all, SizeIs(2));
    const auto& mine = all[0].client == plan.client ? all[0] : all[1];
    EXPECT_EQ(mine.client, plan.client);
    EXPECT_EQ(mine.prefix, is_v4() ? 32 : 128);
    EXPECT_EQ(mine.server.address, plan.server);
    EXPECT_EQ(mine.timeout, kLong);
    EXPECT_EQ(mine.expires, kLong);
    EXPECT_EQ(mine.conns, 5U);
    EXPECT_EQ(info().affinities, 2U);
}

TEST_P(AffinityOf, takes_the_clients_of_a_network_for_one) {
    const std::uint8_t prefix = is_v4() ? 24 : 64;
    serve(Protocol::Udp, {.timeout = kLong, .prefix = prefix});
    EXPECT_EQ(way_of(plan.client, 4000), plan.server);
    EXPECT_EQ(way_of(near, 4000), plan.server);
    EXPECT_EQ(way_of(far, 4000), plan.second);
    const auto all = entries({.client = hg::Endpoint{near, 0}});
    ASSERT_THAT(all, SizeIs(1)) << "the network that the client is in";
    EXPECT_EQ(all[0].client, address(is_v4() ? "10.1.0.0" : "fd01::"));
    EXPECT_EQ(all[0].prefix, prefix);
}

TEST_P(AffinityOf, tells_clients_apart_by_the_last_bit_of_the_prefix) {
    const std::uint8_t prefix = is_v4() ? 30 : 126; // .0 to .3
    serve(Protocol::Udp, {.timeout = kLong, .prefix = prefix});
    EXPECT_EQ(way_of(plan.client, 4000), plan.server);
    EXPECT_EQ(way_of(near, 4000), plan.second);
    EXPECT_EQ(way_of(address(is_v4() ? "10.1.0.3" : "fd01::3"), 4000), plan.server);
}

INSTANTIATE_TEST_SUITE_P(Families, AffinityOf, testing::Values(Family::V4, Family::V6),
                         FamilyName{});

class AffinityIn : public AffinityTest, public testing::WithParamInterface<Mode> {};

TEST_P(AffinityIn, every_mode_keeps_a_client_on_its_server) {
    serve(Protocol::Tcp, {.timeout = kLong}, GetParam());
    for (std::uint16_t port = 4000; port < 4004; port++) {
        EXPECT_EQ(way_of(flow(plan.client, port).tcp(kSyn)), plan.server);
    }
}

INSTANTIATE_TEST_SUITE_P(Modes, AffinityIn, testing::Values(Mode::Nat, Mode::Direct, Mode::Tunnel),
                         [](const auto& mode) { return std::string(hg::name(mode.param)); });

// The packets stay on the director, so its word has to do.
TEST_F(AffinityTest, the_mode_local_keeps_a_client_on_its_server) {
    key = {Protocol::Udp, {plan.vip, 80}};
    must(client().add_service({.key = key, .scheduler = "rr", .affinity = {.timeout = kLong}}));
    lab.director.add_server(key, {plan.director, 0}, Mode::Local);
    lab.director.add_server(key, {plan.director_inside, 0}, Mode::Local);
    const auto server_of = [&](const Address& client, std::uint16_t port) {
        lab.client.send(flow(client, port).udp());
        EXPECT_TRUE(eventually([&] { return lab.director.conn_of({client, port}).has_value(); }));
        return lab.director.conn_of({client, port}).value().server.address;
    };
    for (std::uint16_t port = 4000; port < 4004; port++) {
        EXPECT_EQ(server_of(plan.client, port), plan.director);
    }
    EXPECT_EQ(server_of(address("10.1.0.7"), 4000), plan.director_inside) << "another client";
    EXPECT_THAT(entries(), SizeIs(2));
}

TEST_F(AffinityTest, is_of_one_service) {
    serve(Protocol::Udp, {.timeout = kLong});
    EXPECT_EQ(way_of(4000), plan.server);
    EXPECT_EQ(way_of(4001), plan.server);
    const auto first = key;
    serve(Protocol::Tcp, {.timeout = kLong});
    set_down(plan.server, true);
    EXPECT_EQ(way_of(flow(plan.client, 4000).tcp(kSyn)), plan.second);
    EXPECT_EQ(way_of(4002), plan.server);
    must(client().del_service(first));
    EXPECT_TRUE(eventually([&] { return info().affinities == 1; }));
    EXPECT_EQ(way_of(flow(plan.client, 4001).tcp(kSyn)), plan.second);
}

TEST_F(AffinityTest, ends_when_the_client_was_away_for_its_time) {
    lab.director.set_timeout(HEADGATE_A_TIMEOUT_UDP, 100ms);
    serve(Protocol::Udp, {.timeout = 300ms});
    EXPECT_EQ(way_of(4000), plan.server);
    EXPECT_THAT(entries(), SizeIs(1));
    EXPECT_TRUE(eventually([&] { return entries().empty(); }));
    EXPECT_TRUE(eventually([&] { return info().affinities == 0; })) << "nobody has to ask";
    EXPECT_EQ(way_of(4001), plan.second);
}

TEST_F(AffinityTest, lasts_while_the_client_has_a_conn) {
    serve(Protocol::Udp, {.timeout = 100ms});
    EXPECT_EQ(way_of(4000), plan.server);
    EXPECT_TRUE(eventually([&] {
        return lab.director.conn_of({plan.client, 4000}).value().age > 500ms;
    }));
    must(client().sweep());
    EXPECT_EQ(way_of(4001), plan.server);
}

TEST_F(AffinityTest, waits_for_a_client_whose_conns_have_ended) {
    serve(Protocol::Udp, {.timeout = kLong});
    EXPECT_EQ(way_of(4000), plan.server);
    end_conns();
    const auto all = entries();
    ASSERT_THAT(all, SizeIs(1));
    EXPECT_EQ(all[0].conns, 0U);
    EXPECT_THAT(all[0].expires, AllOf(Ge(kLong - 1min), Le(kLong)));
    EXPECT_EQ(way_of(4001), plan.server);
}

TEST_F(AffinityTest, waits_for_a_client_whose_conns_were_killed) {
    serve(Protocol::Tcp, {.timeout = kLong}, Mode::Direct);
    EXPECT_EQ(way_of(flow(plan.client, 4000).tcp(kSyn)), plan.server);
    EXPECT_EQ(way_of(flow(plan.client, 4000).tcp(kAck)), plan.server);
    end_conns();
    EXPECT_TRUE(lab.server.receive()) << "its RST";
    EXPECT_EQ(way_of(flow(plan.client, 4000).tcp(kSyn)), plan.server);
}

// Or who forges addresses would fill the table.
TEST_F(AffinityTest, does_not_wait_for_a_client_that_never_came_through) {
    lab.director.set_timeout(HEADGATE_A_TIMEOUT_TCP_SYN_RECV, 200ms);
    serve(Protocol::Tcp, {.timeout = kLong});
    EXPECT_EQ(way_of(flow(plan.client, 4000).tcp(kSyn)), plan.server);
    EXPECT_THAT(entries(), SizeIs(1));
    EXPECT_TRUE(eventually([&] { return entries().empty(); }));
    EXPECT_EQ(way_of(flow(plan.client, 4001).tcp(kSyn)), plan.second);
}

TEST_F(AffinityTest, takes_another_timeout_with_the_next_conn) {
    serve(Protocol::Udp, {.timeout = kLong});
    EXPECT_EQ(way_of(4000), plan.server);
    set_affinity({.timeout = kLong / 2});
    EXPECT_EQ(entries().at(0).timeout, kLong);
    EXPECT_EQ(way_of(4001), plan.server);
    EXPECT_EQ(entries().at(0).timeout, kLong / 2);
}

TEST_F(AffinityTest, begins_and_ends_on_a_running_service) {
    serve(Protocol::Udp, {});
    EXPECT_EQ(way_of(4000), plan.server);
    EXPECT_EQ(way_of(4001), plan.second);
    EXPECT_THAT(entries(), IsEmpty());
    set_affinity({.timeout = kLong});
    EXPECT_EQ(way_of(4002), plan.third);
    EXPECT_EQ(way_of(4003), plan.third);
    set_affinity({.timeout = 0ms});
    EXPECT_THAT(entries(), IsEmpty());
    EXPECT_TRUE(eventually([&] { return info().affinities == 0; }));
    EXPECT_EQ(way_of(4004), plan.server);
}

TEST_F(AffinityTest, of_another_prefix_begins_anew) {
    serve(Protocol::Udp, {.timeout = kLong});
    EXPECT_EQ(way_of(4000), plan.server);
    set_affinity({.prefix = std::uint8_t{24}});
    EXPECT_THAT(entries(), IsEmpty());
    EXPECT_TRUE(eventually([&] { return info().affinities == 0; }));
    EXPECT_EQ(way_of(4001), plan.second);
    EXPECT_EQ(way_of(address("10.1.0.7"), 4000), plan.second);
}

TEST_F(AffinityTest, has_a_limit_beyond_which_clients_are_scheduled_without) {
    const auto limit = info().affinity_limit;
    const auto without = lab.director.dropped(HEADGATE_DROP_NO_AFFINITY);
    serve(Protocol::Udp, {.timeout = kLong});
    must(client().set_settings({.affinity_limit = 1}));
    EXPECT_EQ(info().affinity_limit, 1U);
    const auto other = address("10.1.0.7");
    EXPECT_EQ(way_of(4000), plan.server);
    EXPECT_EQ(way_of(other, 4000), plan.second);
    EXPECT_EQ(way_of(other, 4001), plan.third);
    EXPECT_EQ(way_of(4001), plan.server);
    EXPECT_EQ(info().affinities, 1U);
    EXPECT_EQ(lab.director.dropped(HEADGATE_DROP_NO_AFFINITY), without + 2);
    must(client().set_settings({.affinity_limit = limit}));
    EXPECT_EQ(way_of(other, 4002), plan.server);
    EXPECT_EQ(way_of(other, 4003), plan.server);
}

TEST_F(AffinityTest, is_listed_and_flushed_as_the_filter_says) {
    const auto other = address("10.7.0.2");
    serve(Protocol::Udp, {.timeout = kLong});
    EXPECT_EQ(way_of(plan.client, 4000), plan.server);
    EXPECT_EQ(way_of(other, 4000), plan.second);
    const auto of_server = [](const Address& server) {
        return hg::ConnFilter{.server = hg::Endpoint{server, 0}};
    };
    const hg::ConnFilter of_network{.client = hg::Endpoint{address("10.7.0.0"), 0},
                                    .client_prefix = std::uint8_t{16}};
    const hg::ServiceKey elsewhere{Protocol::Udp, {plan.vip, 81}};
    EXPECT_THAT(entries({.service = key}), SizeIs(2));
    EXPECT_THAT(entries({.service = elsewhere}), IsEmpty());
    EXPECT_THAT(entries(of_server(plan.third)), IsEmpty());
    ASSERT_THAT(entries(of_server(plan.second)), SizeIs(1));
    ASSERT_THAT(entries(of_network), SizeIs(1));
    EXPECT_EQ(entries(of_network).at(0).client, other);

    EXPECT_EQ(flush(of_server(plan.third)), 0U);
    EXPECT_EQ(flush(of_network), 1U);
    ASSERT_THAT(entries(), SizeIs(1));
    EXPECT_EQ(way_of(other, 4000), plan.second) << "conns go on";
    EXPECT_EQ(way_of(other, 4001), plan.third) << "scheduled anew";
    EXPECT_EQ(flush({.all = true}), 2U);
    EXPECT_EQ(info().affinities, 0U);
}

// More than a datagram of the dump holds, and enough for the table to grow.
TEST_F(AffinityTest, is_listed_whole) {
    serve(Protocol::Udp, {.timeout = kLong});
    constexpr int kMany = 400;
    for (int i = 0; i < kMany; i++) {
        way_of(address("10.7." + std::to_string(i / 200) + "." + std::to_string(i % 200 + 1)),
               4000);
    }
    EXPECT_TRUE(eventually([&] { return entries().size() == kMany; }));
}

// Each client's two conns come in at once on two CPUs, which both find that it has no server.
TEST_F(AffinityTest, is_one_for_two_cpus) {
    serve(Protocol::Udp, {.timeout = kLong});
    Wire second(lab.cables, "clients", kClientMac, kClientsMac);
    constexpr int kClients = 200;
    const auto send = [&](Wire& wire, std::uint16_t port) {
        for (int i = 1; i <= kClients; i++) {
            wire.send(flow(address("10.7.0." + std::to_string(i)), port).udp());
        }
    };
    std::thread other(send, std::ref(second), 4001);
    send(lab.client, 4000);
    other.join();
    EXPECT_TRUE(
        eventually([&] { return lab.director.conns().size() == std::size_t{2} * kClients; }));
    std::map<Address, std::set<Address>> servers;
    for (const auto& conn : lab.director.conns()) {
        servers[conn.client.address].insert(conn.server.address);
    }
    EXPECT_EQ(servers.size(), std::size_t{kClients});
    EXPECT_TRUE(std::all_of(servers.begin(), servers.end(),
                            [](const auto& of) { return of.second.size() == 1; }));
}

} // namespace

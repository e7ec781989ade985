// The table of conns as it is read: filtered, counted, resized under the reader.
#include "eventually.h"
#include "flow.h"
#include "two_wires.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <utility>

namespace {

using namespace hg::test;
using hg::Address;
using hg::Client;
using hg::Conn;
using hg::ConnFilter;
using hg::Endpoint;
using hg::Family;
using hg::Mode;
using hg::Protocol;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// TCP by two servers in turn, UDP by a third; each conn is known by its client's port.
class Conns : public testing::TestWithParam<Family> {
protected:
    void SetUp() override {
        web = lab.director.add_service(Protocol::Tcp, {plan.vip, 80});
        lab.director.add_server(web, {plan.server, 80}, Mode::Nat);
        lab.director.add_server(web, {plan.second, 8080}, Mode::Nat);
        dns = lab.director.add_service(Protocol::Udp, {plan.other_vip, 53});
        lab.director.add_server(dns, {plan.third, 53}, Mode::Nat);
    }

    // And waits until the director has passed it on: then the conn is what it makes of it.
    void send(const Packet& packet) {
        lab.client.send(packet);
        EXPECT_TRUE(lab.server.receive());
    }

    void open_web(std::uint16_t port, const Address& client) { send(flow(client, port).tcp(kSyn)); }

    void open_web(std::uint16_t port) { open_web(port, plan.client); }

    void establish_web(std::uint16_t port) {
        open_web(port);
        send(flow(plan.client, port).tcp(kAck));
    }

    void open_dns(std::uint16_t port) {
        send(Flow{{plan.client, port}, {plan.other_vip, 53}, {plan.third, 53}}.udp(filler(20)));
    }

    Flow flow(const Address& client, std::uint16_t port) {
        return {{client, port}, {plan.vip, 80}, {plan.server, 80}};
    }

    std::vector<std::uint16_t> ports(const ConnFilter& filter) {
        std::vector<std::uint16_t> out;
        must(lab.director.client().list_conns(filter, [&](const Conn& conn) {
            out.push_back(conn.client.port);
            return Client::Next::Go;
        }));
        return out;
    }

    const Plan& plan = plan_of(GetParam());
    TwoWires& lab = TwoWires::shared();
    hg::ServiceKey web;
    hg::ServiceKey dns;
};

TEST_P(Conns, are_filtered_by_service) {
    open_web(1001);
    open_dns(1002);
    EXPECT_THAT(ports({}), UnorderedElementsAre(1001, 1002));
    EXPECT_THAT(ports({.service = web}), ElementsAre(1001));
    EXPECT_THAT(ports({.service = dns}), ElementsAre(1002));
    EXPECT_THAT(ports({.service = hg::ServiceKey{Protocol::Udp, web.endpoint}}), IsEmpty());
    EXPECT_THAT(ports({.service = hg::ServiceKey{Protocol::Tcp, {plan.vip, 81}}}), IsEmpty());
}

TEST_P(Conns, are_filtered_by_server) {
    open_web(1001);
    open_web(1002);
    EXPECT_THAT(ports({.server = Endpoint{plan.server, 0}}), ElementsAre(1001));
    EXPECT_THAT(ports({.server = Endpoint{plan.second, 8080}}), ElementsAre(1002));
    EXPECT_THAT(ports({.server = Endpoint{plan.second, 80}}), IsEmpty());
    EXPECT_THAT(ports({.server = Endpoint{plan.third, 0}}), IsEmpty());
}

TEST_P(Conns, are_filtered_by_client) {
    const auto v4 = GetParam() == Family::V4;
    const auto near = address(v4 ? "10.1.0.7" : "fd01::7");
    const auto far = address(v4 ? "10.7.0.2" : "fd07::2");
    open_web(1001);
    open_web(1002, near);
    open_web(1003, far);
    const std::uint8_t net = v4 ? 24 : 64;
    const std::uint8_t host = v4 ? 29 : 125; // .0 to .7
    const std::uint8_t most = v4 ? 30 : 126; // .0 to .3
    EXPECT_THAT(ports({.client = Endpoint{plan.client, 0}}), ElementsAre(1001));
    EXPECT_THAT(ports({.client = Endpoint{near, 1002}}), ElementsAre(1002));
    EXPECT_THAT(ports({.client = Endpoint{near, 1001}}), IsEmpty());
    EXPECT_THAT(ports({.client = Endpoint{near, 0}, .client_prefix = net}),
                UnorderedElementsAre(1001, 1002));
    EXPECT_THAT(ports({.client = Endpoint{plan.client, 0}, .client_prefix = host}),
                UnorderedElementsAre(1001, 1002));
    EXPECT_THAT(ports({.client = Endpoint{plan.client, 0}, .client_prefix = most}),
                ElementsAre(1001));
    EXPECT_THAT(ports({.client = Endpoint{near, 0}, .client_prefix = 0}),
                UnorderedElementsAre(1001, 1002, 1003));
    const auto other = plan_of(v4 ? Family::V6 : Family::V4).client;
    EXPECT_THAT(ports({.client = Endpoint{other, 0}, .client_prefix = 0}), IsEmpty());
}

TEST_P(Conns, are_filtered_by_state) {
    open_web(1001);
    establish_web(1002);
    open_dns(1003);
    establish_web(1004);
    must(lab.director.client().kill_conns({.client = Endpoint{plan.client, 1004}}));
    const auto established = 1U << HEADGATE_TCP_ESTABLISHED;
    EXPECT_THAT(ports({.states = 1U << HEADGATE_TCP_SYN_RECV}), ElementsAre(1001));
    EXPECT_THAT(ports({.states = established}), ElementsAre(1002));
    EXPECT_THAT(ports({.states = HEADGATE_CONN_STATE_F_UDP}), ElementsAre(1003));
    EXPECT_THAT(ports({.states = HEADGATE_CONN_STATE_F_KILLED}), ElementsAre(1004));
    EXPECT_THAT(ports({.states = established | HEADGATE_CONN_STATE_F_UDP}),
                UnorderedElementsAre(1002, 1003));
    EXPECT_THAT(ports({.service = web, .states = HEADGATE_CONN_STATE_F_UDP}), IsEmpty());
}

TEST_P(Conns, are_filtered_by_age) {
    constexpr milliseconds kOld{300};
    open_web(1001);
    EXPECT_TRUE(eventually([&] {
        const auto conn = lab.director.conn_of({plan.client, 1001});
        return conn && conn->age > kOld;
    }));
    open_web(1002);
    EXPECT_THAT(ports({.max_age = milliseconds(0)}), testing::Not(testing::Contains(1001)));
    EXPECT_THAT(ports({.min_age = kOld}), testing::Contains(1001));
    EXPECT_THAT(ports({.min_age = std::chrono::hours(1)}), IsEmpty());
    EXPECT_THAT(ports({.max_age = std::chrono::hours(1)}), UnorderedElementsAre(1001, 1002));
}

TEST_P(Conns, are_counted_by_server_and_state) {
    for (std::uint16_t port = 1001; port <= 1003; port++) {
        open_web(port);
    }
    establish_web(1004);
    open_dns(1005);
    must(lab.director.client().kill_conns({.client = Endpoint{plan.client, 1003}}));
    hg::ConnCount first{.service = web, .server = {plan.server, 80}};
    first.conns[HEADGATE_TCP_SYN_RECV] = 1;
    first.conns[HEADGATE_A_COUNTS_KILLED - 1] = 1;
    hg::ConnCount second{.service = web, .server = {plan.second, 8080}};
    second.conns[HEADGATE_TCP_SYN_RECV] = 1;
    second.conns[HEADGATE_TCP_ESTABLISHED] = 1;
    hg::ConnCount third{.service = dns, .server = {plan.third, 53}};
    third.conns[HEADGATE_A_COUNTS_UDP - 1] = 1;
    auto& client = lab.director.client();
    EXPECT_TRUE(must(client.count_conns({})).servers.size() == 3);
    EXPECT_THAT(must(client.count_conns({.server = first.server})).servers,
                testing::Contains(first).Times(1));
    EXPECT_THAT(must(client.count_conns({.server = second.server})).servers,
                testing::Contains(second).Times(1));
    EXPECT_THAT(must(client.count_conns({.service = dns})).servers,
                testing::Contains(third).Times(1));
    EXPECT_TRUE(must(client.count_conns({.server = Endpoint{plan.remote, 0}})).servers.empty());
}

TEST_P(Conns, are_killed_as_the_filter_says) {
    open_web(1001);
    open_web(1002);
    open_dns(1003);
    EXPECT_EQ(must(lab.director.client().kill_conns({.server = Endpoint{plan.second, 0}})), 1U);
    EXPECT_THAT(ports({.states = HEADGATE_CONN_STATE_F_KILLED}), ElementsAre(1002));
    EXPECT_EQ(must(lab.director.client().kill_conns({.all = true})), 2U);
    EXPECT_THAT(ports({}), UnorderedElementsAre(1001, 1002));
}

// Each try doubles the conns while they are listed; the table follows at its own pace.
TEST_P(Conns, that_move_under_a_dump_are_said_to) {
    std::uint16_t next = 1;
    const auto open_more = [&](std::uint16_t count) {
        while (count-- > 0 && next < 60000) {
            open_dns(next++);
        }
    };
    open_more(1000);
    EXPECT_TRUE(eventually([&] {
        bool begun = false;
        const auto walk = must(lab.director.client().list_conns({}, [&](const Conn& /*conn*/) {
            if (!std::exchange(begun, true)) {
                open_more(next);
            }
            return Client::Next::Go;
        }));
        return walk.duplicates;
    }));
}

TEST_P(Conns, are_there_for_the_next_dump_when_one_is_broken_off) {
    constexpr std::uint16_t kMany = 1000;
    for (std::uint16_t i = 1; i <= kMany; i++) {
        open_dns(i);
    }
    const auto inside = lab.inside.enter(); // the broken-off dump's socket is opened anew
    const auto walk = must(lab.director.client().list_conns(
        {}, [](const Conn& /*conn*/) { return Client::Next::Stop; }));
    EXPECT_TRUE(walk.stopped);
    auto all = ports({});
    std::sort(all.begin(), all.end());
    EXPECT_EQ(std::unique(all.begin(), all.end()) - all.begin(), kMany);
}

// A million takes a hundred times as long as ten thousand, and not ten thousand times.
TEST_P(Conns, are_dumped_in_a_time_that_grows_as_their_number) {
    constexpr std::uint16_t kFew = 1000;
    constexpr std::uint16_t kMany = 10000;
    const auto quickest_dump = [&] {
        auto out = std::chrono::nanoseconds::max();
        for (int i = 0; i < 5; i++) {
            const auto begin = std::chrono::steady_clock::now();
            must(lab.director.client().list_conns(
                {}, [](const Conn& /*conn*/) { return Client::Next::Go; }));
            out = std::min<std::chrono::nanoseconds>(out, std::chrono::steady_clock::now() - begin);
        }
        return out;
    };
    for (std::uint16_t i = 1; i <= kFew; i++) {
        open_dns(i);
    }
    const auto few = quickest_dump();
    for (std::uint16_t i = kFew + 1; i <= kMany; i++) {
        open_dns(i);
    }
    EXPECT_LT(quickest_dump(), 3 * few * (kMany / kFew));
}

INSTANTIATE_TEST_SUITE_P(Families, Conns, testing::Values(Family::V4, Family::V6), FamilyName{});

} // namespace

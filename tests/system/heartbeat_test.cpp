// What the module does for the daemon: its heartbeat, its mark on services, and clients that wait
// for a server which the daemon found dead.
#include "states.h"

#include "eventually.h"

#include <gmock/gmock.h>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using hg::AttributeWriter;
using hg::Protocol;

class HeartbeatTest : public States {
protected:
    hg::Client& client = lab.director.client();
};

TEST_F(HeartbeatTest, is_told_with_its_age_and_changes_nothing_else) {
    const auto before = must(client.info());
    must(client.heartbeat(5s));
    const auto after = must(client.info());
    ASSERT_TRUE(after.heartbeat);
    EXPECT_EQ(after.heartbeat->interval, 5s);
    EXPECT_LT(after.heartbeat->age, 5s);
    EXPECT_EQ(after.generation, before.generation);
    EXPECT_TRUE(eventually([&] { return must(client.info()).heartbeat->age > 10ms; }));
}

TEST_F(HeartbeatTest, needs_its_interval) {
    const auto verdict = requests->send(HEADGATE_CMD_HEARTBEAT, nothing);
    EXPECT_EQ(verdict,
              (Verdict{EINVAL, "missing: within what time the next heartbeat comes", "heartbeat"}));
}

TEST_F(HeartbeatTest, has_an_interval_of_up_to_an_hour) {
    for (const auto interval : {0U, HEADGATE_HEARTBEAT_MAX + 1U}) {
        const auto verdict = requests->send(HEADGATE_CMD_HEARTBEAT, [&](AttributeWriter& top) {
            top.u32(HEADGATE_A_HEARTBEAT, interval);
        });
        EXPECT_EQ(verdict, (Verdict{ERANGE, "integer out of range: 1 to 3600000", "heartbeat"}));
    }
}

TEST_F(HeartbeatTest, a_service_is_marked_as_managed_until_that_is_taken_away) {
    const auto key = add_service(Protocol::Tcp, "rr");
    EXPECT_FALSE(must(client.service(key)).managed);
    must(client.set_service(key, {.managed = true}));
    EXPECT_TRUE(must(client.service(key)).managed);
    must(client.set_service(key, {.hash_port = true}));
    EXPECT_TRUE(must(client.service(key)).managed);
    must(client.set_service(key, {.managed = false}));
    EXPECT_FALSE(must(client.service(key)).managed);
}

class HalfOpen : public States, public testing::WithParamInterface<std::uint8_t> {
protected:
    // A service with a server of that mode.
    hg::ServiceKey one_server() {
        const auto key = add_service(Protocol::Tcp, "rr");
        add(key, plan.server);
        return key;
    }

    void add(const hg::ServiceKey& key, const hg::Address& server) {
        add_server(key, server,
                   [](AttributeWriter& nest) { nest.u8(HEADGATE_A_SERVER_MODE, GetParam()); });
    }
};

TEST_P(HalfOpen, is_scheduled_anew_when_its_server_is_down) {
    const auto key = one_server();
    const auto conn = flow(4000);
    EXPECT_EQ(way_of(conn.tcp(kSyn)), plan.server);
    add(key, plan.third);
    EXPECT_EQ(way_of(conn.tcp(kSyn)), plan.server) << "while that is up, it stays";
    set_down(key, plan.server, HEADGATE_DOWN_CHECK, true);
    EXPECT_EQ(way_of(conn.tcp(kSyn)), plan.third);
    EXPECT_EQ(way_of(conn.tcp(kAck)), plan.third);
}

TEST_P(HalfOpen, is_scheduled_anew_when_its_server_was_deleted) {
    const auto key = one_server();
    const auto conn = flow(4000);
    EXPECT_EQ(way_of(conn.tcp(kSyn)), plan.server);
    add(key, plan.third);
    of_server(HEADGATE_CMD_DEL_SERVER, key, plan.server);
    EXPECT_EQ(way_of(conn.tcp(kSyn)), plan.third);
}

TEST_P(HalfOpen, stays_where_it_is_once_it_is_established) {
    const auto key = one_server();
    const auto conn = flow(4000);
    EXPECT_EQ(way_of(conn.tcp(kSyn)), plan.server);
    EXPECT_EQ(way_of(conn.tcp(kAck)), plan.server);
    add(key, plan.third);
    set_down(key, plan.server, HEADGATE_DOWN_CHECK, true);
    EXPECT_EQ(way_of(conn.tcp(kSyn)), plan.server);
    EXPECT_EQ(way_of(conn.tcp(kAck)), plan.server);
}

INSTANTIATE_TEST_SUITE_P(Modes, HalfOpen, testing::Values(HEADGATE_MODE_NAT, HEADGATE_MODE_DIRECT),
                         [](const auto& test) {
                             return std::string(hg::name(static_cast<hg::Mode>(test.param)));
                         });

} // namespace

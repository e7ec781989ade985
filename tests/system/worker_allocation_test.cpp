// The module's own work without memory: it goes on, and is made up for when there is memory again.
// And packets.
#include "eventually.h"
#include "fail_nth.h"
#include "place.h"
#include "states.h"

#include <gtest/gtest.h>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace hg::test;
using hg::AttributeWriter;
using hg::Protocol;

class WorkerAllocationFailure : public States {
protected:
    void SetUp() override {
        if (access(kFailNth, F_OK) != 0) {
            GTEST_SKIP() << "this kernel has no fault injection";
        }
        FailNth::prepare();
    }

    template <class Condition> static bool eventually_without_memory(Condition condition) {
        return eventually([&] {
            FailWorkers::take_new();
            return condition();
        });
    }

    void drain(const hg::ServiceKey& key, const Fill& how) {
        set_server(key, plan.server,
                   [&](AttributeWriter& nest) { nest.nest(HEADGATE_A_SERVER_DRAIN, how); });
    }

    bool has_status(const hg::ServiceKey& key, std::uint32_t bit) {
        return (number(key, plan.server, HEADGATE_A_SERVER_STATUS) & bit) != 0;
    }
};

class PacketAllocationFailure : public WorkerAllocationFailure {};

TEST_F(WorkerAllocationFailure, a_drained_server_stays_until_it_can_be_removed) {
    const auto key = add_service(Protocol::Tcp, "mh");
    add_server(key, plan.server);
    add_server(key, plan.third);
    std::optional<FailWorkers> fault(std::in_place);
    drain(key, [](AttributeWriter& nest) { nest.bytes(HEADGATE_A_DRAIN_REMOVE, {}); });
    // A worker says so in the same moment in which it removes.
    EXPECT_TRUE(
        eventually_without_memory([&] { return has_status(key, HEADGATE_STATUS_DRAINED); }));
    EXPECT_FALSE(numbers(key, plan.server).empty());
    EXPECT_EQ(way_of(flow(4000).tcp(kSyn)), plan.third);
    fault.reset();
    EXPECT_TRUE(eventually([&] { return numbers(key, plan.server).empty(); }));
    EXPECT_FALSE(numbers(key, plan.third).empty());
}

TEST_F(WorkerAllocationFailure, a_slow_start_gets_its_share_when_the_tables_can_be_made) {
    const auto key = add_service(Protocol::Udp, "mh", [](AttributeWriter& nest) {
        nest.u32(HEADGATE_A_SERVICE_SLOW_START, 3000)
            .bitfield32(HEADGATE_A_SERVICE_FLAGS, HEADGATE_SERVICE_F_HASH_PORT,
                        HEADGATE_SERVICE_F_HASH_PORT);
    });
    add_server(key, plan.server);
    std::optional<FailWorkers> fault(std::in_place);
    add_server(key, plan.third);
    EXPECT_TRUE(eventually_without_memory(
        [&] { return number(key, plan.third, HEADGATE_A_SERVER_RAMP) == 1000; }));
    EXPECT_LE(share_of_third(4000, 60), 20) << "an eighth, by chance more";
    fault.reset();
    EXPECT_TRUE(eventually([&] {
        must(lab.director.client().kill_conns({.all = true}));
        return share_of_third(5000, 60) >= 21; // a half, by chance less
    }));
}

TEST_F(WorkerAllocationFailure, conns_end_though_their_ends_cannot_be_told) {
    const auto key = add_service(Protocol::Tcp, "rr");
    add_server(key, plan.server);
    const auto conn = flow(4000);
    EXPECT_EQ(way_of(conn.tcp(kSyn)), plan.server);
    lab.server.send(conn.tcp_reply(kSyn | kAck));
    EXPECT_TRUE(lab.client.receive());
    EXPECT_EQ(way_of(conn.tcp(kAck)), plan.server);
    std::optional<FailWorkers> fault(std::in_place);
    drain(key, [](AttributeWriter& nest) {
        nest.u32(HEADGATE_A_DRAIN_DEADLINE, 100).u8(HEADGATE_A_DRAIN_THEN, HEADGATE_THEN_RESET);
    });
    EXPECT_TRUE(eventually_without_memory([&] {
        const auto now = lab.director.conn_of(conn.client);
        return now && (now->flags & HEADGATE_CONN_F_KILLED) != 0;
    }));
    fault.reset();
    // What comes yet is answered.
    lab.client.send(conn.tcp(kAck | kPsh));
    const auto reset = lab.client.receive();
    ASSERT_TRUE(reset);
    EXPECT_NE(std::get<Tcp>(reset->transport).flags & kRst, 0);
}

// What a client on the director sends is balanced in its own system call, where faults strike.
TEST_F(PacketAllocationFailure, is_counted_where_the_packet_is_dropped) {
    const auto key = add_service(Protocol::Udp, "rr");
    add_server(key, plan.server);
    const auto to = to_sockaddr({plan.vip, 80});
    const auto dropped = [&] { return lab.director.dropped(HEADGATE_DROP_NO_MEMORY); };
    const auto before = dropped();
    const FailNth fail;
    const auto inside = lab.inside.enter();
    for (int n = 1; n < 100 && dropped() == before; n++) {
        const hg::Fd client(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        fail.arm(n);
        (void)sendto(client.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
        (void)fail.disarm();
    }
    EXPECT_GT(dropped(), before);
    lab.client.send(flow(4000).udp()); // all goes on
    EXPECT_TRUE(eventually([&] { return lab.director.conn_of(flow(4000).client).has_value(); }));
}

} // namespace

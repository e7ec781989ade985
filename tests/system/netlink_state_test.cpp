// Netlink requests that are refused for what they say of states: timeouts of a service's own, slow
// start, thresholds, drains, admin states.
#include "refusal.h"

#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using hg::AttributeWriter;

Fill own_timeout(std::uint32_t ms) {
    return service_with([ms](AttributeWriter& service) {
        service.nest(HEADGATE_A_SERVICE_TIMEOUTS,
                     [ms](AttributeWriter& timeouts) { timeouts.u32(HEADGATE_A_TIMEOUT_UDP, ms); });
    });
}

Fill drain_of(const Fill& how) {
    return server_with(
        [how](AttributeWriter& server) { server.nest(HEADGATE_A_SERVER_DRAIN, how); });
}

Fill drain_beside(headgate_admin_state state) {
    return server_with([state](AttributeWriter& server) {
        server.u8(HEADGATE_A_SERVER_ADMIN_STATE, static_cast<std::uint8_t>(state));
        server.nest(HEADGATE_A_SERVER_DRAIN, nothing);
    });
}

const std::vector<Refused> kServiceStates{
    {"slow_start_over_an_hour",
     HEADGATE_CMD_SET_SERVICE,
     service_with(
         [](AttributeWriter& service) { service.u32(HEADGATE_A_SERVICE_SLOW_START, 3600001); }),
     {ERANGE, "integer out of range: 0 to 3600000", "service.slow_start"}},
    {"on_down_unknown",
     HEADGATE_CMD_SET_SERVICE,
     service_with([](AttributeWriter& service) { service.u8(HEADGATE_A_SERVICE_ON_DOWN, 3); }),
     {ERANGE, "integer out of range: 0 to 2", "service.on_down"}},
    {"own_timeout_of_a_millisecond",
     HEADGATE_CMD_SET_SERVICE,
     own_timeout(1),
     {ERANGE, "a timeout of 1 ms: 100 is the least, 0 the namespace's", "service.timeouts.udp"}},
    {"own_timeout_below_the_least",
     HEADGATE_CMD_SET_SERVICE,
     own_timeout(99),
     {ERANGE, "a timeout of 99 ms: 100 is the least, 0 the namespace's", "service.timeouts.udp"}},
    {"own_timeout_over_ten_days",
     HEADGATE_CMD_SET_SERVICE,
     own_timeout(864000001),
     {ERANGE, "integer out of range: 0 to 864000000", "service.timeouts.udp"}},
    {"own_timeout_of_a_new_service",
     HEADGATE_CMD_NEW_SERVICE,
     new_service_with([](AttributeWriter& service) {
         service.text(HEADGATE_A_SERVICE_SCHEDULER, "rr");
         service.nest(HEADGATE_A_SERVICE_TIMEOUTS, [](AttributeWriter& timeouts) {
             timeouts.u32(HEADGATE_A_TIMEOUT_TCP_CLOSE, 99);
         });
     }),
     {ERANGE, "a timeout of 99 ms: 100 is the least, 0 the namespace's",
      "service.timeouts.tcp_close"}},
    {"name_with_more_behind_it",
     HEADGATE_CMD_SET_SERVICE,
     service_with([](AttributeWriter& service) {
         service.text(HEADGATE_A_SERVICE_NAME, std::string_view("a\0b", 3));
     }),
     {EINVAL, "the name goes on after its NUL", "service.name"}},
    {"scheduler_with_more_behind_it",
     HEADGATE_CMD_SET_SERVICE,
     service_with([](AttributeWriter& service) {
         service.text(HEADGATE_A_SERVICE_SCHEDULER, std::string_view("rr\0b", 4));
     }),
     {EINVAL, "the scheduler's name goes on after its NUL", "service.scheduler"}},
};

INSTANTIATE_TEST_SUITE_P(ServiceStates, NetlinkRefusal, testing::ValuesIn(kServiceStates),
                         RefusedName{});
INSTANTIATE_TEST_SUITE_P(ServiceStates, StagedRefusal, testing::ValuesIn(staged(kServiceStates)),
                         RefusedName{});

const std::vector<Refused> kServerStates{
    {"admin_state_unknown",
     HEADGATE_CMD_SET_SERVER,
     server_with([](AttributeWriter& server) { server.u8(HEADGATE_A_SERVER_ADMIN_STATE, 3); }),
     {ERANGE, "integer out of range: 0 to 2", "server.admin_state"}},
    {"tunnel_unknown",
     HEADGATE_CMD_SET_SERVER,
     server_with([](AttributeWriter& server) { server.u8(HEADGATE_A_SERVER_TUNNEL, 1); }),
     {ERANGE, "integer out of range: 0 to 0", "server.tunnel"}},
    {"upper_over_the_most",
     HEADGATE_CMD_SET_SERVER,
     server_with([](AttributeWriter& server) { server.u32(HEADGATE_A_SERVER_UPPER, 67108864); }),
     {ERANGE, "integer out of range: 0 to 67108863", "server.upper"}},
    {"lower_over_the_most",
     HEADGATE_CMD_SET_SERVER,
     server_with([](AttributeWriter& server) { server.u32(HEADGATE_A_SERVER_LOWER, 67108864); }),
     {ERANGE, "integer out of range: 0 to 67108863", "server.lower"}},
    {"lower_over_upper",
     HEADGATE_CMD_SET_SERVER,
     server_with([](AttributeWriter& server) {
         server.u32(HEADGATE_A_SERVER_UPPER, 4).u32(HEADGATE_A_SERVER_LOWER, 5);
     }),
     {EINVAL, "the lower threshold, 5, is over the upper one, 4", "server.lower"}},
    {"lower_over_upper_of_a_new_server",
     HEADGATE_CMD_NEW_SERVER,
     server_of([](AttributeWriter& server) {
         address4(server, HEADGATE_A_SERVER_ADDRESS, {10, 1, 0, 9});
         server.u32(HEADGATE_A_SERVER_UPPER, 4).u32(HEADGATE_A_SERVER_LOWER, 5);
     }),
     {EINVAL, "the lower threshold, 5, is over the upper one, 4", "server.lower"}},
    {"lower_without_upper",
     HEADGATE_CMD_SET_SERVER,
     server_with([](AttributeWriter& server) { server.u32(HEADGATE_A_SERVER_LOWER, 1); }),
     {EINVAL, "the lower threshold, 1, is over the upper one, 0", "server.lower"}},
    {"deadline_over_ten_days",
     HEADGATE_CMD_SET_SERVER,
     drain_of([](AttributeWriter& drain) { drain.u32(HEADGATE_A_DRAIN_DEADLINE, 864000001); }),
     {ERANGE, "integer out of range: 0 to 864000000", "server.drain.deadline"}},
    {"then_unknown",
     HEADGATE_CMD_SET_SERVER,
     drain_of([](AttributeWriter& drain) { drain.u8(HEADGATE_A_DRAIN_THEN, 2); }),
     {ERANGE, "integer out of range: 0 to 1", "server.drain.then"}},
    {"left_is_read_only",
     HEADGATE_CMD_SET_SERVER,
     drain_of([](AttributeWriter& drain) { drain.u32(HEADGATE_A_DRAIN_LEFT, 1); }),
     {EINVAL, "read-only attribute", "server.drain.left"}},
    {"drain_of_a_ready_server",
     HEADGATE_CMD_SET_SERVER,
     drain_beside(HEADGATE_ADMIN_READY),
     {EINVAL, "a drain beside an admin state that is not drain", "server.admin_state"}},
    {"drain_of_a_server_in_maintenance",
     HEADGATE_CMD_SET_SERVER,
     drain_beside(HEADGATE_ADMIN_MAINT),
     {EINVAL, "a drain beside an admin state that is not drain", "server.admin_state"}},
};

INSTANTIATE_TEST_SUITE_P(ServerStates, NetlinkRefusal, testing::ValuesIn(kServerStates),
                         RefusedName{});
INSTANTIATE_TEST_SUITE_P(ServerStates, StagedRefusal, testing::ValuesIn(staged(kServerStates)),
                         RefusedName{});

class NetlinkState : public NetlinkTest {};

TEST_F(NetlinkState, own_timeout_of_0_is_the_namespaces) {
    const auto own = [&] {
        return must(kernel->list_services()).front().spec.timeouts.at(HEADGATE_A_TIMEOUT_UDP - 1);
    };
    EXPECT_EQ(requests.send(HEADGATE_CMD_SET_SERVICE, own_timeout(100)), Verdict{});
    EXPECT_EQ(own(), std::chrono::milliseconds(100));
    EXPECT_EQ(requests.send(HEADGATE_CMD_SET_SERVICE, own_timeout(0)), Verdict{});
    EXPECT_EQ(own(), std::chrono::milliseconds(0));
}

TEST_F(NetlinkState, upper_is_not_set_below_the_lower_that_is_there) {
    const auto upper = [](std::uint32_t value) {
        return server_with(
            [value](AttributeWriter& server) { server.u32(HEADGATE_A_SERVER_UPPER, value); });
    };
    EXPECT_EQ(
        requests.send(HEADGATE_CMD_SET_SERVER, server_with([](AttributeWriter& server) {
                          server.u32(HEADGATE_A_SERVER_UPPER, 4).u32(HEADGATE_A_SERVER_LOWER, 3);
                      })),
        Verdict{});
    const auto before = state();
    EXPECT_EQ(
        requests.send(HEADGATE_CMD_SET_SERVER, upper(2)),
        (Verdict{EINVAL, "the lower threshold, 3, is over the upper one, 2", "server.upper"}));
    EXPECT_TRUE(state() == before);
    EXPECT_EQ(requests.send(HEADGATE_CMD_SET_SERVER, upper(3)), Verdict{});
}

} // namespace

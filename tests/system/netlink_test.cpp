// Netlink requests that are refused: what no command takes, and what is wrong with services and
// servers by themselves.
#include "refusal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/syscall.h>
#include <thread>

namespace {

using namespace hg::test;
using hg::AttributeWriter;

// A service nest with all of its key but one part.
Fill service_without(int part) {
    return [part](AttributeWriter& top) {
        top.nest(HEADGATE_A_SERVICE, [part](AttributeWriter& service) {
            if (part != HEADGATE_A_SERVICE_FAMILY) {
                service.u8(HEADGATE_A_SERVICE_FAMILY, AF_INET);
            }
            if (part != HEADGATE_A_SERVICE_PROTOCOL) {
                service.u8(HEADGATE_A_SERVICE_PROTOCOL, IPPROTO_TCP);
            }
            if (part != HEADGATE_A_SERVICE_ADDRESS) {
                address4(service, HEADGATE_A_SERVICE_ADDRESS, {10, 0, 0, 1});
            }
            if (part != HEADGATE_A_SERVICE_PORT) {
                service.u16(HEADGATE_A_SERVICE_PORT, 80);
            }
        });
    };
}

const std::vector<std::uint8_t> kUnspecified6(16);
const std::vector<std::uint8_t> kLoopback6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
const std::vector<std::uint8_t> kMulticast6{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
const std::vector<std::uint8_t> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 9};
const std::vector<std::uint8_t> kLinkLocal{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7};
const std::vector<std::uint8_t> kServer6{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5};

const std::vector<Refused> kStrict{
    {"unknown_command", 99, nothing, {EOPNOTSUPP, "", ""}},
    {"unknown_attribute_at_the_top",
     HEADGATE_CMD_DEL_SERVICE,
     [](AttributeWriter& top) {
         top.nest(HEADGATE_A_SERVICE, service_key);
         top.u32(99, 1);
     },
     {EINVAL, "Unknown attribute type", "unknown"}},
    {"unknown_attribute_in_a_service",
     HEADGATE_CMD_SET_SERVICE,
     service_with([](AttributeWriter& service) { service.u32(99, 1); }),
     {EINVAL, "Unknown attribute type", "service.unknown"}},
    {"attribute_for_a_command_that_takes_none",
     HEADGATE_CMD_FLUSH,
     [](AttributeWriter& top) { top.nest(HEADGATE_A_SERVICE, service_key); },
     {EINVAL, "Unknown attribute type", "service"}},
    {"read_only_attribute",
     HEADGATE_CMD_SET_SERVICE,
     service_with([](AttributeWriter& service) { service.u32(HEADGATE_A_SERVICE_ACTIVE, 1); }),
     {EINVAL, "read-only attribute", "service.active"}},
    {"read_only_attribute_of_a_server",
     HEADGATE_CMD_SET_SERVER,
     server_with([](AttributeWriter& server) { server.u32(HEADGATE_A_SERVER_RAMP, 1); }),
     {EINVAL, "read-only attribute", "server.ramp"}},
    {"more_than_the_key",
     HEADGATE_CMD_DEL_SERVICE,
     service_with([](AttributeWriter& service) { service.text(HEADGATE_A_SERVICE_NAME, "x"); }),
     {EINVAL, "not in this command, the key is enough", "service.name"}},
    {"port_of_four_bytes",
     HEADGATE_CMD_DEL_SERVICE,
     [](AttributeWriter& top) {
         top.nest(HEADGATE_A_SERVICE, [](AttributeWriter& service) {
             service.u8(HEADGATE_A_SERVICE_FAMILY, AF_INET);
             service.u8(HEADGATE_A_SERVICE_PROTOCOL, IPPROTO_TCP);
             address4(service, HEADGATE_A_SERVICE_ADDRESS, {10, 0, 0, 1});
             service.u32(HEADGATE_A_SERVICE_PORT, 80);
         });
     },
     {EINVAL, "invalid attribute length", "service.port"}},
    {"weight_of_two_bytes",
     HEADGATE_CMD_SET_SERVER,
     server_with([](AttributeWriter& server) { server.u16(HEADGATE_A_SERVER_WEIGHT, 1); }),
     {EINVAL, "invalid attribute length", "server.weight"}},
    {"weight_out_of_range",
     HEADGATE_CMD_SET_SERVER,
     server_with([](AttributeWriter& server) { server.u32(HEADGATE_A_SERVER_WEIGHT, 65536); }),
     {ERANGE, "integer out of range: 0 to 65535", "server.weight"}},
    {"factor_out_of_range",
     HEADGATE_CMD_SET_SERVER,
     server_with([](AttributeWriter& server) { server.u32(HEADGATE_A_SERVER_FACTOR, 1001); }),
     {ERANGE, "integer out of range: 0 to 1000", "server.factor"}},
    {"mode_out_of_range",
     HEADGATE_CMD_SET_SERVER,
     server_with([](AttributeWriter& server) { server.u8(HEADGATE_A_SERVER_MODE, 4); }),
     {ERANGE, "integer out of range: 0 to 3", "server.mode"}},
    {"unknown_down_bit",
     HEADGATE_CMD_SET_SERVER,
     server_with(
         [](AttributeWriter& server) { server.bitfield32(HEADGATE_A_SERVER_DOWN, 16, 16); }),
     {EINVAL, "Attribute failed policy validation", "server.down"}},
    {"unknown_service_flag",
     HEADGATE_CMD_SET_SERVICE,
     service_with(
         [](AttributeWriter& service) { service.bitfield32(HEADGATE_A_SERVICE_FLAGS, 4, 4); }),
     {EINVAL, "Attribute failed policy validation", "service.flags"}},
    {"timeout_too_short",
     HEADGATE_CMD_SET_SETTINGS,
     settings_of([](AttributeWriter& settings) {
         settings.nest(HEADGATE_A_SETTINGS_TIMEOUTS,
                       [](AttributeWriter& t) { t.u32(HEADGATE_A_TIMEOUT_UDP, 99); });
     }),
     {ERANGE, "integer out of range: 100 to 864000000", "settings.timeouts.udp"}},
    {"conn_limit_0",
     HEADGATE_CMD_SET_SETTINGS,
     settings_of(
         [](AttributeWriter& settings) { settings.u32(HEADGATE_A_SETTINGS_CONN_LIMIT, 0); }),
     {ERANGE, "integer out of range: 1 to 33554432", "settings.conn_limit"}},
    {"check_marks_in_the_wrong_order",
     HEADGATE_CMD_SET_SETTINGS,
     settings_of([](AttributeWriter& settings) {
         settings.u32(HEADGATE_A_SETTINGS_CHECK_MARK_FIRST, 9);
         settings.u32(HEADGATE_A_SETTINGS_CHECK_MARK_LAST, 8);
     }),
     {EINVAL, "check marks: the first, 9, is over the last, 8", "settings.check_mark_last"}},
    {"check_marks_over_the_last_that_is_there",
     HEADGATE_CMD_SET_SETTINGS,
     settings_of(
         [](AttributeWriter& settings) { settings.u32(HEADGATE_A_SETTINGS_CHECK_MARK_FIRST, 9); }),
     {EINVAL, "check marks: the first, 9, is over the last, 0", "settings.check_mark_first"}},
    {"check_marks_from_a_first_0",
     HEADGATE_CMD_SET_SETTINGS,
     settings_of([](AttributeWriter& settings) {
         settings.u32(HEADGATE_A_SETTINGS_CHECK_MARK_FIRST, 0);
         settings.u32(HEADGATE_A_SETTINGS_CHECK_MARK_LAST, 8);
     }),
     {EINVAL, "check marks from 0: that is every unmarked packet's; 1 is the least",
      "settings.check_mark_first"}},
    {"check_marks_from_0",
     HEADGATE_CMD_SET_SETTINGS,
     settings_of(
         [](AttributeWriter& settings) { settings.u32(HEADGATE_A_SETTINGS_CHECK_MARK_LAST, 8); }),
     {EINVAL, "check marks from 0: that is every unmarked packet's; 1 is the least",
      "settings.check_mark_last"}},
};

INSTANTIATE_TEST_SUITE_P(Strict, NetlinkRefusal, testing::ValuesIn(kStrict), RefusedName{});
INSTANTIATE_TEST_SUITE_P(Strict, StagedRefusal, testing::ValuesIn(staged(kStrict)), RefusedName{});

const std::vector<Refused> kServices{
    {"no_family",
     HEADGATE_CMD_DEL_SERVICE,
     service_without(HEADGATE_A_SERVICE_FAMILY),
     {EINVAL, "missing: the service's family", "service.family"}},
    {"no_protocol",
     HEADGATE_CMD_DEL_SERVICE,
     service_without(HEADGATE_A_SERVICE_PROTOCOL),
     {EINVAL, "missing: the service's protocol", "service.protocol"}},
    {"no_address",
     HEADGATE_CMD_DEL_SERVICE,
     service_without(HEADGATE_A_SERVICE_ADDRESS),
     {EINVAL, "missing: the service's address", "service.address"}},
    {"no_port",
     HEADGATE_CMD_DEL_SERVICE,
     service_without(HEADGATE_A_SERVICE_PORT),
     {EINVAL, "missing: the service's port", "service.port"}},
    {"no_scheduler",
     HEADGATE_CMD_NEW_SERVICE,
     new_service_with(nothing),
     {EINVAL, "missing: the service's scheduler", "service.scheduler"}},
    {"unknown_scheduler",
     HEADGATE_CMD_NEW_SERVICE,
     new_service_with(
         [](AttributeWriter& service) { service.text(HEADGATE_A_SERVICE_SCHEDULER, "best"); }),
     {ENOENT, R"(no scheduler "best"; there are: rr wrr lc wlc sh mh)", "service.scheduler"}},
    {"empty_scheduler",
     HEADGATE_CMD_SET_SERVICE,
     service_with([](AttributeWriter& service) { service.text(HEADGATE_A_SERVICE_SCHEDULER, ""); }),
     {EINVAL, "the scheduler's name is empty", "service.scheduler"}},
    {"name_with_a_blank",
     HEADGATE_CMD_SET_SERVICE,
     service_with([](AttributeWriter& service) { service.text(HEADGATE_A_SERVICE_NAME, "a b"); }),
     {EINVAL, R"(" " in a name: A-Z a-z 0-9 . _ - are allowed)", "service.name"}},
    {"name_too_long",
     HEADGATE_CMD_SET_SERVICE,
     service_with([](AttributeWriter& service) {
         service.text(HEADGATE_A_SERVICE_NAME, std::string(64, 'a'));
     }),
     {EINVAL, "Attribute failed policy validation", "service.name"}},
    {"service_twice",
     HEADGATE_CMD_NEW_SERVICE,
     service_with(
         [](AttributeWriter& service) { service.text(HEADGATE_A_SERVICE_SCHEDULER, "rr"); }),
     {EEXIST, "there is a service of this protocol, address and port already", "service.address"}},
    {"port_0",
     HEADGATE_CMD_NEW_SERVICE,
     service_at(AF_INET, IPPROTO_TCP, {10, 0, 0, 1}, 0),
     {ERANGE, "integer out of range: 1 to 65535", "service.port"}},
    {"unknown_family",
     HEADGATE_CMD_NEW_SERVICE,
     service_at(7, IPPROTO_TCP, {10, 0, 0, 1}, 80),
     {EINVAL, "family 7 is neither IPv4 (2) nor IPv6 (10)", "service.family"}},
    {"unknown_protocol",
     HEADGATE_CMD_NEW_SERVICE,
     service_at(AF_INET, 132, {10, 0, 0, 1}, 80),
     {EINVAL, "protocol 132 is neither TCP (6) nor UDP (17)", "service.protocol"}},
    {"family_and_address_differ",
     HEADGATE_CMD_NEW_SERVICE,
     service_at(AF_INET6, IPPROTO_TCP, {10, 0, 0, 1}, 80),
     {EINVAL, "address of the VIP: IPv6 has 16 bytes, not 4", "service.address"}},
    {"loopback_vip",
     HEADGATE_CMD_NEW_SERVICE,
     service_at(AF_INET, IPPROTO_TCP, {127, 0, 0, 1}, 80),
     {EINVAL, "VIP 127.0.0.1 is a loopback address", "service.address"}},
    {"multicast_vip",
     HEADGATE_CMD_NEW_SERVICE,
     service_at(AF_INET, IPPROTO_TCP, {224, 0, 0, 1}, 80),
     {EINVAL, "VIP 224.0.0.1 is a multicast address", "service.address"}},
    {"broadcast_vip",
     HEADGATE_CMD_NEW_SERVICE,
     service_at(AF_INET, IPPROTO_TCP, {255, 255, 255, 255}, 80),
     {EINVAL, "VIP 255.255.255.255 is the broadcast address", "service.address"}},
    {"unspecified_vip",
     HEADGATE_CMD_NEW_SERVICE,
     service_at(AF_INET, IPPROTO_TCP, {0, 0, 0, 0}, 80),
     {EINVAL, "VIP 0.0.0.0 is an unspecified address", "service.address"}},
    {"unspecified6_vip",
     HEADGATE_CMD_NEW_SERVICE,
     service_at(AF_INET6, IPPROTO_TCP, kUnspecified6, 80),
     {EINVAL, "VIP :: is an unspecified address", "service.address"}},
    {"loopback6_vip",
     HEADGATE_CMD_NEW_SERVICE,
     service_at(AF_INET6, IPPROTO_TCP, kLoopback6, 80),
     {EINVAL, "VIP ::1 is a loopback address", "service.address"}},
    {"multicast6_vip",
     HEADGATE_CMD_NEW_SERVICE,
     service_at(AF_INET6, IPPROTO_TCP, kMulticast6, 80),
     {EINVAL, "VIP ff02::1 is a multicast address", "service.address"}},
    {"mapped_vip",
     HEADGATE_CMD_NEW_SERVICE,
     service_at(AF_INET6, IPPROTO_TCP, kMapped, 80),
     {EINVAL, "VIP ::ffff:10.0.0.9 is an IPv4-mapped address", "service.address"}},
    {"link_local_vip",
     HEADGATE_CMD_NEW_SERVICE,
     service_at(AF_INET6, IPPROTO_TCP, kLinkLocal, 80),
     {EINVAL, "VIP fe80::7 is a link-local address", "service.address"}},
};

INSTANTIATE_TEST_SUITE_P(Services, NetlinkRefusal, testing::ValuesIn(kServices), RefusedName{});
INSTANTIATE_TEST_SUITE_P(Services, StagedRefusal, testing::ValuesIn(staged(kServices)),
                         RefusedName{});

// In a transaction COMMIT finds it, not the message: transaction_test.cpp.
const std::vector<Refused> kNames{
    {"name_twice",
     HEADGATE_CMD_NEW_SERVICE,
     new_service_with([](AttributeWriter& service) {
         service.text(HEADGATE_A_SERVICE_SCHEDULER, "rr");
         service.text(HEADGATE_A_SERVICE_NAME, "web");
     }),
     {EEXIST, "another service has the name web", "service.name"}},
};

INSTANTIATE_TEST_SUITE_P(Names, NetlinkRefusal, testing::ValuesIn(kNames), RefusedName{});

const std::vector<Refused> kServers{
    {"no_address_of_a_server",
     HEADGATE_CMD_NEW_SERVER,
     server_of(nothing),
     {EINVAL, "missing: the server's address", "server.address"}},
    {"server_twice",
     HEADGATE_CMD_NEW_SERVER,
     server_of(server_key),
     {EEXIST, "the service has this server already", "server.address"}},
    {"port_with_mode_direct",
     HEADGATE_CMD_NEW_SERVER,
     server_at({10, 1, 0, 9}, AF_INET, 81, HEADGATE_MODE_DIRECT),
     {EINVAL, "port differs from the service's: only mode nat can do that", "server.port"}},
    {"port_with_mode_tunnel",
     HEADGATE_CMD_NEW_SERVER,
     server_at({10, 1, 0, 9}, AF_INET, 81, HEADGATE_MODE_TUNNEL),
     {EINVAL, "port differs from the service's: only mode nat can do that", "server.port"}},
    {"family_with_mode_nat",
     HEADGATE_CMD_NEW_SERVER,
     server_at(kServer6, AF_INET6, 80, HEADGATE_MODE_NAT),
     {EINVAL, "family differs from the service's: only mode tunnel can do that", "server.address"}},
    {"family_with_mode_direct",
     HEADGATE_CMD_NEW_SERVER,
     server_at(kServer6, AF_INET6, 80, HEADGATE_MODE_DIRECT),
     {EINVAL, "family differs from the service's: only mode tunnel can do that", "server.address"}},
    {"loopback_server",
     HEADGATE_CMD_NEW_SERVER,
     server_at({127, 0, 0, 1}, AF_INET, 80, HEADGATE_MODE_NAT),
     {EINVAL, "server 127.0.0.1 is a loopback address", "server.address"}},
    {"unspecified_server",
     HEADGATE_CMD_NEW_SERVER,
     server_at({0, 0, 0, 0}, AF_INET, 80, HEADGATE_MODE_NAT),
     {EINVAL, "server 0.0.0.0 is an unspecified address", "server.address"}},
    {"broadcast_server",
     HEADGATE_CMD_NEW_SERVER,
     server_at({255, 255, 255, 255}, AF_INET, 80, HEADGATE_MODE_TUNNEL),
     {EINVAL, "server 255.255.255.255 is the broadcast address", "server.address"}},
    {"multicast_server",
     HEADGATE_CMD_NEW_SERVER,
     server_at({224, 0, 0, 1}, AF_INET, 80, HEADGATE_MODE_TUNNEL),
     {EINVAL, "server 224.0.0.1 is a multicast address", "server.address"}},
    {"unspecified6_server",
     HEADGATE_CMD_NEW_SERVER,
     server_at(kUnspecified6, AF_INET6, 80, HEADGATE_MODE_TUNNEL),
     {EINVAL, "server :: is an unspecified address", "server.address"}},
    {"loopback6_server",
     HEADGATE_CMD_NEW_SERVER,
     server_at(kLoopback6, AF_INET6, 80, HEADGATE_MODE_TUNNEL),
     {EINVAL, "server ::1 is a loopback address", "server.address"}},
    {"multicast6_server",
     HEADGATE_CMD_NEW_SERVER,
     server_at(kMulticast6, AF_INET6, 80, HEADGATE_MODE_TUNNEL),
     {EINVAL, "server ff02::1 is a multicast address", "server.address"}},
    {"mapped_server",
     HEADGATE_CMD_NEW_SERVER,
     server_at(kMapped, AF_INET6, 80, HEADGATE_MODE_TUNNEL),
     {EINVAL, "server ::ffff:10.0.0.9 is an IPv4-mapped address", "server.address"}},
    {"link_local_server",
     HEADGATE_CMD_NEW_SERVER,
     server_at(kLinkLocal, AF_INET6, 80, HEADGATE_MODE_TUNNEL),
     {EINVAL, "server fe80::7 is a link-local address", "server.address"}},
    {"foreign_server_with_mode_local",
     HEADGATE_CMD_NEW_SERVER,
     server_at({10, 1, 0, 9}, AF_INET, 80, HEADGATE_MODE_LOCAL),
     {EINVAL, "address is not the director's own, as mode local needs", "server.address"}},
    {"foreign_server_becomes_local",
     HEADGATE_CMD_SET_SERVER,
     server_with(
         [](AttributeWriter& server) { server.u8(HEADGATE_A_SERVER_MODE, HEADGATE_MODE_LOCAL); }),
     {EINVAL, "address is not the director's own, as mode local needs", "server.address"}},
    {"reset_of_no_address",
     HEADGATE_CMD_RESET_SERVER,
     server_of(nothing),
     {EINVAL, "missing: the server's address", "server.address"}},
    {"reset_to_a_weight",
     HEADGATE_CMD_RESET_SERVER,
     server_with([](AttributeWriter& server) { server.u32(HEADGATE_A_SERVER_WEIGHT, 1); }),
     {EINVAL, "not in this command, the key is enough", "server.weight"}},
};

INSTANTIATE_TEST_SUITE_P(Servers, NetlinkRefusal, testing::ValuesIn(kServers), RefusedName{});
INSTANTIATE_TEST_SUITE_P(Servers, StagedRefusal, testing::ValuesIn(staged(kServers)),
                         RefusedName{});

// The thread gives up its capabilities, for itself alone and for good.
void drop_capabilities() {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    const std::array<__user_cap_data_struct, 2> none{};
    ASSERT_EQ(syscall(SYS_capset, &header, none.data()), 0);
}

class NetlinkUnprivileged : public NetlinkTest, public testing::WithParamInterface<int> {};

TEST_P(NetlinkUnprivileged, is_refused) {
    const auto before = state();
    Verdict verdict;
    const auto ask = [&] {
        const auto inside = place->enter(); // which takes a capability, and gives none back
        drop_capabilities();
        verdict = RawRequests().send(GetParam(), nothing, is_dump(GetParam()) ? NLM_F_DUMP : 0);
    };
    std::thread(ask).join();
    // EVENT is the kernel's own: nobody can send it.
    EXPECT_EQ(verdict.number, GetParam() == HEADGATE_CMD_EVENT ? EOPNOTSUPP : EPERM);
    EXPECT_TRUE(state() == before);
}

INSTANTIATE_TEST_SUITE_P(AllCommands, NetlinkUnprivileged,
                         testing::Range(1, static_cast<int>(HEADGATE_CMD_MAX) + 1));

class UserNamespace : public testing::Test {
protected:
    // As nobody in a user namespace of its own, where it is root.
    static Outcome nobody(const std::string& options, const std::string& script) {
        auto command =
            words("setpriv --reuid 65534 --regid 65534 --clear-groups unshare " + options);
        command.insert(command.end(), {"sh", "-ec", script});
        return run(command);
    }
};

TEST_F(UserNamespace, its_root_has_a_director_of_its_own) {
    const auto got = nobody("-rn", "ip link set lo up\n"
                                   "headgate service add tcp://192.0.2.1:80 --scheduler rr\n"
                                   "headgate server add tcp://192.0.2.1:80 10.0.0.11\n"
                                   "headgate service list\n");
    EXPECT_EQ(got.code, 0) << got.err;
    EXPECT_THAT(got.out, testing::HasSubstr("tcp://192.0.2.1:80"));
}

TEST_F(UserNamespace, its_root_has_no_say_outside) {
    const auto got = nobody("-r", "headgate service list");
    EXPECT_EQ(got.code, 1);
    EXPECT_THAT(got.err, testing::HasSubstr("no permission"));
}

TEST_F(UserNamespace, its_conns_are_bounded_by_the_modules_parameter) {
    const auto got =
        nobody("-rn", "headgate settings set conn_limit=33554432 affinity_limit=33554432; "
                      "headgate -j info");
    EXPECT_EQ(got.code, 0) << got.err;
    const auto given = lines(run(words("cat /sys/module/headgate/parameters/userns_conns")).out);
    EXPECT_THAT(got.out, testing::HasSubstr("\"conn_limit\": " + given.at(0)));
    EXPECT_THAT(got.out, testing::HasSubstr("\"affinity_limit\": " + given.at(0)));
}

} // namespace
// Netlink requests that are refused: by errno, text and attribute; and that nothing was changed.
#include "director.h"
#include "raw_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <thread>

namespace {

using namespace hg::test;
using hg::AttributeWriter;

// A director with the service and the server of raw_request.h.
class NetlinkTest : public testing::Test {
protected:
    static void SetUpTestSuite() { place = std::make_unique<Place>(Place::make("netlink-test")); }

    static void TearDownTestSuite() { place.reset(); }

    NetlinkTest() : kernel(*place), requests(open()) {
        const auto done = [&](int command, const Fill& fill) {
            EXPECT_EQ(requests.send(command, fill), Verdict{});
        };
        done(HEADGATE_CMD_FLUSH, nothing);
        done(HEADGATE_CMD_NEW_SERVICE, [](AttributeWriter& top) {
            top.nest(HEADGATE_A_SERVICE, [](AttributeWriter& service) {
                service_key(service);
                service.text(HEADGATE_A_SERVICE_SCHEDULER, "rr");
                service.text(HEADGATE_A_SERVICE_NAME, "web");
            });
        });
        done(HEADGATE_CMD_NEW_SERVER, [](AttributeWriter& top) {
            top.nest(HEADGATE_A_SERVICE, service_key);
            top.nest(HEADGATE_A_SERVER, server_key);
        });
    }

    [[nodiscard]] static RawRequests open() {
        const auto inside = place->enter();
        return {};
    }

    // All that there is, and the generation.
    [[nodiscard]] auto state() {
        return std::tuple(must(kernel->info()).generation, must(kernel->list_services()),
                          must(kernel->list_servers()), must(kernel->settings()));
    }

    static std::unique_ptr<Place> place;
    Kernel kernel;
    RawRequests requests;
};

std::unique_ptr<Place> NetlinkTest::place;

struct Refused {
    const char* name;
    int command;
    Fill fill;
    Verdict verdict;
};

// A service nest of the right key and more.
Fill service_with(const std::function<void(AttributeWriter&)>& more) {
    return [more](AttributeWriter& top) {
        top.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& service) {
            service_key(service);
            more(service);
        });
    };
}

// Another service than the one that is there: port 81.
Fill new_service_with(const std::function<void(AttributeWriter&)>& more) {
    return [more](AttributeWriter& top) {
        top.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& service) {
            service.u8(HEADGATE_A_SERVICE_FAMILY, AF_INET);
            service.u8(HEADGATE_A_SERVICE_PROTOCOL, IPPROTO_TCP);
            address4(service, HEADGATE_A_SERVICE_ADDRESS, {10, 0, 0, 1});
            service.u16(HEADGATE_A_SERVICE_PORT, 81);
            more(service);
        });
    };
}

// The service that is there, and a server nest of FILL.
Fill server_of(const std::function<void(AttributeWriter&)>& fill) {
    return [fill](AttributeWriter& top) {
        top.nest(HEADGATE_A_SERVICE, service_key);
        top.nest(HEADGATE_A_SERVER, fill);
    };
}

// The server that is there, and more.
Fill server_with(const std::function<void(AttributeWriter&)>& more) {
    return server_of([more](AttributeWriter& server) {
        server_key(server);
        more(server);
    });
}

Fill settings_of(const std::function<void(AttributeWriter&)>& fill) {
    return [fill](AttributeWriter& top) { top.nest(HEADGATE_A_SETTINGS, fill); };
}

// A service of this key and scheduler.
Fill service_at(std::uint8_t family, std::uint8_t protocol, std::vector<std::uint8_t> address,
                std::uint16_t port) {
    return [=](AttributeWriter& top) {
        top.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& service) {
            service.u8(HEADGATE_A_SERVICE_FAMILY, family);
            service.u8(HEADGATE_A_SERVICE_PROTOCOL, protocol);
            service.bytes(HEADGATE_A_SERVICE_ADDRESS, std::as_bytes(std::span(address)));
            service.u16(HEADGATE_A_SERVICE_PORT, port);
            service.text(HEADGATE_A_SERVICE_SCHEDULER, "rr");
        });
    };
}

Fill server_at(const std::vector<std::uint8_t>& address, std::uint8_t family, std::uint16_t port,
               std::uint8_t mode) {
    return server_of([=](AttributeWriter& server) {
        server.u8(HEADGATE_A_SERVER_FAMILY, family);
        server.bytes(HEADGATE_A_SERVER_ADDRESS, std::as_bytes(std::span(address)));
        server.u16(HEADGATE_A_SERVER_PORT, port);
        server.u8(HEADGATE_A_SERVER_MODE, mode);
    });
}

const std::vector<std::uint8_t> kServer6{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5};

void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.name; }

class NetlinkRefusal : public NetlinkTest, public testing::WithParamInterface<Refused> {};

TEST_P(NetlinkRefusal, says_why_and_changes_nothing) {
    const auto before = state();
    EXPECT_EQ(requests.send(GetParam().command, GetParam().fill), GetParam().verdict);
    EXPECT_TRUE(state() == before);
}

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
         [](AttributeWriter& service) { service.bitfield32(HEADGATE_A_SERVICE_FLAGS, 2, 2); }),
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
     {EINVAL, "check marks: the first, 9, is over the last, 8", "settings"}},
    {"check_marks_from_0",
     HEADGATE_CMD_SET_SETTINGS,
     settings_of(
         [](AttributeWriter& settings) { settings.u32(HEADGATE_A_SETTINGS_CHECK_MARK_LAST, 8); }),
     {EINVAL, "check marks from 0: that is every unmarked packet's; 1 is the least", "settings"}},
};

INSTANTIATE_TEST_SUITE_P(Strict, NetlinkRefusal, testing::ValuesIn(kStrict),
                         [](const auto& test) { return std::string(test.param.name); });

const std::vector<Refused> kServices{
    {"no_service", HEADGATE_CMD_DEL_SERVICE, nothing, {EINVAL, "missing: the service", "service"}},
    {"no_address",
     HEADGATE_CMD_DEL_SERVICE,
     [](AttributeWriter& top) {
         top.nest(HEADGATE_A_SERVICE, [](AttributeWriter& service) {
             service.u8(HEADGATE_A_SERVICE_FAMILY, AF_INET);
             service.u8(HEADGATE_A_SERVICE_PROTOCOL, IPPROTO_TCP);
         });
     },
     {EINVAL, "missing: the service's address", "service.address"}},
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
    {"name_twice",
     HEADGATE_CMD_NEW_SERVICE,
     new_service_with([](AttributeWriter& service) {
         service.text(HEADGATE_A_SERVICE_SCHEDULER, "rr");
         service.text(HEADGATE_A_SERVICE_NAME, "web");
     }),
     {EEXIST, "another service has the name web", "service.name"}},
    {"missing_service",
     HEADGATE_CMD_DEL_SERVICE,
     new_service_with(nothing),
     {ENOENT, "no service tcp://10.0.0.1:81", "service"}},
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
};

INSTANTIATE_TEST_SUITE_P(Services, NetlinkRefusal, testing::ValuesIn(kServices),
                         [](const auto& test) { return std::string(test.param.name); });

const std::vector<Refused> kServers{
    {"no_server",
     HEADGATE_CMD_NEW_SERVER,
     [](AttributeWriter& top) { top.nest(HEADGATE_A_SERVICE, service_key); },
     {EINVAL, "missing: the server", "server"}},
    {"no_address_of_a_server",
     HEADGATE_CMD_NEW_SERVER,
     server_of(nothing),
     {EINVAL, "missing: the server's address", "server.address"}},
    {"server_twice",
     HEADGATE_CMD_NEW_SERVER,
     server_of(server_key),
     {EEXIST, "the service has this server already", "server.address"}},
    {"missing_server",
     HEADGATE_CMD_DEL_SERVER,
     server_of([](AttributeWriter& server) {
         address4(server, HEADGATE_A_SERVER_ADDRESS, {10, 1, 0, 9});
     }),
     {ENOENT, "no server 10.1.0.9:80 in this service", "server"}},
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
    {"foreign_server_with_mode_local",
     HEADGATE_CMD_NEW_SERVER,
     server_at({10, 1, 0, 9}, AF_INET, 80, HEADGATE_MODE_LOCAL),
     {EINVAL, "address is not the director's own, as mode local needs", "server.address"}},
    {"foreign_server_becomes_local",
     HEADGATE_CMD_SET_SERVER,
     server_with(
         [](AttributeWriter& server) { server.u8(HEADGATE_A_SERVER_MODE, HEADGATE_MODE_LOCAL); }),
     {EINVAL, "address is not the director's own, as mode local needs", "server.address"}},
    {"reset_of_no_server",
     HEADGATE_CMD_RESET_SERVER,
     [](AttributeWriter& top) { top.nest(HEADGATE_A_SERVICE, service_key); },
     {EINVAL, "missing: the server", "server"}},
    {"reset_of_no_address",
     HEADGATE_CMD_RESET_SERVER,
     server_of(nothing),
     {EINVAL, "missing: the server's address", "server.address"}},
    {"reset_to_a_weight",
     HEADGATE_CMD_RESET_SERVER,
     server_with([](AttributeWriter& server) { server.u32(HEADGATE_A_SERVER_WEIGHT, 1); }),
     {EINVAL, "not in this command, the key is enough", "server.weight"}},
    {"reset_of_a_missing_server",
     HEADGATE_CMD_RESET_SERVER,
     server_of([](AttributeWriter& server) {
         address4(server, HEADGATE_A_SERVER_ADDRESS, {10, 1, 0, 9});
     }),
     {ENOENT, "no server 10.1.0.9:80 in this service", "server"}},
    {"reset_in_a_missing_service",
     HEADGATE_CMD_RESET_SERVER,
     [](AttributeWriter& top) {
         new_service_with(nothing)(top);
         top.nest(HEADGATE_A_SERVER, server_key);
     },
     {ENOENT, "no service tcp://10.0.0.1:81", "service"}},
    {"server_of_a_missing_service",
     HEADGATE_CMD_NEW_SERVER,
     [](AttributeWriter& top) {
         new_service_with(nothing)(top);
         top.nest(HEADGATE_A_SERVER, server_key);
     },
     {ENOENT, "no service tcp://10.0.0.1:81", "service"}},
};

INSTANTIATE_TEST_SUITE_P(Servers, NetlinkRefusal, testing::ValuesIn(kServers),
                         [](const auto& test) { return std::string(test.param.name); });

Fill filter_of(const std::function<void(AttributeWriter&)>& fill) {
    return [fill](AttributeWriter& top) { top.nest(HEADGATE_A_FILTER, fill); };
}

Fill affinity_of(const std::function<void(AttributeWriter&)>& fill) {
    return service_with(
        [fill](AttributeWriter& service) { service.nest(HEADGATE_A_SERVICE_AFFINITY, fill); });
}

const std::vector<Refused> kAffinity{
    {"timeout_below_the_least",
     HEADGATE_CMD_SET_SERVICE,
     affinity_of([](AttributeWriter& nest) { nest.u32(HEADGATE_A_AFFINITY_CONF_TIMEOUT, 99); }),
     {ERANGE, "a timeout of 99 ms: 100 is the least, 0 none", "service.affinity.timeout"}},
    {"timeout_over_the_most",
     HEADGATE_CMD_SET_SERVICE,
     affinity_of(
         [](AttributeWriter& nest) { nest.u32(HEADGATE_A_AFFINITY_CONF_TIMEOUT, 864000001); }),
     {ERANGE, "integer out of range: 0 to 864000000", "service.affinity.timeout"}},
    {"prefix_longer_than_IPv4",
     HEADGATE_CMD_SET_SERVICE,
     affinity_of([](AttributeWriter& nest) { nest.u8(HEADGATE_A_AFFINITY_CONF_PREFIX, 33); }),
     {EINVAL, "prefix /33: IPv4 has 32 bits", "service.affinity.prefix"}},
    {"prefix_longer_than_IPv6",
     HEADGATE_CMD_SET_SERVICE,
     affinity_of([](AttributeWriter& nest) { nest.u8(HEADGATE_A_AFFINITY_CONF_PREFIX, 129); }),
     {ERANGE, "integer out of range: 1 to 128", "service.affinity.prefix"}},
    {"prefix_of_nothing",
     HEADGATE_CMD_SET_SERVICE,
     affinity_of([](AttributeWriter& nest) { nest.u8(HEADGATE_A_AFFINITY_CONF_PREFIX, 0); }),
     {ERANGE, "integer out of range: 1 to 128", "service.affinity.prefix"}},
    {"drained_unknown",
     HEADGATE_CMD_SET_SERVICE,
     affinity_of([](AttributeWriter& nest) { nest.u8(HEADGATE_A_AFFINITY_CONF_DRAINED, 2); }),
     {ERANGE, "integer out of range: 0 to 1", "service.affinity.drained"}},
    {"limit_of_none",
     HEADGATE_CMD_SET_SETTINGS,
     settings_of([](AttributeWriter& nest) { nest.u32(HEADGATE_A_SETTINGS_AFFINITY_LIMIT, 0); }),
     {ERANGE, "integer out of range: 1 to 33554432", "settings.affinity_limit"}},
    {"flush_of_nothing",
     HEADGATE_CMD_FLUSH_AFFINITY,
     filter_of(nothing),
     {EINVAL, "the filter names nothing: say which, or by its flag all", "filter"}},
    {"flush_by_port",
     HEADGATE_CMD_FLUSH_AFFINITY,
     filter_of([](AttributeWriter& filter) { filter.u16(HEADGATE_A_FILTER_CLIENT_PORT, 1024); }),
     {EINVAL, "affinity entries do not have that", "filter.client_port"}},
    {"flush_by_age",
     HEADGATE_CMD_FLUSH_AFFINITY,
     filter_of([](AttributeWriter& filter) { filter.u32(HEADGATE_A_FILTER_AGE_MIN, 1); }),
     {EINVAL, "affinity entries do not have that", "filter.age_min"}},
};

// Of the command that answers with a text on 6.1 too.
const std::vector<Refused> kFilters{
    {"none", HEADGATE_CMD_KILL_CONN, nothing, {EINVAL, "missing: the filter", "filter"}},
    {"empty",
     HEADGATE_CMD_KILL_CONN,
     filter_of(nothing),
     {EINVAL, "the filter names nothing: say which, or by its flag all", "filter"}},
    {"no_flag",
     HEADGATE_CMD_KILL_CONN,
     filter_of([](AttributeWriter& filter) { filter.u32(HEADGATE_A_FILTER_FLAGS, 0); }),
     {EINVAL, "the filter names nothing: say which, or by its flag all", "filter"}},
    {"all_and_some",
     HEADGATE_CMD_KILL_CONN,
     filter_of([](AttributeWriter& filter) {
         filter.u32(HEADGATE_A_FILTER_FLAGS, HEADGATE_FILTER_F_ALL)
             .u8(HEADGATE_A_FILTER_FAMILY, AF_INET);
     }),
     {EINVAL, "a filter for all names nothing else", "filter"}},
    {"unknown_flag",
     HEADGATE_CMD_KILL_CONN,
     filter_of([](AttributeWriter& filter) { filter.u32(HEADGATE_A_FILTER_FLAGS, 2); }),
     {EINVAL, "reserved bit set", "filter.flags"}},
    {"family",
     HEADGATE_CMD_KILL_CONN,
     filter_of([](AttributeWriter& filter) { filter.u8(HEADGATE_A_FILTER_FAMILY, 7); }),
     {EINVAL, "family 7 is neither IPv4 (2) nor IPv6 (10)", "filter.family"}},
    {"protocol",
     HEADGATE_CMD_KILL_CONN,
     filter_of([](AttributeWriter& filter) { filter.u8(HEADGATE_A_FILTER_PROTOCOL, 1); }),
     {EINVAL, "protocol 1 is neither TCP (6) nor UDP (17)", "filter.protocol"}},
    {"address_without_family",
     HEADGATE_CMD_KILL_CONN,
     filter_of([](AttributeWriter& filter) {
         address4(filter, HEADGATE_A_FILTER_CLIENT_ADDRESS, {10, 0, 0, 1});
     }),
     {EINVAL, "missing: the family of the filter's address", "filter.family"}},
    {"server_address_without_family",
     HEADGATE_CMD_KILL_CONN,
     filter_of([](AttributeWriter& filter) {
         filter.u8(HEADGATE_A_FILTER_FAMILY, AF_INET);
         address4(filter, HEADGATE_A_FILTER_SERVER_ADDRESS, {10, 0, 0, 1});
     }),
     {EINVAL, "missing: the family of the filter's address", "filter.server_family"}},
    {"address_of_another_length",
     HEADGATE_CMD_KILL_CONN,
     filter_of([](AttributeWriter& filter) {
         filter.u8(HEADGATE_A_FILTER_FAMILY, AF_INET6);
         address4(filter, HEADGATE_A_FILTER_SERVICE_ADDRESS, {10, 0, 0, 1});
     }),
     {EINVAL, "address of the service: IPv6 has 16 bytes, not 4", "filter.service_address"}},
    {"prefix_that_is_too_long",
     HEADGATE_CMD_KILL_CONN,
     filter_of([](AttributeWriter& filter) {
         filter.u8(HEADGATE_A_FILTER_FAMILY, AF_INET);
         address4(filter, HEADGATE_A_FILTER_CLIENT_ADDRESS, {10, 0, 0, 1});
         filter.u8(HEADGATE_A_FILTER_CLIENT_PREFIX, 33);
     }),
     {EINVAL, "prefix /33: IPv4 has 32 bits", "filter.client_prefix"}},
    {"prefix_of_nothing",
     HEADGATE_CMD_KILL_CONN,
     filter_of([](AttributeWriter& filter) { filter.u8(HEADGATE_A_FILTER_CLIENT_PREFIX, 8); }),
     {EINVAL, "missing: the client address that the prefix is of", "filter.client_address"}},
    {"port",
     HEADGATE_CMD_KILL_CONN,
     filter_of([](AttributeWriter& filter) { filter.u16(HEADGATE_A_FILTER_CLIENT_PORT, 0); }),
     {ERANGE, "integer out of range: 1 to 65535", "filter.client_port"}},
    {"no_state",
     HEADGATE_CMD_KILL_CONN,
     filter_of([](AttributeWriter& filter) { filter.u32(HEADGATE_A_FILTER_STATES, 0); }),
     {EINVAL, "no state: no conn is in none of them", "filter.states"}},
    {"unknown_state",
     HEADGATE_CMD_KILL_CONN,
     filter_of([](AttributeWriter& filter) { filter.u32(HEADGATE_A_FILTER_STATES, 1U << 13); }),
     {EINVAL, "reserved bit set", "filter.states"}},
    {"ages_that_exclude_each_other",
     HEADGATE_CMD_KILL_CONN,
     filter_of([](AttributeWriter& filter) {
         filter.u32(HEADGATE_A_FILTER_AGE_MIN, 2).u32(HEADGATE_A_FILTER_AGE_MAX, 1);
     }),
     {EINVAL, "age of at least 2 ms and at most 1 ms: no conn has that", "filter.age_max"}},
    {"unknown_attribute",
     HEADGATE_CMD_KILL_CONN,
     filter_of([](AttributeWriter& filter) { filter.u32(HEADGATE_A_FILTER_MAX + 1, 1); }),
     {EINVAL, "Unknown attribute type", "filter.unknown"}},
};

INSTANTIATE_TEST_SUITE_P(Affinity, NetlinkRefusal, testing::ValuesIn(kAffinity),
                         [](const auto& test) { return std::string(test.param.name); });
INSTANTIATE_TEST_SUITE_P(Filters, NetlinkRefusal, testing::ValuesIn(kFilters),
                         [](const auto& test) { return std::string(test.param.name); });

// Linux 6.1 has no words for what the module itself refuses of a dump.
Verdict of_dump(const Verdict& verdict) {
    utsname kernel{};
    uname(&kernel);
    return std::string_view(kernel.release).starts_with("6.1.") ? Verdict{verdict.number, "", ""}
                                                                : verdict;
}

TEST_F(NetlinkTest, refuses_a_dump_with_a_wrong_filter) {
    const auto wrong = filter_of([](AttributeWriter& filter) {
        filter.u8(HEADGATE_A_FILTER_FAMILY, AF_INET);
        address4(filter, HEADGATE_A_FILTER_CLIENT_ADDRESS, {10, 0, 0, 1});
        filter.u8(HEADGATE_A_FILTER_CLIENT_PREFIX, 33);
    });
    const Verdict why{EINVAL, "prefix /33: IPv4 has 32 bits", "filter.client_prefix"};
    for (const auto command :
         {HEADGATE_CMD_GET_CONN, HEADGATE_CMD_COUNT_CONN, HEADGATE_CMD_GET_AFFINITY}) {
        EXPECT_EQ(requests.send(command, wrong, NLM_F_DUMP), of_dump(why)) << command;
    }
}

TEST_F(NetlinkTest, refuses_a_dump_of_affinity_by_what_entries_do_not_have) {
    const auto wrong =
        filter_of([](AttributeWriter& filter) { filter.u32(HEADGATE_A_FILTER_STATES, 1); });
    EXPECT_EQ(requests.send(HEADGATE_CMD_GET_AFFINITY, wrong, NLM_F_DUMP),
              (Verdict{EINVAL, "affinity entries do not have that", "filter.states"}));
}

TEST_F(NetlinkTest, refuses_a_dump_that_names_too_much_or_what_is_not_there) {
    EXPECT_EQ(
        requests.send(HEADGATE_CMD_GET_SERVICE, service_with(nothing), NLM_F_DUMP),
        of_dump({EINVAL, "a dump of services lists all: no service in its request", "service"}));
    EXPECT_EQ(requests.send(HEADGATE_CMD_GET_SERVER, server_of(server_key), NLM_F_DUMP),
              of_dump({EINVAL, "a dump of servers lists all: no server in its request", "server"}));
    EXPECT_EQ(requests.send(HEADGATE_CMD_GET_SERVER, new_service_with(nothing), NLM_F_DUMP),
              of_dump({ENOENT, "no service tcp://10.0.0.1:81", "service"}));
}

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
        const auto is_dump = GetParam() == HEADGATE_CMD_GET_CONN ||
                             GetParam() == HEADGATE_CMD_COUNT_CONN ||
                             GetParam() == HEADGATE_CMD_GET_AFFINITY;
        verdict = RawRequests().send(GetParam(), nothing, is_dump ? NLM_F_DUMP : 0);
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

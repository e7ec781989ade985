// Netlink requests that are refused for their filter, or for what is wrong with affinity; dumps
// too.
#include "refusal.h"

#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/utsname.h>

namespace {

using namespace hg::test;
using hg::AttributeWriter;

Fill affinity_of(const Fill& fill) {
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

INSTANTIATE_TEST_SUITE_P(Affinity, NetlinkRefusal, testing::ValuesIn(kAffinity), RefusedName{});
INSTANTIATE_TEST_SUITE_P(Filters, NetlinkRefusal, testing::ValuesIn(kFilters), RefusedName{});

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

} // namespace

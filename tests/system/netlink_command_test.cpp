// Netlink requests that are refused whatever the command: by each, an attribute nobody knows; by
// those that name a service or a server, one that is not there.
#include "refusal.h"

#include <gtest/gtest.h>
#include <linux/netlink.h>

namespace {

using namespace hg::test;
using hg::AttributeWriter;

class NetlinkCommand : public NetlinkTest, public testing::WithParamInterface<int> {};

TEST_P(NetlinkCommand, refuses_an_attribute_it_does_not_know) {
    const auto before = state();
    const auto verdict = requests.send(
        GetParam(), [](AttributeWriter& top) { top.u32(99, 1); },
        is_dump(GetParam()) ? NLM_F_DUMP : 0);
    // EVENT is the kernel's own: nobody can send it.
    EXPECT_EQ(verdict, GetParam() == HEADGATE_CMD_EVENT
                           ? (Verdict{EOPNOTSUPP, "", ""})
                           : (Verdict{EINVAL, "Unknown attribute type", "unknown"}));
    EXPECT_TRUE(state() == before);
}

INSTANTIATE_TEST_SUITE_P(All, NetlinkCommand,
                         testing::Range(1, static_cast<int>(HEADGATE_CMD_MAX) + 1));

void server_alone(AttributeWriter& top) { top.nest(HEADGATE_A_SERVER, server_key); }

void server_elsewhere(AttributeWriter& top) {
    new_service_with(nothing)(top);
    top.nest(HEADGATE_A_SERVER, server_key);
}

Fill other_server() {
    return server_of([](AttributeWriter& server) {
        address4(server, HEADGATE_A_SERVER_ADDRESS, {10, 1, 0, 9});
    });
}

const Verdict kNoSuchService{ENOENT, "no service tcp://10.0.0.1:81", "service"};
const Verdict kNoSuchServer{ENOENT, "no server 10.1.0.9:80 in this service", "server"};
const Verdict kNoService{EINVAL, "missing: the service", "service"};
const Verdict kNoServer{EINVAL, "missing: the server", "server"};

void service_alone(AttributeWriter& top) { top.nest(HEADGATE_A_SERVICE, service_key); }

const std::vector<Refused> kAbsent{
    {"get_service", HEADGATE_CMD_GET_SERVICE, new_service_with(nothing), kNoSuchService},
    {"set_service", HEADGATE_CMD_SET_SERVICE, new_service_with(nothing), kNoSuchService},
    {"del_service", HEADGATE_CMD_DEL_SERVICE, new_service_with(nothing), kNoSuchService},
    {"get_server", HEADGATE_CMD_GET_SERVER, other_server(), kNoSuchServer},
    {"set_server", HEADGATE_CMD_SET_SERVER, other_server(), kNoSuchServer},
    {"del_server", HEADGATE_CMD_DEL_SERVER, other_server(), kNoSuchServer},
    {"reset_server", HEADGATE_CMD_RESET_SERVER, other_server(), kNoSuchServer},
    {"get_server_elsewhere", HEADGATE_CMD_GET_SERVER, server_elsewhere, kNoSuchService},
    {"set_server_elsewhere", HEADGATE_CMD_SET_SERVER, server_elsewhere, kNoSuchService},
    {"new_server_elsewhere", HEADGATE_CMD_NEW_SERVER, server_elsewhere, kNoSuchService},
    {"del_server_elsewhere", HEADGATE_CMD_DEL_SERVER, server_elsewhere, kNoSuchService},
    {"reset_server_elsewhere", HEADGATE_CMD_RESET_SERVER, server_elsewhere, kNoSuchService},
    {"get_server_alone", HEADGATE_CMD_GET_SERVER, server_alone, kNoService},
    {"set_server_alone", HEADGATE_CMD_SET_SERVER, server_alone, kNoService},
    {"new_server_alone", HEADGATE_CMD_NEW_SERVER, server_alone, kNoService},
    {"del_server_alone", HEADGATE_CMD_DEL_SERVER, server_alone, kNoService},
    {"reset_server_alone", HEADGATE_CMD_RESET_SERVER, server_alone, kNoService},
    {"get_no_service", HEADGATE_CMD_GET_SERVICE, nothing, kNoService},
    {"set_no_service", HEADGATE_CMD_SET_SERVICE, nothing, kNoService},
    {"new_no_service", HEADGATE_CMD_NEW_SERVICE, nothing, kNoService},
    {"del_no_service", HEADGATE_CMD_DEL_SERVICE, nothing, kNoService},
    {"get_no_server", HEADGATE_CMD_GET_SERVER, service_alone, kNoServer},
    {"set_no_server", HEADGATE_CMD_SET_SERVER, service_alone, kNoServer},
    {"new_no_server", HEADGATE_CMD_NEW_SERVER, service_alone, kNoServer},
    {"del_no_server", HEADGATE_CMD_DEL_SERVER, service_alone, kNoServer},
    {"reset_no_server", HEADGATE_CMD_RESET_SERVER, service_alone, kNoServer},
};

INSTANTIATE_TEST_SUITE_P(Absent, NetlinkRefusal, testing::ValuesIn(kAbsent), RefusedName{});
INSTANTIATE_TEST_SUITE_P(Absent, StagedRefusal, testing::ValuesIn(staged(kAbsent)), RefusedName{});

} // namespace

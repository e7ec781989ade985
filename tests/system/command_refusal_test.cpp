// What the command refuses, with the module's words where they are the module's; by text and by
// exit code, and that nothing was changed.
#include "command.h"
#include "director.h"

#include <cerrno>
#include <gmock/gmock.h>

namespace {

using namespace hg::test;
using hg::Protocol;
using hg::ServiceKey;

struct Refused {
    const char* name;
    const char* line;
    int code;
    const char* text;
};

void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.line; }

class CommandRefusal : public CommandTest, public testing::WithParamInterface<Refused> {
protected:
    CommandRefusal() {
        Kernel kernel(*place);
        const ServiceKey web{Protocol::Tcp, {address("192.0.2.1"), 80}};
        const ServiceKey shop{Protocol::Tcp, {address("192.0.2.2"), 80}};
        must(kernel->add_service({.key = web, .name = "web", .scheduler = "wlc"}));
        must(kernel->add_service({.key = shop, .name = "shop", .scheduler = "wlc"}));
        must(kernel->add_server(web, {.endpoint = {address("10.0.0.11"), 0}}));
    }
};

TEST_P(CommandRefusal, says_why_and_changes_nothing) {
    refuses(GetParam().line, GetParam().code, GetParam().text);
}

const Refused kRefused[] = {
    {"service_twice", "service add tcp://192.0.2.1:80", 1,
     "cannot add service tcp://192.0.2.1:80: there is a service of this protocol, address and port "
     "already (service.address)"},
    {"name_twice", "service add tcp://192.0.2.1:81 --name web", 1,
     "cannot add service tcp://192.0.2.1:81: another service has the name web (service.name)"},
    {"name_of_another", "service set shop --name web", 1,
     "cannot change service tcp://192.0.2.2:80: another service has the name web (service.name)"},
    {"unknown_scheduler", "service add tcp://192.0.2.1:81 --scheduler best", 1,
     "cannot add service tcp://192.0.2.1:81: unknown scheduler \"best\" (there are: rr, wrr, lc, "
     "wlc, sh, mh)"},
    {"missing_service", "service del tcp://192.0.2.1:99", 1,
     "cannot delete service tcp://192.0.2.1:99: no service tcp://192.0.2.1:99 (service)"},
    {"missing_name", "service del nothing", 1, "there is no service named \"nothing\""},
    {"server_twice", "server add web 10.0.0.11", 1,
     "cannot add server 10.0.0.11:80 to tcp://192.0.2.1:80: the service has this server already "
     "(server.address)"},
    {"missing_server", "server del web 10.0.0.99", 1,
     "cannot delete server 10.0.0.99:80 of tcp://192.0.2.1:80: no server 10.0.0.99:80 in this "
     "service (server)"},
    {"server_of_missing_service", "server add tcp://192.0.2.1:99 10.0.0.12", 1,
     "cannot add server 10.0.0.12:99 to tcp://192.0.2.1:99: no service tcp://192.0.2.1:99 "
     "(service)"},
    {"port_with_direct", "server add web 10.0.0.12:81 --forward direct", 1,
     "cannot add server 10.0.0.12:81 to tcp://192.0.2.1:80: port 81 is not the service's port 80: "
     "only the mode nat can change the port, not direct"},
    {"family_with_nat", "server add web 2001:db8::12", 1,
     "cannot add server [2001:db8::12]:80 to tcp://192.0.2.1:80: the server is IPv6 and the "
     "service IPv4: only the mode tunnel can forward from one family to the other, not nat"},
    {"own_address_with_direct", "server add web 192.0.2.2 --forward direct", 1,
     "cannot add server 192.0.2.2:80 to tcp://192.0.2.1:80: address is the director's own: use "
     "mode local or nat (server.address)"},
    {"foreign_address_with_local", "server add web 10.0.0.12 --forward local", 1,
     "cannot add server 10.0.0.12:80 to tcp://192.0.2.1:80: address is not the director's own, as "
     "mode local needs (server.address)"},
    {"loopback_server", "server add web 127.0.0.1", 1,
     "cannot add server 127.0.0.1:80 to tcp://192.0.2.1:80: server 127.0.0.1 is a loopback "
     "address: packets could not leave the director, use one of its other addresses"},
    {"loopback_vip", "service add tcp://127.0.0.1:80", 1,
     "cannot add service tcp://127.0.0.1:80: VIP 127.0.0.1 is a loopback address: packets could "
     "not leave the director, use one of its other addresses"},
    {"multicast_vip", "service add udp://224.0.0.1:80", 1,
     "cannot add service udp://224.0.0.1:80: VIP 224.0.0.1 is not a unicast address"},
    {"marks_in_the_wrong_order", "settings set check_mark_first=9 check_mark_last=8", 1,
     "cannot change the settings: check marks: the first, 9, is over the last, 8 "
     "(settings.check_mark_last)"},
    {"name_instead_of_an_address", "server add web localhost", 2,
     "\"localhost\": numeric address needed: a name may change under live conns"},
    {"weight_out_of_range", "server add web 10.0.0.12 --weight 65536", 2,
     "weight 65536 is out of range: 0 to 65535"},
    {"timeout_out_of_range", "settings set timeout_udp=11d", 2,
     "timeout_udp 11d is out of range: 100ms to 10d"},
    {"conn_limit_0", "settings set conn_limit=0", 2, "conn_limit 0 is out of range: 1 to 33554432"},
    {"unknown_setting", "settings set speed=9", 2,
     "unknown setting \"speed\" (there are: conn_limit, affinity_limit, check_mark_first, "
     "check_mark_last, "
     "timeout_tcp_none, timeout_tcp_established, timeout_tcp_syn_sent, timeout_tcp_syn_recv, "
     "timeout_tcp_fin_wait, timeout_tcp_time_wait, timeout_tcp_close, timeout_tcp_close_wait, "
     "timeout_tcp_last_ack, timeout_tcp_listen, timeout_tcp_synack, timeout_udp)"},
    {"service_without_a_port", "service add tcp://192.0.2.1", 2,
     "\"tcp://192.0.2.1\": the port is missing: tcp://192.0.2.1:PORT"},
    {"tunnel_with_nat", "server add web 10.0.0.12 --tunnel ipip", 2,
     "--tunnel needs --forward tunnel"},
    {"tunnel_of_a_nat_server", "server set web 10.0.0.11 --tunnel ipip", 2,
     "--tunnel needs --forward tunnel"},
    {"multicast_at_a_real_server", "realserver up --vip 224.0.0.1 --mode direct", 2,
     "224.0.0.1 cannot be a VIP: not a unicast address of its own"},
    {"loopback_at_a_real_server", "realserver check --vip 127.0.0.1 --mode direct", 2,
     "127.0.0.1 cannot be a VIP: not a unicast address of its own"},
    {"link_local_at_a_real_server", "realserver up --vip fe80::1 --mode direct", 2,
     "fe80::1 cannot be a VIP: not a unicast address of its own"},
    {"nat_at_a_real_server", "realserver up --vip 192.0.2.9 --mode nat", 2,
     "a real server has nothing to set up for the mode \"nat\" (there are: direct, tunnel)"},
    {"family_of_a_real_server", "realserver up --vip 192.0.2.9 --mode tunnel --family ipv5", 2,
     "unknown family \"ipv5\" (there are: ipv4, ipv6)"},
    {"device_of_a_real_server", "realserver up --vip 192.0.2.9 --mode direct --dev ../all", 2,
     "\"../all\" cannot be an interface"},
    {"unknown_command", "serve", 2,
     "unknown command \"serve\" (there are: show, service, server, conn, affinity, stats, events, "
     "watch, settings, info, apply, diff, save, import, reload, status, flush, module, "
     "realserver, completion, version)"},
    {"unknown_verb", "server swap web", 2,
     "unknown command \"swap\" (there are: add, set, del, list, up, down, drain, undrain, maint, "
     "ready, reset)"},
    {"nothing_to_change", "server set web 10.0.0.11", 2,
     "nothing to change: give --forward, --tunnel, --weight, --upper or --lower"},
};

INSTANTIATE_TEST_SUITE_P(Command, CommandRefusal, testing::ValuesIn(kRefused),
                         [](const auto& test) { return std::string(test.param.name); });

using CommandRefusalJson = CommandTest;

TEST_F(CommandRefusalJson, an_error_is_one_line_of_json_on_the_standard_error) {
    const auto got = headgate("-j service del tcp://192.0.2.1:99");
    EXPECT_EQ(got.code, 1);
    EXPECT_EQ(got.out, "");
    const auto error = nlohmann::json::parse(got.err);
    EXPECT_EQ(error.at("schema"), 1);
    EXPECT_EQ(error.at("error").at("attempted"), "delete service tcp://192.0.2.1:99");
    EXPECT_EQ(error.at("error").at("reason"), "no service tcp://192.0.2.1:99");
    EXPECT_EQ(error.at("error").at("errno"), ENOENT);
}

class CommandWithoutModule : public CommandTest {
    WithoutModule gone_;
};

TEST_F(CommandWithoutModule, says_how_to_load_it) {
    for (const auto* const line : {"show", "info", "service add tcp://192.0.2.1:80", "flush"}) {
        const auto got = headgate(line);
        EXPECT_EQ(got.code, 4) << line;
        EXPECT_EQ(got.out, "") << line;
        EXPECT_EQ(got.err, "headgate: cannot reach the kernel module: headgate.ko is not loaded: "
                           "\"modprobe headgate\" (or \"insmod headgate.ko\") loads it, as root\n");
    }
}

TEST_F(CommandWithoutModule, tells_the_faults_of_a_file_all_the_same) {
    const auto got = headgate("apply " + file("bad.yaml", "services: 1\n"));
    EXPECT_EQ(got.code, 1);
    EXPECT_THAT(got.err, testing::HasSubstr("bad.yaml:1:"));
    EXPECT_EQ(headgate("apply " + file("good.yaml", "services: []\n")).code, 4);
}

TEST_F(CommandWithoutModule, tells_its_version_and_helps) {
    EXPECT_EQ(headgate("version").code, 0);
    EXPECT_EQ(headgate("server --help").code, 0);
}

} // namespace

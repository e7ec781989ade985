#include "fake_host.h"

#include <gtest/gtest.h>

namespace {

using hg::test::Cli;

constexpr const char* kTree = R"(
SERVICE                  MODE         WEIGHT  EFFECTIVE  STATE              ACTIVE  INACTIVE  NOTE
tcp://10.0.0.1:80 (web)  wlc                                                    15         4
  10.1.0.2:8080          nat               3             ready                  10         3
  10.1.0.4:80            direct            1          0  drain,down(check)       0         0
  [2001:db8::7]:80       tunnel/ipip       3        1.5  ready                   5         1
udp://[2001:db8::1]:53   mh/port                                                 0         7  VIP is on no interface
  [2001:db8::53]:53      local             1             ready                   0         7
)";

TEST(Show, draws_a_tree) {
    Cli cli;
    EXPECT_EQ("\n" + cli("show"), kTree);
    EXPECT_EQ(cli.code, 0);
}

TEST(Show, is_the_default) {
    Cli cli;
    EXPECT_EQ("\n" + cli(""), kTree);
    EXPECT_EQ(cli.code, 0);
}

TEST(Show, takes_one_service_by_url_or_name) {
    constexpr const char* kOne = R"(
SERVICE                 MODE     WEIGHT  STATE  ACTIVE  INACTIVE  NOTE
udp://[2001:db8::1]:53  mh/port                      0         7  VIP is on no interface
  [2001:db8::53]:53     local         1  ready       0         7
)";
    Cli cli;
    EXPECT_EQ("\n" + cli("show udp://[2001:db8::1]:53"), kOne);
    EXPECT_NE(cli("show web").find("tcp://10.0.0.1:80 (web)"), std::string::npos);
    EXPECT_EQ(cli.out.find("udp://"), std::string::npos);
}

TEST(Show, notes_what_goes_on) {
    Cli cli;
    auto& service = cli.host.kernel.services[0].spec;
    service.timeouts[HEADGATE_A_TIMEOUT_TCP_ESTABLISHED - 1] = std::chrono::hours(1);
    service.slow_start = std::chrono::seconds(30);
    service.on_down = hg::OnDown::Reset;
    auto& servers = cli.host.kernel.servers;
    servers.resize(3);
    servers[0].ramp = 434;
    servers[0].spec.upper = 12;
    servers[0].status = HEADGATE_STATUS_OVERLOADED;
    servers[1].drain = hg::Drain{
        .then = hg::Then::Reset, .remove = true, .left = std::chrono::milliseconds(41200)};
    servers[2].managed = hg::Managed{.weight = 7, .admin_state = hg::AdminState::Drain};
    servers[2].overrides = HEADGATE_OVERRIDE_WEIGHT | HEADGATE_OVERRIDE_STATE;
    EXPECT_EQ("\n" + cli("show web"), R"(
SERVICE                  MODE         WEIGHT  EFFECTIVE  STATE              ACTIVE  INACTIVE  NOTE
tcp://10.0.0.1:80 (web)  wlc                                                    15         4  established 1h; slow start 30s; on down reset
  10.1.0.2:8080          nat               3             overloaded             10         3  slow start 43%; upper 12
  10.1.0.4:80            direct            1          0  drain,down(check)       0         0  42s to the deadline, then reset; is removed then
  [2001:db8::7]:80       tunnel/ipip       3        1.5  ready                   5         1  override: managed weight 7; override: managed state drain
)");
    servers[1].status = HEADGATE_STATUS_DRAINED;
    EXPECT_NE(cli("server list web").find("drained,down(check)"), std::string::npos);
}

TEST(Show, says_that_there_is_nothing) {
    Cli cli;
    cli.host.kernel.services.clear();
    cli.host.kernel.servers.clear();
    EXPECT_EQ(cli("show"), "there are no services\n");
    EXPECT_EQ(cli("stats"), "there are no services\n");
    EXPECT_EQ(cli("service list"), "there are no services\n");
    EXPECT_EQ(cli("server list"), "there are no servers\n");
}

TEST(ServiceList, is_a_table) {
    Cli cli;
    EXPECT_EQ("\n" + cli("service list"), R"(
SERVICE                 NAME  SCHEDULER  SERVERS  ACTIVE  INACTIVE
tcp://10.0.0.1:80       web   wlc              3      15         4
udp://[2001:db8::1]:53        mh/port          1       0         7
)");
}

TEST(ServerList, is_of_one_service_or_all) {
    Cli cli;
    EXPECT_EQ("\n" + cli("server list web"), R"(
SERVICE            SERVER            MODE         WEIGHT  EFFECTIVE  STATE              ACTIVE  INACTIVE
tcp://10.0.0.1:80  10.1.0.2:8080     nat               3             ready                  10         3
tcp://10.0.0.1:80  10.1.0.4:80       direct            1          0  drain,down(check)       0         0
tcp://10.0.0.1:80  [2001:db8::7]:80  tunnel/ipip       3        1.5  ready                   5         1
)");
    EXPECT_NE(cli("server list").find("[2001:db8::53]:53"), std::string::npos);
}

TEST(Stats, counts) {
    Cli cli;
    EXPECT_EQ("\n" + cli("stats"), R"(
SERVICE                  CONNS  IN-PACKETS  IN-BYTES  OUT-PACKETS   OUT-BYTES
tcp://10.0.0.1:80 (web)   1000       20000   3000000        30000  5000000000
  10.1.0.2:8080            600       12000   2000000            0           0
  10.1.0.4:80                0           0         0            0           0
  [2001:db8::7]:80           0           0         0            0           0
udp://[2001:db8::1]:53       7           7       500            0           0
  [2001:db8::53]:53          7           7       500            0           0
)");
}

TEST(Stats, takes_rates_of_two_readings) {
    Cli cli;
    cli.host.meanwhile = [&] {
        cli.host.kernel.services[0].counters.conns += 40;
        cli.host.kernel.servers[0].counters.conns += 30;
        cli.host.kernel.servers[1].counters.conns += 10;
        cli.host.kernel.servers[3].counters = {}; // deleted and added again
    };
    EXPECT_EQ("\n" + cli("stats --rate --interval 2s"), R"(
SERVICE                  CONNS/S  IN-PACKETS/S  IN-BYTES/S  OUT-PACKETS/S  OUT-BYTES/S
tcp://10.0.0.1:80 (web)       20             0           0              0            0
  10.1.0.2:8080               15             0           0              0            0
  10.1.0.4:80                  5             0           0              0            0
  [2001:db8::7]:80             0             0           0              0            0
udp://[2001:db8::1]:53         0             0           0              0            0
  [2001:db8::53]:53            0             0           0              0            0
)");
}

TEST(ConnList, is_a_table) {
    Cli cli;
    EXPECT_EQ("\n" + cli("conn list"), R"(
CLIENT                 SERVICE                      SERVER                 MODE    STATE        EXPIRES      AGE  FLAGS
192.0.2.9:40000        tcp://10.0.0.1:80            10.1.0.2:8080          nat     established     899s      61s  active,assured
192.0.2.10:40001       tcp://10.0.0.1:80            10.1.0.2:8080          nat     syn_recv          1s       0s
[2001:db8::9]:5353     udp://[2001:db8::1]:53       [2001:db8::53]:53      local   udp             300s       2s
)");
}

TEST(ConnList, stops_at_its_limit_and_says_so) {
    Cli cli;
    cli("conn list --limit 2");
    EXPECT_EQ(cli.err, "stopped at 2 conns\n");
    EXPECT_EQ(std::count(cli.out.begin(), cli.out.end(), '\n'), 3);
    cli("conn list --limit 3");
    EXPECT_EQ(cli.err, "");
    cli.host.kernel.conns.assign(10'001, hg::test::conns().front());
    cli("conn list");
    EXPECT_EQ(cli.err, "stopped at 10000 conns: there are more, see --limit\n");
    EXPECT_EQ(std::count(cli.out.begin(), cli.out.end(), '\n'), 10'001);
    cli("conn list --limit 0");
    EXPECT_EQ(cli.err, "");
    EXPECT_EQ(std::count(cli.out.begin(), cli.out.end(), '\n'), 10'002);
    EXPECT_EQ(cli.code, 0);
}

TEST(ConnCount, is_by_service_server_and_state) {
    Cli cli;
    EXPECT_EQ("\n" + cli("conn count"), R"(
SERVICE                 SERVER             STATE        CONNS
tcp://10.0.0.1:80       10.1.0.2:8080      established      1
tcp://10.0.0.1:80       10.1.0.2:8080      syn_recv         1
udp://[2001:db8::1]:53  [2001:db8::53]:53  udp              1
total                                                       3
)");
}

TEST(Settings, are_printed_as_they_are_set) {
    Cli cli;
    EXPECT_EQ("\n" + cli("settings get"), R"(
conn_limit=1048576
affinity_limit=65536
check_mark_first=0x10000
check_mark_last=0x1ffff
timeout_tcp_none=2s
timeout_tcp_established=15m
timeout_tcp_syn_sent=2m
timeout_tcp_syn_recv=1m
timeout_tcp_fin_wait=2m
timeout_tcp_time_wait=2m
timeout_tcp_close=10s
timeout_tcp_close_wait=1m
timeout_tcp_last_ack=30s
timeout_tcp_listen=2m
timeout_tcp_synack=2m
timeout_udp=5m
)");
    std::istringstream lines(cli.out);
    std::string all = "settings set";
    for (std::string line; std::getline(lines, line);) {
        all += " " + line;
    }
    EXPECT_EQ(cli(all), "");
    EXPECT_EQ(cli.code, 0);
    const auto& sent = cli.host.kernel.changes.at(0).attributes;
    EXPECT_EQ(hg::decode_settings(sent).value(), hg::test::settings());
}

TEST(Info, tells_what_there_is) {
    Cli cli;
    EXPECT_EQ("\n" + cli("info"), R"(
version      0.1.0
generation   17
services     2
servers      4
conns        26 of at most 1048576
affinity     2 of at most 65536 entries
schedulers   rr wrr lc wlc sh mh
check marks  0x10000 to 0x1ffff
drops        no_conn 12
             no_route 3
)");
}

TEST(Info, says_where_accept_local_is_missing) {
    Cli cli;
    cli.host.lacking_accept_local = {"eth0", "eth1"};
    cli.host.kernel.info.drops.clear();
    cli.host.kernel.settings.check_mark_first = cli.host.kernel.settings.check_mark_last = 0;
    EXPECT_EQ("\n" + cli("info"), R"(
version      0.1.0
generation   17
services     2
servers      4
conns        26 of at most 1048576
affinity     2 of at most 65536 entries
schedulers   rr wrr lc wlc sh mh
check marks  none
drops        none

Health checks of direct and tunnel servers get no answers on interfaces without
accept_local=1: eth0 eth1
(sysctl -w net.ipv4.conf.eth0.accept_local=1, where the answers come in)
)");
    cli.host.kernel.servers = hg::test::dns_servers(); // none that needs it
    EXPECT_EQ(cli("info").find("accept_local"), std::string::npos);
}

TEST(Info, says_where_servers_would_be_told_of_a_shorter_way) {
    Cli cli;
    const auto redirecting = [&] {
        const auto text = cli("info");
        const auto hint = text.find("\nServers in mode nat");
        return hint == std::string::npos ? "" : text.substr(hint);
    };
    cli.host.redirecting = {"eth0", "eth1"};
    EXPECT_EQ(redirecting(), ""); // the NAT server is elsewhere
    const hg::cli::InterfaceAddress servers{"eth0", hg::test::endpoint("10.1.0.1").address,
                                            hg::test::endpoint("255.255.0.0").address};
    cli.host.present.push_back(servers);
    EXPECT_EQ(redirecting(), R"(
Servers in mode nat are behind the interface of their VIP, and the stack tells them
of a shorter way to the clients, past the director: eth0
(sysctl -w net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0)
)");
    cli.host.present.back().interface = "eth1";
    EXPECT_EQ(redirecting(), ""); // two arms
    cli.host.present.back().interface = "eth0";
    cli.host.redirecting = {"eth1"};
    EXPECT_EQ(redirecting(), "");
}

TEST(Version, needs_no_module) {
    Cli cli;
    cli.host.loaded = false;
    EXPECT_EQ(cli("version").substr(0, 9), "headgate ");
    EXPECT_EQ(cli.code, 0);
}

TEST(Help, is_no_error) {
    Cli cli;
    cli.host.loaded = false;
    EXPECT_NE(cli("--help").find("realserver"), std::string::npos);
    EXPECT_EQ(cli.code, 0);
    EXPECT_NE(cli("server add --help").find("--weight"), std::string::npos);
    EXPECT_EQ(cli.code, 0);
}

TEST(Netns, is_entered_first) {
    Cli cli;
    cli("show --netns blue");
    EXPECT_EQ(cli.host.netns, "blue");
    cli("--netns red service list");
    EXPECT_EQ(cli.host.netns, "red");
}

} // namespace

// conn list, count and kill: which conns they ask for, and what they say.
#include "fake_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using hg::test::Cli;
using testing::ElementsAre;
using testing::IsEmpty;

using hg::ConnFilter;

hg::Bytes bytes_of(const ConnFilter& filter) { return hg::list_conns_request(filter).attributes; }

// What the kernel is asked for.
hg::Bytes asked(const std::string& options) {
    Cli cli;
    cli("conn list " + options);
    EXPECT_EQ(cli.code, 0) << cli.err;
    auto listed = cli.host.kernel.dumped;
    cli("conn count " + options);
    EXPECT_EQ(cli.host.kernel.dumped, listed);
    return listed;
}

TEST(ConnFilter, is_the_kernels) {
    using hg::test::endpoint;
    using std::chrono_literals::operator""s;
    using std::chrono_literals::operator""min;
    EXPECT_EQ(asked(""), bytes_of({}));
    EXPECT_EQ(asked("--service web"), bytes_of({.service = hg::test::key("tcp://10.0.0.1:80")}));
    EXPECT_EQ(asked("--server 2001:db8::53"), bytes_of({.server = endpoint("2001:db8::53")}));
    EXPECT_EQ(asked("--server [2001:db8::53]:54"),
              bytes_of({.server = endpoint("[2001:db8::53]:54")}));
    EXPECT_EQ(asked("--client 192.0.2.9"), bytes_of({.client = endpoint("192.0.2.9")}));
    EXPECT_EQ(asked("--client 192.0.2.9:4711"), bytes_of({.client = endpoint("192.0.2.9:4711")}));
    EXPECT_EQ(asked("--client 192.0.2.0/24"),
              bytes_of({.client = endpoint("192.0.2.0"), .client_prefix = 24}));
    EXPECT_EQ(asked("--client 2001:db8::/64"),
              bytes_of({.client = endpoint("2001:db8::"), .client_prefix = 64}));
    EXPECT_EQ(asked("--state syn_recv"), bytes_of({.states = 1U << HEADGATE_TCP_SYN_RECV}));
    EXPECT_EQ(asked("--state udp,killed"),
              bytes_of({.states = HEADGATE_CONN_STATE_F_UDP | HEADGATE_CONN_STATE_F_KILLED}));
    EXPECT_EQ(asked("--min-age 5s --max-age 10m"), bytes_of({.min_age = 5s, .max_age = 10min}));
}

TEST(ConnFilter, is_refused_with_what_would_be_right) {
    const auto refused = [](const std::string& options) {
        Cli cli;
        cli("conn list " + options);
        EXPECT_EQ(cli.code, 2);
        return cli.err;
    };
    EXPECT_EQ(refused("--client 192.0.2.0/33"),
              "headgate: prefix length 33 is out of range: 0 to 32\n");
    EXPECT_EQ(refused("--client 2001:db8::/129"),
              "headgate: prefix length 129 is out of range: 0 to 128\n");
    EXPECT_EQ(refused("--state open"),
              "headgate: unknown state \"open\" (there are: none, established, syn_sent, syn_recv, "
              "fin_wait, time_wait, close, close_wait, last_ack, listen, synack, udp, killed)\n");
    EXPECT_EQ(refused("--min-age 2m --max-age 1m"),
              "headgate: no conn is at least 2m and at most 1m old\n");
    EXPECT_EQ(refused("--service web --client 2001:db8::9"),
              "headgate: service tcp://10.0.0.1:80 has no IPv6 clients as 2001:db8::9\n");
}

TEST(ConnCount, is_by_state_or_by_server) {
    Cli cli;
    EXPECT_EQ("\n" + cli("conn count --by state"), R"(
STATE        CONNS
established      1
syn_recv         1
udp              1
total            3
)");
    EXPECT_EQ("\n" + cli("conn count --by server"), R"(
SERVICE                 SERVER             CONNS
tcp://10.0.0.1:80       10.1.0.2:8080          2
udp://[2001:db8::1]:53  [2001:db8::53]:53      1
total                                          3
)");
    cli.host.kernel.conns.resize(1);
    EXPECT_EQ(cli("-j conn count --by state"), R"({
  "schema": 1,
  "groups": [
    {
      "state": "established",
      "conns": 1
    }
  ],
  "total": 1,
  "duplicates": false
}
)");
    cli("conn count --by client");
    EXPECT_EQ(cli.err, "headgate: cannot count by \"client\" (there are: state, server)\n");
    EXPECT_EQ(cli.code, 2);
}

TEST(ConnCount, says_that_the_table_moved) {
    Cli cli;
    cli.host.kernel.interruptions = 1;
    cli("conn count");
    EXPECT_EQ(cli.err, "the table was resized meanwhile: some conns may be listed twice\n");
}

TEST(ConnKill, says_how_many_were_killed) {
    Cli cli;
    EXPECT_EQ(cli("conn kill --server 10.1.0.2"), "killed 3 conns\n");
    EXPECT_THAT(cli.host.kernel.asked(), ElementsAre("kill_conn"));
    EXPECT_EQ(cli.host.kernel.changes.at(0).attributes,
              bytes_of({.server = hg::test::endpoint("10.1.0.2")}));
    cli.host.kernel.conns.resize(1);
    EXPECT_EQ(cli("conn kill --all"), "killed 1 conn\n");
    EXPECT_EQ(cli.host.kernel.changes.at(1).attributes, bytes_of({.all = true}));
    EXPECT_EQ(cli("-j conn kill --all"), "{\n  \"schema\": 1,\n  \"killed\": 1\n}\n");
}

TEST(ConnKill, has_to_be_told_which) {
    Cli cli;
    cli("conn kill");
    EXPECT_EQ(cli.err, "headgate: which conns? Say it by a filter, or --all\n");
    EXPECT_EQ(cli.code, 2);
    cli("conn kill --all --state udp");
    EXPECT_EQ(cli.err, "headgate: --all and a filter: which of the two?\n");
    EXPECT_EQ(cli.code, 2);
    EXPECT_THAT(cli.host.kernel.asked(), IsEmpty());
}

TEST(ConnList, names_killed_conns) {
    Cli cli;
    cli.host.kernel.conns.resize(1);
    cli.host.kernel.conns[0].flags = HEADGATE_CONN_F_KILLED;
    EXPECT_NE(cli("conn list").find("  killed          899s      61s  killed\n"), std::string::npos)
        << cli.out;
}

} // namespace

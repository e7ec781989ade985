// Affinity from the command line: of services, and its entries listed, counted and flushed.
#include "fake_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using hg::AffinitySpec;
using hg::Drained;
using hg::test::Cli;
using testing::ElementsAre;
using testing::IsEmpty;
using std::chrono_literals::operator""min;

// The service's affinity in the one change that the line asked for.
AffinitySpec sent(const std::string& line) {
    Cli cli;
    EXPECT_EQ(cli(line), "");
    EXPECT_EQ(cli.code, 0);
    EXPECT_EQ(cli.host.kernel.changes.size(), 1U) << line;
    return hg::decode_service(cli.host.kernel.changes.at(0).attributes).value().spec.affinity;
}

std::string refused(const std::string& line) {
    Cli cli;
    cli(line);
    EXPECT_EQ(cli.code, 2) << line;
    EXPECT_THAT(cli.host.kernel.asked(), IsEmpty());
    return cli.err;
}

TEST(AffinityOptions, say_what_a_service_has) {
    const std::string add = "service add tcp://10.0.0.9:80 ";
    EXPECT_EQ(sent(add), AffinitySpec{});
    EXPECT_EQ(sent(add + "--affinity off"), AffinitySpec{});
    EXPECT_EQ(sent(add + "--affinity 5m"), AffinitySpec{.timeout = 5min});
    EXPECT_EQ(sent(add + "--affinity 5m --affinity-prefix 32"), AffinitySpec{.timeout = 5min});
    EXPECT_EQ(sent(add + "--affinity 5m --affinity-prefix 24 --affinity-drained lose"),
              (AffinitySpec{.timeout = 5min, .prefix = 24, .drained = Drained::Lose}));
    EXPECT_EQ(sent("service set web --affinity 5m --affinity-prefix 24"),
              (AffinitySpec{.timeout = 5min, .prefix = 24}));
}

TEST(AffinityOptions, change_only_what_is_said) {
    const auto attributes = [](const std::string& line) {
        Cli cli;
        EXPECT_EQ(cli(line), "");
        return cli.host.kernel.changes.at(0).attributes;
    };
    const auto web = hg::test::key("tcp://10.0.0.1:80");
    const auto change = [&](const hg::AffinityChange& affinity) {
        return hg::set_service_request(web, {.affinity = affinity}).attributes;
    };
    EXPECT_EQ(attributes("service set web --affinity-drained lose"),
              change({.drained = Drained::Lose}));
    EXPECT_EQ(attributes("service set web --affinity off"),
              change({.timeout = std::chrono::milliseconds(0)}));
    EXPECT_EQ(attributes("service set web --affinity-prefix 24"), change({.prefix = 24}));
}

TEST(AffinityOptions, are_refused_with_what_would_be_right) {
    const std::string add = "service add tcp://10.0.0.9:80 ";
    EXPECT_EQ(refused(add + "--affinity 5m --affinity-prefix 33"),
              "headgate: affinity prefix 33 is out of range: 1 to 32\n");
    EXPECT_EQ(refused("service add tcp://[2001:db8::2]:80 --affinity 5m --affinity-prefix 129"),
              "headgate: affinity prefix 129 is out of range: 1 to 128\n");
    EXPECT_EQ(refused(add + "--affinity 5m --affinity-drained move"),
              "headgate: unknown drained \"move\" (there are: keep, lose)\n");
    EXPECT_EQ(refused(add + "--affinity-prefix 24"),
              "headgate: --affinity-prefix and --affinity-drained need --affinity TIME\n");
    EXPECT_EQ(refused("service set web"),
              "headgate: nothing to change: give --scheduler, --name, --hash-port, --timeout, "
              "--slow-start, --on-down or --affinity\n");
}

TEST(AffinityOptions, are_a_column_of_the_services_that_have_them) {
    Cli cli;
    auto& web = cli.host.kernel.services.at(0).spec;
    web.affinity = {.timeout = 5min, .prefix = 24, .drained = Drained::Lose};
    EXPECT_EQ("\n" + cli("service list"), R"(
SERVICE                 NAME  SCHEDULER  AFFINITY    SERVERS  ACTIVE  INACTIVE
tcp://10.0.0.1:80       web   wlc        5m/24,lose        3      15         4
udp://[2001:db8::1]:53        mh/port                      1       0         7
)");
    EXPECT_THAT(cli("-j service list"), testing::HasSubstr(R"("affinity": {
        "timeout_ms": 300000,
        "prefix": 24,
        "drained": "lose"
      })"));
}

TEST(Affinity, is_listed) {
    Cli cli;
    EXPECT_EQ("\n" + cli("affinity list"), R"(
CLIENT           SERVICE                 SERVER             CONNS  EXPIRES
192.0.2.9/32     tcp://10.0.0.1:80       10.1.0.2:8080          0       1s
2001:db8:1::/64  udp://[2001:db8::1]:53  [2001:db8::53]:53      7     300s
)");
    EXPECT_THAT(cli("affinity list --limit 1"),
                testing::EndsWith("       1s\nstopped at 1 entries\n"));
}

TEST(Affinity, is_listed_for_scripts) {
    Cli cli;
    cli.host.kernel.affinities.erase(cli.host.kernel.affinities.begin());
    EXPECT_EQ(cli("-j affinity list"), R"({
  "schema": 1,
  "affinities": [
    {
      "protocol": "udp",
      "client": "2001:db8:1::/64",
      "service": "udp://[2001:db8::1]:53",
      "server": "[2001:db8::53]:53",
      "timeout_ms": 300000,
      "expires_ms": 300000,
      "conns": 7
    }
  ],
  "more": false,
  "duplicates": false
}
)");
}

TEST(Affinity, is_counted_by_server) {
    Cli cli;
    auto another = cli.host.kernel.affinities.at(0);
    another.client = hg::test::endpoint("192.0.2.10").address;
    cli.host.kernel.affinities.push_back(another);
    EXPECT_EQ("\n" + cli("affinity count"), R"(
SERVICE                 SERVER             CLIENTS
tcp://10.0.0.1:80       10.1.0.2:8080            2
udp://[2001:db8::1]:53  [2001:db8::53]:53        1
total                                            3
)");
    EXPECT_THAT(cli("-j affinity count"), testing::HasSubstr("\"total\": 3"));
}

TEST(Affinity, is_chosen_by_a_filter) {
    const auto asked = [](const std::string& options) {
        Cli cli;
        cli("affinity list " + options);
        EXPECT_EQ(cli.code, 0) << cli.err;
        return cli.host.kernel.dumped;
    };
    const auto bytes = [](const hg::ConnFilter& filter) {
        return hg::list_affinities_request(filter).attributes;
    };
    EXPECT_EQ(asked(""), bytes({}));
    EXPECT_EQ(asked("--service web"), bytes({.service = hg::test::key("tcp://10.0.0.1:80")}));
    EXPECT_EQ(asked("--server 10.1.0.2"), bytes({.server = hg::test::endpoint("10.1.0.2")}));
    EXPECT_EQ(asked("--client 192.0.2.0/24"),
              bytes({.client = hg::test::endpoint("192.0.2.0"), .client_prefix = 24}));
}

TEST(Affinity, is_flushed_by_a_filter_or_all_of_it) {
    Cli cli;
    EXPECT_EQ(cli("affinity flush --all"), "flushed 2 entries\n");
    EXPECT_EQ(cli("affinity flush --client 192.0.2.9"), "flushed 2 entries\n");
    EXPECT_THAT(cli.host.kernel.asked(), ElementsAre("flush_affinity", "flush_affinity"));
    EXPECT_EQ(cli.host.kernel.changes.at(0).attributes,
              hg::flush_affinities_request({.all = true}).attributes);
    EXPECT_EQ(refused("affinity flush"), "headgate: which entries? Say it by a filter, or --all\n");
    EXPECT_EQ(refused("affinity flush --all --service web"),
              "headgate: --all and a filter: which of the two?\n");
    EXPECT_EQ(refused("affinity list --client 192.0.2.9:80"),
              "headgate: 192.0.2.9:80: an affinity entry has no client port, give the address "
              "alone\n");
}

} // namespace

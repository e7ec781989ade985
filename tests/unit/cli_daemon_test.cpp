#include "fake_host.h"

#include <gtest/gtest.h>

namespace hg::test {
namespace {

constexpr const char* kWell = R"({"schema":1,"module":"present","generation":3,"services":[
{"name":"web","service":"tcp://10.0.0.1:80","panic":false,"fallback":false,"quorum":true,
"servers":[{"server":"10.1.0.1:80","health":"up","factor":1000,"agent_down":false,
"check":{"type":"http","health":"up","since_ms":7200000,"contrary":0,"ok":true,"reason":"HTTP 200",
"age_ms":1234,"took_ms":12}},{"server":"10.1.0.2:80","health":"up"}]}],"nodes":[]})";

constexpr const char* kSick = R"({"schema":1,"module":"present","generation":3,"services":[
{"name":"","service":"tcp://10.0.0.1:80","panic":true,"fallback":false,"quorum":false,
"servers":[{"server":"10.1.0.1:80","health":"down","check":{"type":"tcp","health":"down",
"since_ms":500,"ok":false,"reason":"connection refused","age_ms":40,"took_ms":1}}]}],
"nodes":[{"name":"storage","address":"10.0.0.9","check":{"type":"tcp","health":"up",
"since_ms":60000,"ok":true,"reason":"","age_ms":40,"took_ms":1}}]})";

TEST(CliDaemon, shows_health_with_its_age) {
    Cli cli;
    cli.host.daemon_answer = kWell;
    EXPECT_EQ(cli("status"), R"(SERVICE        HEALTH       SINCE  CHECK  TOOK  AGO  RESULT
web
  10.1.0.1:80  up           2h     http   12ms  1s   HTTP 200
  10.1.0.2:80  not checked
)");
    EXPECT_EQ(cli.code, 0);
    EXPECT_EQ(cli.host.asked, R"(/run/headgate/headgate.sock {"command":"status"})");
}

TEST(CliDaemon, asks_the_daemon_of_the_namespace_unless_told_another_socket) {
    Cli cli;
    cli.host.daemon_answer = kWell;
    cli("--netns blue status");
    EXPECT_EQ(cli.host.asked, R"(/run/headgate/blue.sock {"command":"status"})");
    cli("--netns blue reload");
    EXPECT_EQ(cli.host.asked, R"(/run/headgate/blue.sock {"command":"reload"})");
    cli("--netns blue status --socket /tmp/x.sock");
    EXPECT_EQ(cli.host.asked, R"(/tmp/x.sock {"command":"status"})");
}

TEST(CliDaemon, ends_with_3_when_something_is_down) {
    Cli cli;
    cli.host.daemon_answer = kSick;
    EXPECT_EQ(cli("status"),
              R"(SERVICE            HEALTH                          SINCE  CHECK  TOOK  AGO   RESULT
tcp://10.0.0.1:80  PANIC: all are used, no quorum
  10.1.0.1:80      down                            500ms  tcp    1ms   40ms  connection refused
storage            up                              60s    tcp    1ms   40ms
)");
    EXPECT_EQ(cli.code, 3);
}

constexpr const char* kLoaded = R"({"schema":1,"module":"present","generation":3,"services":[
{"name":"web","service":"tcp://10.0.0.1:80","panic":false,"fallback":false,"quorum":true,
"servers":[{"server":"10.1.0.1:80","health":"up","factor":612,"agent_down":false,
"load":{"source":"node_exporter","from":"10.1.0.1:9100","age_ms":1500,"lost":false,"cpu":0.914,
"load_per_core":1.5,"memory_available":0.25}},
{"server":"10.1.0.2:80","health":"up","factor":500,"agent_down":true,"agent_drain":false,
"agent_reason":"agent says maint: backup","load":{"source":"agent","from":"10.1.0.2:8777",
"age_ms":130000,"lost":true,"percent":50,"state":"up","admin":"maint","text":"backup",
"why":"connection refused"}}]}],
"nodes":[{"name":"storage","address":"10.0.0.9","load":{"source":"node_exporter",
"from":"10.0.0.9:9100","lost":false,"why":"not asked yet"}}]})";

TEST(CliDaemon, shows_the_load_and_why_there_is_none) {
    Cli cli;
    cli.host.daemon_answer = kLoaded;
    EXPECT_EQ(cli("status"), R"(SERVICE        HEALTH
web
  10.1.0.1:80  not checked
  10.1.0.2:80  not checked, masked by its agent
storage        not checked

LOAD             FACTOR  CPU  LOAD1/CORE  MEMORY LEFT  AGO  FROM           NOTE
web 10.1.0.1:80   61.2%  91%        1.50          25%   1s  10.1.0.1:9100
web 10.1.0.2:80   50.0%                                 2m  10.1.0.2:8777  agent: up maint 50% #backup; connection refused
storage                                                     10.0.0.9:9100  not asked yet
)");
    EXPECT_EQ(cli.code, 3); // one is masked
}

TEST(CliDaemon, passes_on_what_one_who_watches_is_told) {
    Cli cli;
    cli.host.daemon_lines = {R"({"schema":1,"time":"T","status":{"module":"present"}})",
                             R"({"schema":1,"time":"T","event":"server_down","alarm":true})"};
    cli.host.daemon_end = tl::make_unexpected(Error{.kind = Kind::Unreachable,
                                                    .code = {},
                                                    .attempted = "hear headgated",
                                                    .reason = "it has hung up",
                                                    .attribute = {}});
    EXPECT_EQ(cli("-j status --watch --interval 2s"),
              R"({"schema":1,"time":"T","status":{"module":"present"}}
{"schema":1,"time":"T","event":"server_down","alarm":true}
{"schema":1,"time":"1970-01-01T00:00:00.000000Z","error":)"
              R"({"text":"cannot hear headgated: it has hung up","attempted":"hear headgated",)"
              R"("reason":"it has hung up","attribute":null,"errno":0}}
)");
    EXPECT_EQ(cli.code, 4);
    EXPECT_EQ(cli.host.asked,
              R"(/run/headgate/headgate.sock {"command":"watch","interval_ms":2000})");
}

TEST(CliDaemon, ends_a_watch_by_what_headgated_says_against_it) {
    Cli cli;
    cli.host.daemon_lines = {R"({"schema":1,"error":"24 clients watch already"})", "{}"};
    EXPECT_NE(cli("-j status --watch").find(R"("text":"24 clients watch already")"),
              std::string::npos);
    EXPECT_EQ(std::count(cli.out.begin(), cli.out.end(), '\n'), 1);
    EXPECT_EQ(cli.code, 1);
}

TEST(CliDaemon, watches_for_programs_only_and_at_an_interval_that_there_is) {
    Cli cli;
    EXPECT_EQ(cli("status --watch"),
              "headgate: status --watch is for programs, and only with -j\n");
    EXPECT_EQ(cli.code, 2);
    cli("-j status --watch --interval 999ms");
    EXPECT_NE(cli.err.find("interval 999ms is out of range: 1s to 1h"), std::string::npos);
    EXPECT_EQ(cli("status --interval 2s"), "headgate: --interval is for --watch\n");
    EXPECT_EQ(cli.host.asked, "");
}

TEST(CliDaemon, passes_the_parsers_text_on_when_a_reload_is_refused) {
    Cli cli;
    cli.host.daemon_answer = R"({"schema":1,"error":"cannot read x.yaml: x.yaml:1:1: bad"})";
    EXPECT_EQ(cli("reload --socket /tmp/x"),
              "headgate: cannot reload; the old configuration stays: "
              "cannot read x.yaml: x.yaml:1:1: bad\n");
    EXPECT_EQ(cli.code, 1);
    EXPECT_EQ(cli.host.asked, R"(/tmp/x {"command":"reload"})");
}

TEST(CliDaemon, asks_for_overrides_to_be_reset) {
    Cli cli;
    cli.host.daemon_answer = R"({"schema":1,"done":true})";
    EXPECT_EQ(cli("reload --reset-overrides"), "");
    EXPECT_EQ(cli.host.asked,
              R"(/run/headgate/headgate.sock {"command":"reload","reset_overrides":true})");
    EXPECT_EQ(cli("reload"), "");
    EXPECT_EQ(cli.host.asked, R"(/run/headgate/headgate.sock {"command":"reload"})");
}

TEST(CliDaemon, ends_with_4_when_nobody_listens) {
    Cli cli;
    cli.host.daemon_answer = tl::make_unexpected(Error{.kind = Kind::Unreachable,
                                                       .code = {},
                                                       .attempted = "reach headgated at /x",
                                                       .reason = "it does not run",
                                                       .attribute = {}});
    EXPECT_EQ(cli("status"), "headgate: cannot reach headgated at /x: it does not run\n");
    EXPECT_EQ(cli.code, 4);
}

TEST(CliDaemon, says_in_show_how_old_the_health_is_when_the_daemon_is_gone) {
    Cli cli;
    cli.host.kernel.info.heartbeat = Heartbeat{std::chrono::seconds(5), std::chrono::minutes(12)};
    EXPECT_NE(cli("show").find("\nhealth as of 12m ago, daemon gone\n"), std::string::npos);
    cli.host.kernel.info.heartbeat->age = std::chrono::seconds(3);
    EXPECT_EQ(cli("show").find("health"), std::string::npos);
    EXPECT_NE(cli("info").find("health       kept by headgated\n"), std::string::npos);
}

} // namespace
} // namespace hg::test

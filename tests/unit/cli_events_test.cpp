#include "fake_host.h"

#include <cstdlib>
#include <ctime>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

using namespace hg;
using namespace hg::test;

class Events : public testing::Test {
protected:
    Cli cli;
    FakeEvents& told = cli.host.events;

    Events() {
        setenv("TZ", "TEST-1", 1); // an hour east
        tzset();
    }

    ~Events() override {
        unsetenv("TZ");
        tzset();
    }
};

Server with_weight(Server server, std::uint32_t weight) {
    server.spec.weight = weight;
    server.effective_weight = weight * 256;
    server.active++;
    return server;
}

TEST_F(Events, are_lines_for_eyes) {
    auto down = with_weight(web_servers()[0], 5);
    down.down = HEADGATE_DOWN_CHECK;
    auto left = down;
    left.active = 4;
    left.inactive = 1;
    auto renamed = web_service();
    renamed.spec.name = "shop";
    told.tell(config_event(HEADGATE_EVENT_SERVICE_NEW, 1, 18, dns_service()));
    told.tell(config_event(HEADGATE_EVENT_SERVICE_SET, 2, 19, renamed));
    told.tell(config_event(HEADGATE_EVENT_SERVER_NEW, 3, 20, dns_servers()[0]));
    told.tell(config_event(HEADGATE_EVENT_SERVER_SET, 4, 21, with_weight(web_servers()[0], 5)));
    told.tell(config_event(HEADGATE_EVENT_SERVER_DOWN, 5, 22, down));
    told.tell(config_event(HEADGATE_EVENT_SERVER_DEADLINE, 6, 22, left));
    told.tell(config_event(HEADGATE_EVENT_SERVER_GONE, 7, 23, down));
    told.tell(config_event(HEADGATE_EVENT_SETTINGS, 8, 24));
    told.tell(config_event(HEADGATE_EVENT_COMMIT, 9, 24));
    EXPECT_EQ(cli("events --count 9"),
              R"(2026-01-02 04:04:05.006  service_new      udp://[2001:db8::1]:53  mh/port
2026-01-02 04:04:05.006  service_set      tcp://10.0.0.1:80 (shop)  name web -> shop
2026-01-02 04:04:05.006  server_new       udp://[2001:db8::1]:53 [2001:db8::53]:53  local weight 1 ready
2026-01-02 04:04:05.006  server_set       tcp://10.0.0.1:80 10.1.0.2:8080  weight 3 -> 5
2026-01-02 04:04:05.006  server_down      tcp://10.0.0.1:80 10.1.0.2:8080  down none -> check
2026-01-02 04:04:05.006  server_deadline  tcp://10.0.0.1:80 10.1.0.2:8080  5 conns left
2026-01-02 04:04:05.006  server_gone      tcp://10.0.0.1:80 10.1.0.2:8080
2026-01-02 04:04:05.006  settings         generation 24
2026-01-02 04:04:05.006  commit           generation 24
)");
    EXPECT_EQ(cli.code, 0);
    EXPECT_EQ(told.joined, std::vector{EventGroup::Config});
}

TEST_F(Events, of_conns) {
    told.tell(conn_event(HEADGATE_EVENT_CONN_NEW, 1, conns()[1]));
    told.tell(conn_event(HEADGATE_EVENT_CONN_GONE, 2, conns()[0]));
    EXPECT_EQ(
        cli("events --conns --count 2"),
        R"(2026-01-02 04:04:05.006  conn_new         192.0.2.10:40001 -> tcp://10.0.0.1:80 -> 10.1.0.2:8080  syn_recv
2026-01-02 04:04:05.006  conn_gone        192.0.2.9:40000 -> tcp://10.0.0.1:80 -> 10.1.0.2:8080  established active,assured
)");
    EXPECT_EQ(told.joined, std::vector{EventGroup::Conn});
    EXPECT_EQ(cli.host.kernel.resets, 1) << "a list of conns was begun, so that all are heard";
}

TEST_F(Events, are_json_lines_for_scripts) {
    told.tell(config_event(HEADGATE_EVENT_COMMIT, 9, 24));
    told.tell(config_event(HEADGATE_EVENT_SERVER_SET, 10, 25, with_weight(dns_servers()[0], 5)));
    told.tell(conn_event(HEADGATE_EVENT_CONN_NEW, 1, conns()[1]));
    EXPECT_EQ(
        cli("-j events --config --conns --count 3"),
        R"({"schema":1,"time":"2026-01-02T03:04:05.006007Z","event":{"type":"commit","group":"config","sequence":9,"generation":24}}
{"schema":1,"time":"2026-01-02T03:04:05.006007Z","event":{"type":"server_set","group":"config","sequence":10,"generation":25,"service":"udp://[2001:db8::1]:53","server":"[2001:db8::53]:53","object":{"service":"udp://[2001:db8::1]:53","server":"[2001:db8::53]:53","forward":"local","tunnel":null,"weight":5,"state":"ready","upper":0,"lower":0,"address":"2001:db8::53","port":53,"down":[],"factor":1.0,"ramp":1.0,"effective_weight":5.0,"overloaded":false,"drained":false,"drain":null,"managed":null,"check_mark":null,"active":1,"inactive":7,"counters":{"conns":7,"in_packets":7,"in_bytes":500,"out_packets":0,"out_bytes":0}},"changed":{"weight":[1,5]}}}
{"schema":1,"time":"2026-01-02T03:04:05.006007Z","event":{"type":"conn_new","group":"conn","sequence":1,"service":"tcp://10.0.0.1:80","server":"10.1.0.2:8080","client":"192.0.2.10:40001","object":{"protocol":"tcp","client":"192.0.2.10:40001","service":"tcp://10.0.0.1:80","server":"10.1.0.2:8080","forward":"nat","state":"syn_recv","active":false,"assured":false,"check":false,"killed":false,"timeout_ms":60000,"expires_ms":1500,"age_ms":0}}}
)");
}

TEST_F(Events, of_one_service) {
    told.tell(config_event(HEADGATE_EVENT_SERVER_GONE, 1, 18, dns_servers()[0]));
    told.tell(config_event(HEADGATE_EVENT_COMMIT, 2, 18));
    told.tell(config_event(HEADGATE_EVENT_SERVER_GONE, 3, 19, web_servers()[0]));
    EXPECT_EQ(cli("events web --count 1"),
              "2026-01-02 04:04:05.006  server_gone      tcp://10.0.0.1:80 10.1.0.2:8080\n");
}

TEST_F(Events, say_that_some_were_lost_and_go_on) {
    told.tell(config_event(HEADGATE_EVENT_COMMIT, 1, 18));
    told.overrun();
    // What is known is read anew: the change from 3 to 4 is one of those lost.
    told.tell(config_event(HEADGATE_EVENT_SERVER_SET, 8, 25, with_weight(web_servers()[0], 5)),
              [&] { cli.host.kernel.servers[0].spec.weight = 4; });
    const std::string lines = cli("events --count 2");
    EXPECT_NE(lines.find("lost             6 config events: they came faster than they were read; "
                         "going on with those that come now\n"),
              std::string::npos)
        << lines;
    EXPECT_NE(lines.find("weight 4 -> 5\n"), std::string::npos) << lines;
}

// Of each kind of change one; the server of a service that went, without a word.
TEST_F(Events, say_after_a_loss_what_is_otherwise) {
    auto& kernel = cli.host.kernel;
    told.tell(config_event(HEADGATE_EVENT_COMMIT, 1, 18));
    told.overrun();
    told.quiet();
    auto left = web_service();
    left.spec.key.endpoint.port = 81;
    auto new_server = web_servers()[0];
    new_server.spec.endpoint = endpoint("10.1.0.9:8080");
    auto left_server = web_servers()[0];
    left_server.service = left.spec.key;
    const auto change = [&] {
        kernel.info.generation = 30;
        kernel.services = {web_service(), dns_service()};
        kernel.services[0].spec.name = "shop";
        kernel.servers = {web_servers()[0], new_server};
        kernel.servers[0].spec.weight = 5;
    };
    const auto forget = [&] {
        kernel.info.generation = 17;
        kernel.services = {web_service(), left};
        kernel.servers = {web_servers()[0], web_servers()[1], left_server};
    };
    forget();
    told.steps[1].meanwhile = change;
    const auto steps = told.steps;
    const std::string lines = cli("events");
    EXPECT_EQ(
        lines.substr(lines.find("1970")),
        R"(1970-01-01 01:00:00.000  lost             some events: they came faster than they were read; going on with those that come now
1970-01-01 01:00:00.000  service_gone     tcp://10.0.0.1:81 (web)  (found after the loss)
1970-01-01 01:00:00.000  service_set      tcp://10.0.0.1:80 (shop)  name web -> shop  (found after the loss)
1970-01-01 01:00:00.000  service_new      udp://[2001:db8::1]:53  mh/port  (found after the loss)
1970-01-01 01:00:00.000  server_gone      tcp://10.0.0.1:80 10.1.0.4:80  (found after the loss)
1970-01-01 01:00:00.000  server_set       tcp://10.0.0.1:80 10.1.0.2:8080  weight 3 -> 5  (found after the loss)
1970-01-01 01:00:00.000  server_new       tcp://10.0.0.1:80 10.1.0.9:8080  nat weight 3 ready  (found after the loss)
headgate: cannot hear events: headgate.ko was unloaded
)");
    forget();
    told.steps = steps;
    const std::string of_one = cli("events tcp://10.0.0.1:81");
    EXPECT_NE(of_one.find("service_gone"), std::string::npos) << of_one;
    EXPECT_EQ(of_one.find("10.0.0.1:80"), std::string::npos) << of_one;
    EXPECT_EQ(of_one.find("udp://"), std::string::npos) << of_one;
    forget();
    told.steps = steps;
    EXPECT_EQ(std::string(cli("events --conns")).find("(found"), std::string::npos)
        << "nobody asked for the configuration";
}

TEST_F(Events, found_after_a_loss_say_so_in_json) {
    told.overrun();
    told.steps.back().meanwhile = [&] {
        cli.host.kernel.info.generation = 30;
        cli.host.kernel.servers[0].spec.weight = 4;
    };
    std::istringstream lines(cli("-j events"));
    std::string line;
    std::getline(lines, line); // that some were lost
    std::getline(lines, line);
    auto document = nlohmann::ordered_json::parse(line);
    document["event"].erase("object");
    EXPECT_EQ(
        document.dump(),
        R"({"schema":1,"time":"1970-01-01T00:00:00.000000Z","event":{"type":"server_set","group":"config","generation":30,"service":"tcp://10.0.0.1:80","server":"10.1.0.2:8080","changed":{"weight":[3,4]},"resynced":true}})");
}

// What cannot be read is not said to be gone.
TEST_F(Events, say_nothing_of_a_configuration_that_does_not_rest) {
    told.overrun();
    told.steps.back().meanwhile = [&] { cli.host.kernel.interruptions = 1'000'000; };
    const std::string lines = cli("events");
    EXPECT_NE(lines.find("lost"), std::string::npos) << lines;
    EXPECT_EQ(lines.find("found after"), std::string::npos) << lines;
}

// The state is read at 17: what was told before then changed something, but not that.
TEST_F(Events, say_no_change_of_what_is_older_than_the_state) {
    told.tell(config_event(HEADGATE_EVENT_SERVER_SET, 1, 17, with_weight(web_servers()[0], 5)));
    told.tell(config_event(HEADGATE_EVENT_SERVER_SET, 2, 18, with_weight(web_servers()[0], 4)));
    const std::string lines = cli("events --count 2");
    EXPECT_EQ(lines.find("3 -> 5"), std::string::npos) << lines;
    EXPECT_NE(lines.find("weight 3 -> 4\n"), std::string::npos) << lines;
}

TEST_F(Events, say_in_json_that_some_were_lost) {
    told.overrun();
    told.quiet();
    EXPECT_EQ(
        cli("-j events"),
        R"({"schema":1,"time":"1970-01-01T00:00:00.000000Z","lost":{"group":null,"events":null}}
{"schema":1,"error":{"text":"cannot hear events: headgate.ko was unloaded","attempted":"hear events","reason":"headgate.ko was unloaded","attribute":null,"errno":2}}
)");
    EXPECT_EQ(cli.code, 4);
}

TEST_F(Events, end_when_nobody_reads_them) {
    told.tell(config_event(HEADGATE_EVENT_COMMIT, 1, 18));
    told.tell(config_event(HEADGATE_EVENT_COMMIT, 2, 19));
    std::ostringstream out;
    std::ostringstream err;
    out.setstate(std::ios::badbit);
    EXPECT_EQ(cli::run({"events"}, cli.host, out, err), cli::Exit::Done);
    EXPECT_EQ(told.steps.size(), 1U);
}

TEST_F(Events, end_when_their_reader_goes_in_silence) {
    told.quiet([&] { cli.host.is_read = false; });
    told.tell(config_event(HEADGATE_EVENT_COMMIT, 1, 18));
    EXPECT_EQ(cli("events"), "");
    EXPECT_EQ(cli.code, 0);
    EXPECT_EQ(told.steps.size(), 1U);
}

TEST_F(Events, refuse_a_count_of_nothing) {
    EXPECT_EQ(cli("events --count 0"), "headgate: count 0 is out of range: 1 to 4294967295\n");
    EXPECT_EQ(cli.code, 2);
}

} // namespace

#include "fake_host.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

using namespace hg;
using namespace hg::test;

using Json = nlohmann::ordered_json;

class Watch : public testing::Test {
protected:
    Cli cli;
    FakeEvents& told = cli.host.events;
    FakeKernel& kernel = cli.host.kernel;

    std::vector<Json> watch(const std::string& options = "") {
        (void)cli("-j watch " + options);
        std::vector<Json> out;
        std::istringstream in(cli.out);
        for (std::string line; std::getline(in, line);) {
            out.push_back(Json::parse(line));
        }
        return out;
    }

    // What the stream says, a word or two a line.
    std::vector<std::string> kinds(const std::string& options = "") {
        std::vector<std::string> out;
        for (const auto& each : watch(options)) {
            if (each.contains("event")) {
                out.push_back(each["event"]["type"]);
            } else if (each.contains("state")) {
                out.push_back("state " + each["state"]["info"]["generation"].dump());
            } else if (each.contains("conns")) {
                out.push_back("conns " + each["conns"]["phase"].get<std::string>());
            } else {
                out.push_back(std::next(each.begin(), each.contains("time") ? 2 : 1).key());
            }
        }
        return out;
    }

    std::function<void()> at_generation(std::uint32_t generation) {
        return [this, generation] { kernel.info.generation = generation; };
    }
};

using Words = std::vector<std::string>;

// What the stream says of the conns there are, around one.
Words around_list(const Words& before, const Words& after) {
    Words out = before;
    out.insert(out.end(), {"conns begin", "conn", "conns end"});
    out.insert(out.end(), after.begin(), after.end());
    return out;
}

TEST_F(Watch, begins_with_the_state) {
    const auto lines = watch();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0]["schema"], 1);
    const auto& state = lines[0]["state"];
    EXPECT_EQ(state["services"], Json::parse(cli("-j show"))["services"]);
    EXPECT_EQ(state["info"], Json::parse(cli("-j info"))["info"]);
    EXPECT_EQ(state["settings"], Json::parse(cli("-j settings get"))["settings"]);
}

TEST_F(Watch, sends_numbers_each_interval) {
    kernel.services = {dns_service()};
    kernel.servers = dns_servers();
    told.quiet();
    const auto lines = watch("--interval 500ms");
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(
        lines[1].dump(),
        R"({"schema":1,"time":"1970-01-01T00:00:00.500000Z","counters":{"generation":17,"conns":26,"drops":{"no_server":0,"no_conn":12,"no_route":3},"services":[{"service":"udp://[2001:db8::1]:53","active":0,"inactive":7,"counters":{"conns":7,"in_packets":7,"in_bytes":500,"out_packets":0,"out_bytes":0},"servers":[{"server":"[2001:db8::53]:53","active":0,"inactive":7,"effective_weight":1.0,"ramp":1.0,"overloaded":false,"drained":false,"drain":null,"counters":{"conns":7,"in_packets":7,"in_bytes":500,"out_packets":0,"out_bytes":0}}]}]}})");
}

TEST_F(Watch, sends_events_between_counters) {
    told.quiet();
    told.tell(config_event(HEADGATE_EVENT_SERVER_UP, 1, 18, web_servers()[0]));
    told.tell(conn_event(HEADGATE_EVENT_CONN_NEW, 1, conns()[0]));
    told.quiet();
    kernel.conns = {conns()[0]};
    EXPECT_EQ(kinds("--conns"), around_list({"state 17"}, {"counters", "server_up", "conn_new",
                                                           "counters", "error"}));
    EXPECT_EQ(told.joined, (std::vector{EventGroup::Config, EventGroup::Conn}));
}

TEST_F(Watch, sends_the_state_anew_after_a_change_of_the_set) {
    told.quiet();
    told.quiet();
    told.tell(config_event(HEADGATE_EVENT_SERVER_NEW, 1, 18, web_servers()[0]), at_generation(18));
    told.tell(config_event(HEADGATE_EVENT_COMMIT, 2, 18));
    told.quiet();
    EXPECT_EQ(kinds(), (Words{"state 17", "counters", "counters", "server_new", "commit",
                              "state 18", "counters", "error"}));
}

TEST_F(Watch, sends_one_state_a_second_at_most) {
    for (std::uint32_t i = 1; i <= 3; i++) {
        told.quiet();
        told.tell(config_event(HEADGATE_EVENT_SERVICE_GONE, i, 17 + i, dns_service()),
                  at_generation(17 + i));
    }
    for (int i = 0; i < 9; i++) {
        told.quiet();
    }
    const auto got = kinds("--interval 100ms");
    EXPECT_EQ(std::count(got.begin(), got.end(), "service_gone"), 3);
    EXPECT_EQ(std::count(got.begin(), got.end(), "state 20"), 1);
    EXPECT_EQ(std::count_if(got.begin(), got.end(),
                            [](const auto& each) { return each.starts_with("state"); }),
              2);
}

// The state is read at 19 while the event of 18 still waits, and that of 20 comes meanwhile.
TEST_F(Watch, never_goes_back) {
    told.quiet();
    told.quiet();
    told.tell(config_event(HEADGATE_EVENT_SERVER_NEW, 1, 18, web_servers()[0]), at_generation(19));
    told.tell(config_event(HEADGATE_EVENT_SERVER_SET, 2, 19, web_servers()[0]));
    told.tell(config_event(HEADGATE_EVENT_SERVER_SET, 3, 20, web_servers()[1]));
    told.quiet();
    EXPECT_EQ(kinds(), (Words{"state 17", "counters", "counters", "server_new", "server_set",
                              "state 19", "server_set", "counters", "error"}));
}

// A drain ends without a new generation, perhaps after the state was read: what comes before the
// state must be in it.
TEST_F(Watch, does_not_go_back_to_before_the_end_of_a_drain) {
    for (const auto type : {HEADGATE_EVENT_SERVER_DRAINED, HEADGATE_EVENT_SERVER_DEADLINE}) {
        kernel.info.generation = 17;
        told.quiet();
        told.quiet();
        told.tell(config_event(HEADGATE_EVENT_SERVER_NEW, 1, 18, web_servers()[0]),
                  at_generation(18));
        told.tell(config_event(HEADGATE_EVENT_COMMIT, 2, 18));
        told.tell(config_event(type, 3, 18, web_servers()[0]));
        told.tell(config_event(HEADGATE_EVENT_COMMIT, 4, 18));
        told.quiet();
        EXPECT_EQ(kinds(),
                  (Words{"state 17", "counters", "counters", "server_new", "commit", "state 18",
                         std::string(hg::event_name(type)), "commit", "counters", "error"}));
    }
}

TEST_F(Watch, waits_for_a_configuration_that_rests) {
    kernel.interruptions = 1'000'000;
    told.tell(config_event(HEADGATE_EVENT_COMMIT, 1, 17));
    told.quiet([&] { kernel.interruptions = 0; });
    told.tell(config_event(HEADGATE_EVENT_COMMIT, 2, 17));
    EXPECT_EQ(kinds(), (Words{"state 17", "error"}));
}

TEST_F(Watch, resyncs_after_a_loss) {
    told.quiet();
    told.tell(config_event(HEADGATE_EVENT_COMMIT, 1, 18));
    told.overrun();
    told.quiet(at_generation(40));
    told.quiet();
    EXPECT_EQ(kinds(), (Words{"state 17", "counters", "commit", "lost", "state 17", "counters",
                              "counters", "error"}));
}

TEST_F(Watch, lists_conns_as_conn_list_has_them) {
    const auto lines = watch("--conns");
    const auto listed = Json::parse(cli("-j conn list"))["conns"];
    ASSERT_EQ(listed.size(), conns().size());
    ASSERT_EQ(lines.size(), listed.size() + 4);
    EXPECT_EQ(lines[1].dump(),
              R"({"schema":1,"time":"1970-01-01T00:00:00.000000Z","conns":{"phase":"begin"}})");
    for (std::size_t i = 0; i < listed.size(); i++) {
        EXPECT_EQ(lines[2 + i]["conn"], listed[i]);
    }
    EXPECT_EQ(lines[2 + listed.size()]["conns"].dump(), R"({"phase":"end","listed":)" +
                                                            std::to_string(listed.size()) +
                                                            R"(,"duplicates":false})");
}

TEST_F(Watch, says_that_a_conn_may_have_been_listed_twice) {
    told.quiet([&] { kernel.interruptions = 1; });
    told.overrun();
    told.tell(conn_event(HEADGATE_EVENT_CONN_NEW, 1, conns()[0]));
    told.tell(conn_event(HEADGATE_EVENT_CONN_NEW, 9, conns()[0]));
    for (int i = 0; i < 12; i++) {
        told.quiet();
    }
    std::vector<bool> duplicates;
    for (const auto& each : watch("--conns --interval 1h")) {
        if (each.contains("conns") && each["conns"]["phase"] == "end") {
            duplicates.push_back(each["conns"]["duplicates"]);
        }
    }
    EXPECT_EQ(duplicates, (std::vector{false, true}));
}

TEST_F(Watch, lists_conns_anew_after_a_loss_of_theirs) {
    kernel.conns = {conns()[0]};
    for (int i = 0; i < 10; i++) {
        told.quiet();
    }
    told.tell(conn_event(HEADGATE_EVENT_CONN_NEW, 1, conns()[0]));
    told.overrun();
    told.tell(conn_event(HEADGATE_EVENT_CONN_NEW, 9, conns()[0]));
    told.quiet();
    EXPECT_EQ(kinds("--conns --interval 1h"),
              around_list(around_list({"state 17"}, {"conn_new", "lost"}), {"conn_new", "error"}));
}

// Both groups share the socket.
TEST_F(Watch, sends_all_anew_when_it_cannot_say_what_was_lost) {
    kernel.conns = {conns()[0]};
    for (int i = 0; i < 10; i++) {
        told.quiet();
    }
    told.overrun();
    told.quiet();
    EXPECT_EQ(kinds("--conns --interval 1h"),
              around_list(around_list({"state 17"}, {"lost", "state 17"}), {"error"}));
}

TEST_F(Watch, lists_no_conns_for_a_loss_of_configuration) {
    kernel.conns = {conns()[0]};
    for (int i = 0; i < 10; i++) {
        told.quiet();
    }
    told.tell(config_event(HEADGATE_EVENT_COMMIT, 1, 17));
    told.tell(config_event(HEADGATE_EVENT_COMMIT, 3, 17));
    told.quiet();
    EXPECT_EQ(kinds("--conns --interval 1h"),
              around_list({"state 17"}, {"commit", "lost", "commit", "state 17", "error"}));
}

TEST_F(Watch, lists_conns_each_ten_seconds_at_most) {
    for (std::uint32_t i = 1; i <= 35; i++) {
        told.overrun();
        told.quiet();
    }
    std::vector<std::string> times;
    for (const auto& each : watch("--conns --interval 1h")) {
        if (each.contains("conns") && each["conns"]["phase"] == "begin") {
            times.push_back(each["time"].get<std::string>().substr(17, 2));
        }
    }
    EXPECT_EQ(times, (Words{"00", "10", "20", "30"}));
}

TEST_F(Watch, lists_no_more_conns_when_nobody_reads) {
    std::ostringstream out;
    std::ostringstream err;
    out.setstate(std::ios::badbit);
    EXPECT_EQ(cli::run({"-j", "watch", "--conns"}, cli.host, out, err), cli::Exit::Done);
    EXPECT_EQ(err.str(), "");
}

TEST_F(Watch, ends_with_an_error_when_the_module_is_gone) {
    const auto lines = watch();
    EXPECT_EQ(cli.code, 4);
    EXPECT_EQ(cli.err, "");
    EXPECT_EQ(lines.back()["error"]["text"], "cannot hear events: headgate.ko was unloaded");
}

TEST_F(Watch, finds_out_by_a_request_that_the_module_is_gone) {
    told.quiet([&] {
        cli.host.loaded = false;
        kernel.refusals[HEADGATE_CMD_GET_INFO] = {ENOENT, "", 0};
    });
    const auto lines = watch();
    EXPECT_EQ(cli.code, 4);
    EXPECT_EQ(lines.back()["error"]["text"],
              "cannot ask the module how it is: the kernel module was unloaded");
}

TEST_F(Watch, ends_quietly_when_nobody_reads) {
    told.quiet();
    std::ostringstream out;
    std::ostringstream err;
    out.setstate(std::ios::badbit);
    EXPECT_EQ(cli::run({"-j", "watch"}, cli.host, out, err), cli::Exit::Done);
    EXPECT_EQ(err.str(), "");
}

TEST_F(Watch, ends_quietly_when_its_reader_goes_in_silence) {
    told.quiet([&] { cli.host.is_read = false; });
    EXPECT_EQ(kinds("--interval 1h"), (Words{"state 17"}));
    EXPECT_EQ(cli.code, 0);
}

TEST_F(Watch, is_not_for_eyes) {
    EXPECT_EQ(cli("watch"), "headgate: watch is for programs, and only with -j; for eyes there "
                            "are \"show\" and \"stats --rate\"\n");
    EXPECT_EQ(cli.code, 2);
}

} // namespace

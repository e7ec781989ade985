// The commands that listen.
#include "director.h"
#include "eventually.h"
#include "flow.h"
#include "place.h"
#include "reader.h"
#include "two_wires.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;

const hg::ServiceKey kWeb{hg::Protocol::Tcp, {address("10.0.0.1"), 80}};
const hg::Endpoint kFirst{address("10.1.0.2"), 80};

class EventsByCommand : public testing::Test {
protected:
    static void SetUpTestSuite() {
        place = std::make_unique<Place>(Place::make("events-test"));
        place->ip("addr add 10.0.0.1/32 dev lo\n");
    }

    static void TearDownTestSuite() { place.reset(); }

    EventsByCommand() : kernel(*place) {
        must(kernel->flush());
        must(kernel->add_service({.key = kWeb, .name = "", .scheduler = "rr", .hash_port = false}));
        must(kernel->add_server(kWeb, {.endpoint = kFirst}));
    }

    void set_weight(std::uint32_t weight) {
        must(kernel->set_server(kWeb, kFirst, {.weight = weight}));
    }

    // Who reads is held up: its pipe fills up, then its socket. The events of settings are the
    // smallest.
    void overrun() {
        constexpr std::uint32_t kMost = 100'000;
        const auto inside = place->enter();
        std::uint32_t changes = 0;
        while (changes < kMost && (changes % 256 != 0 || !somebody_overran())) {
            must(kernel->set_settings({.conn_limit = 4000 + changes++}));
        }
        ASSERT_LT(changes, kMost) << "nobody overran";
    }

    // The first line of a command that tells of weights: it has to listen first.
    std::string heard(Reader& reader) {
        std::optional<std::string> line;
        std::uint32_t weight = 1;
        EXPECT_TRUE(eventually([&] {
            set_weight(++weight);
            line = reader.line(50ms);
            return line.has_value();
        }));
        return line.value_or("");
    }

    static std::unique_ptr<Place> place;
    Kernel kernel;
};

std::unique_ptr<Place> EventsByCommand::place;

TEST_F(EventsByCommand, are_printed_as_they_come) {
    Reader reader(*place, "events tcp://10.0.0.1:80");
    auto line = heard(reader);
    set_weight(1000);
    while (!line.empty() && !line.ends_with("1000")) {
        line = reader.line().value_or("");
    }
    EXPECT_THAT(line, testing::ContainsRegex("server_set +tcp://10.0.0.1:80 10.1.0.2:80  "
                                             "weight [0-9]+ -> 1000$"));
}

TEST_F(EventsByCommand, are_streamed_with_the_state) {
    Reader reader(*place, "-j watch --interval 100ms");
    const auto first = reader.object("state");
    EXPECT_EQ(first.at("services").at(0).at("servers").size(), 1U);
    (void)reader.object("counters");
    set_weight(9);
    const auto event = reader.object("event");
    EXPECT_EQ(event.at("type"), "server_set");
    EXPECT_EQ(event.at("object").at("weight"), 9);
    must(kernel->flush());
    const auto second = reader.object("state");
    EXPECT_EQ(second.at("services").size(), 0U);
    EXPECT_EQ(second.at("info").at("generation"), must(kernel->info()).generation);
}

TEST(CountersByCommand, are_those_of_the_packets) {
    constexpr std::uint64_t kRequests = 5;
    constexpr std::uint64_t kReplies = 3;
    auto& lab = TwoWires::shared();
    const auto& plan = plan_of(hg::Family::V4);
    const Flow flow{{plan.client, 45000}, {plan.vip, 53}, {plan.server, 53}};
    const auto service = lab.director.add_service(hg::Protocol::Udp, flow.vip);
    lab.director.add_server(service, flow.server, hg::Mode::Nat);

    Reader reader(lab.inside, "-j watch --interval 100ms");
    const auto server_in = [](const nlohmann::json& counters) {
        return counters.at("services").at(0).at("servers").at(0);
    };
    const auto before = server_in(reader.object("counters"));
    EXPECT_EQ(before.at("active").get<int>() + before.at("inactive").get<int>(), 0);
    EXPECT_EQ(before.at("counters").at("in_packets"), 0);

    const auto request = flow.udp(Octets(100));
    const auto reply = flow.udp_reply(Octets(900));
    for (std::uint64_t i = 0; i < kRequests; i++) {
        lab.client.send(request);
        ASSERT_TRUE(lab.server.receive());
    }
    for (std::uint64_t i = 0; i < kReplies; i++) {
        lab.server.send(reply);
        ASSERT_TRUE(lab.client.receive());
    }
    nlohmann::json after;
    ASSERT_TRUE(eventually([&] {
        after = reader.object("counters");
        return server_in(after).at("counters").at("out_packets") == kReplies;
    })) << after;
    const nlohmann::json expected{{"conns", 1},
                                  {"in_packets", kRequests},
                                  {"in_bytes", kRequests * bytes_of(request).size()},
                                  {"out_packets", kReplies},
                                  {"out_bytes", kReplies * bytes_of(reply).size()}};
    EXPECT_EQ(server_in(after).at("counters"), expected);
    EXPECT_EQ(after.at("services").at(0).at("counters"), expected);
    EXPECT_EQ(after.at("conns"), 1);
}

TEST_F(EventsByCommand, that_a_reader_held_up_are_made_good_by_a_state) {
    Reader reader(*place, "-j watch --interval 100ms");
    (void)reader.object("counters");
    ASSERT_NO_FATAL_FAILURE(overrun());
    must(kernel->del_server(kWeb, kFirst));
    EXPECT_TRUE(reader.object("lost").contains("events"));
    const auto state = reader.object("state");
    EXPECT_EQ(state.at("services").at(0).at("servers").size(), 0U);
}

TEST_F(EventsByCommand, that_a_reader_held_up_lost_are_found_by_it) {
    Reader reader(*place, "-j events");
    (void)heard(reader);
    ASSERT_NO_FATAL_FAILURE(overrun());
    must(kernel->del_server(kWeb, kFirst));
    (void)reader.object("lost");
    const auto found = reader.object("event");
    EXPECT_EQ(found.at("type"), "server_gone");
    EXPECT_EQ(found.at("server"), kFirst.text());
    EXPECT_EQ(found.at("resynced"), true);
}

TEST_F(EventsByCommand, end_quietly_when_their_reader_goes) {
    {
        Reader reader(*place, "-j watch --interval 100ms");
        (void)reader.object("counters");
        reader.close();
        EXPECT_THAT(Reader::code(), testing::AnyOf("0", "141")); // 141: SIGPIPE
    }
    Reader reader(*place, "events");
    (void)heard(reader);
    reader.close();
    // Nothing more happens; SIGPIPE where an event was on its way still.
    EXPECT_THAT(Reader::code(), testing::AnyOf("0", "141"));
}

TEST_F(EventsByCommand, end_with_a_word_when_the_module_goes) {
    Reader reader(*place, "-j events");
    (void)heard(reader);
    const WithoutModule gone;
    EXPECT_EQ(reader.object("error").at("reason"), "headgate.ko was unloaded");
    EXPECT_EQ(Reader::code(), "4");
}

TEST_F(EventsByCommand, end_their_stream_with_an_error_when_the_module_goes) {
    Reader reader(*place, "-j watch --interval 1h");
    (void)reader.object("state");
    const WithoutModule gone;
    EXPECT_EQ(reader.object("error").at("reason"), "headgate.ko was unloaded");
    EXPECT_EQ(Reader::code(), "4");
}

} // namespace

#include "answer.h"
#include "options.h"

#include "agent_protocol.h"

#include <array>
#include <gtest/gtest.h>

namespace hg::agent {
namespace {

using Kind = AdminWish::Kind;

HostLoad busy(double cpu) { return {.cpu = cpu}; }

TEST(AgentHost, reads_the_ticks_of_all_cpus) {
    const auto ticks = read_stat("cpu  10 20 30 400 50 6 7 8 90 100\ncpu0 1 2 3 4 5 6 7 8 9 10\n");
    ASSERT_TRUE(ticks);
    EXPECT_EQ(*ticks, (CpuTicks{.idle = 450, .total = 531}));
}

TEST(AgentHost, reads_the_load_and_the_memory) {
    EXPECT_EQ(read_loadavg("0.25 1.00 2.00 1/234 5678\n"), 0.25);
    EXPECT_EQ(read_meminfo("MemTotal:       1000 kB\nMemFree:   10 kB\nMemAvailable:    250 kB\n"),
              0.25);
}

TEST(AgentHost, takes_nothing_from_texts_that_are_not_as_they_should_be) {
    for (const auto* const text :
         {"", "\n", "cpu", "cpu 1 2 3", "cpu 1 2 3 4 5 6 7\n8", "cpu0 1 2 3 4 5 6 7 8",
          "cpu 1 2 3 4 5 6 7 x", "-1 2", "MemTotal: 0 kB\nMemAvailable: 0 kB\n", "MemTotal: 5 kB\n",
          "MemTotal: 5 kB\nMemAvailable: -1 kB\n"}) {
        EXPECT_FALSE(read_stat(text)) << text;
        EXPECT_FALSE(read_loadavg(text)) << text;
        EXPECT_FALSE(read_meminfo(text)) << text;
    }
}

TEST(AgentHost, takes_the_share_of_time_that_was_used) {
    EXPECT_DOUBLE_EQ(used_share({.idle = 10, .total = 20}, {.idle = 25, .total = 40}), 0.25);
    EXPECT_EQ(used_share({.idle = 10, .total = 20}, {.idle = 10, .total = 20}), 0);
    EXPECT_EQ(used_share({.idle = 10, .total = 20}, {.idle = 9, .total = 24}), 1);
    EXPECT_EQ(used_share({.idle = 10, .total = 20}, {.idle = 19, .total = 24}), 0);
}

TEST(AgentHost, is_as_busy_as_its_cpu_or_the_queue_for_it) {
    EXPECT_DOUBLE_EQ(busy_of({.cpu = 0.5, .load1 = 1, .cores = 4}), 0.5);
    EXPECT_DOUBLE_EQ(busy_of({.cpu = 0.5, .load1 = 3, .cores = 4}), 0.75);
    EXPECT_DOUBLE_EQ(busy_of({.cpu = 0.5, .load1 = 30, .cores = 4}), 1);
}

TEST(AgentAnswer, says_a_percentage_between_all_and_the_least) {
    EXPECT_EQ(answer({}, busy(0), 50), "up ready 100%\n");
    EXPECT_EQ(answer({}, busy(0.4), 50), "up ready 80%\n");
    EXPECT_EQ(answer({}, busy(1), 50), "up ready 50%\n");
    EXPECT_EQ(answer({}, busy(0.4), 1), "up ready 60%\n");
    EXPECT_EQ(answer({}, busy(1), 1), "up ready 1%\n");
}

TEST(AgentAnswer, takes_a_host_that_is_short_of_memory_for_busy) {
    EXPECT_EQ(answer({}, {.cpu = 0, .memory_available = 0.09}, 30), "up ready 30%\n");
    EXPECT_EQ(answer({}, {.cpu = 0, .memory_available = 0.11}, 30), "up ready 100%\n");
}

TEST(AgentAnswer, says_what_the_admin_wants_and_why) {
    EXPECT_EQ(answer({.kind = Kind::Drain}, busy(0), 50), "up drain 100%\n");
    EXPECT_EQ(answer({.kind = Kind::Maint, .reason = "new disk\nat ten"}, busy(0), 50),
              "up maint 100% #new disk\n");
    EXPECT_EQ(answer({.kind = Kind::Maint, .reason = "a\r\xff" + std::string(999, 'x')}).size(),
              150 + std::string("up maint #\n").size());
}

TEST(AgentAnswer, is_what_the_daemon_understands) {
    const auto heard = daemon::parse_agent_answer(
        answer({.kind = Kind::Drain, .reason = "#50% down"}, busy(0.5), 50));
    ASSERT_TRUE(heard);
    EXPECT_EQ(*heard, (daemon::AgentAnswer{.percent = 75,
                                           .state = daemon::AgentState::Up,
                                           .admin = daemon::AgentAdmin::Drain,
                                           .text = "#50% down"}));
}

std::variant<Options, std::string> parse(std::initializer_list<const char*> words) {
    return parse_options(std::span(words.begin(), words.size()));
}

TEST(AgentOptions, are_read) {
    EXPECT_EQ(std::get<Options>(parse({})), Options{});
    const auto options =
        std::get<Options>(parse({"--drain", "/d", "--maint", "/m", "--least", "7"}));
    EXPECT_EQ(options, (Options{.drain = "/d", .maint = "/m", .least = 7}));
    EXPECT_TRUE(std::get<Options>(parse({"--help"})).help);
    EXPECT_TRUE(std::get<Options>(parse({"--version"})).version);
}

TEST(AgentOptions, are_refused_by_name) {
    EXPECT_EQ(std::get<std::string>(parse({"-x"})),
              "\"-x\" is not known: wanted --drain, --maint, --least, --help or --version");
    EXPECT_EQ(std::get<std::string>(parse({"--least"})), "--least needs a value");
    for (const auto* const least : {"0", "101", "x", "5%", ""}) {
        EXPECT_EQ(std::get<std::string>(parse({"--least", least})),
                  "--least \"" + std::string(least) + "\": wanted a percentage, 1 to 100");
    }
    EXPECT_EQ(std::get<std::string>(parse({"--drain", "x"})),
              "--drain \"x\": wanted the absolute path of a file");
}

} // namespace
} // namespace hg::agent

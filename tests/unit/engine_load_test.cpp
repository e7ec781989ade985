// The engine on a fake clock and kernel, with servers that are as busy as a test says.
#include "daemon_kernel.h"
#include "engine.h"
#include "engine_pool.h"
#include "notes.h"
#include "status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto kInterval = 1s;

// Of servers that are always up.
Config config_of(int servers, LoadSource source, const std::string& scheduler = "wrr") {
    auto pool = web_pool(servers, scheduler);
    pool.care.load = LoadSpec{.source = source, .interval = kInterval, .timeout = 500ms};
    return {.services = {pool}};
}

Config exporters(int servers, const std::string& scheduler = "wrr") {
    return config_of(servers, LoadSource::NodeExporter, scheduler);
}

Config agents(int servers) { return config_of(servers, LoadSource::Agent); }

using Busy = std::vector<std::optional<double>>; // of each server; nothing: it does not answer
using Factors = std::vector<std::uint32_t>;

class EngineLoad : public testing::Test {
protected:
    void load(const Config& config) {
        const auto done = engine->load(config, now);
        ASSERT_TRUE(done) << done.error().text();
        notes.lines.clear();
    }

    // Another daemon takes over.
    void restart(const Config& config) {
        engine.emplace(kernel, notes);
        load(config);
    }

    [[nodiscard]] LoadFeed& feed(std::size_t place) {
        return *engine->watch().pools[0].members[place].feed;
    }

    void scrape(std::size_t place, double busy) {
        auto& cpu = hosts[place];
        cpu.total += 1;
        cpu.idle += 1 - busy;
        engine->scraped(feed(place), NodeMetrics{.cpus = {{"0", cpu}}}, now);
    }

    void pass(milliseconds time, const Busy& busy = {}) {
        for (const auto end = now + time; now < end;) {
            now += kInterval;
            for (std::size_t i = 0; i < busy.size(); i++) {
                if (busy[i]) {
                    scrape(i, *busy[i]);
                }
            }
            engine->settle(now);
        }
    }

    // What the agent of server NUMBER says is in force at once.
    void say(std::size_t number, std::string_view line) {
        engine->heard(feed(number - 1), parse_agent_answer(line), now);
        engine->settle(now);
    }

    [[nodiscard]] Factors factors() const {
        Factors out;
        for (const auto& server : kernel.servers) {
            out.push_back(server.factor);
        }
        return out;
    }

    [[nodiscard]] std::uint32_t down(int number) const {
        return kernel.find(kWeb, server_at(number))->down;
    }

    FakeKernel kernel;
    Notes notes;
    std::optional<Engine> engine{std::in_place, kernel, notes};
    std::map<std::size_t, CpuTime> hosts;
    TimePoint now{};
};

TEST_F(EngineLoad, takes_from_a_busy_server_and_gives_it_back) {
    load(exporters(3));
    pass(30s, {0.9, 0.3, 0.3});
    EXPECT_EQ(factors(), (Factors{600, 1000, 1000}));
    pass(60s, {0.3, 0.3, 0.3});
    EXPECT_EQ(factors(), (Factors{1000, 1000, 1000}));
}

TEST_F(EngineLoad, changes_nothing_when_all_are_busy) {
    load(exporters(3));
    const auto before = kernel.commits.size();
    pass(60s, {1, 1, 1});
    EXPECT_EQ(kernel.commits.size(), before);
}

TEST_F(EngineLoad, moves_all_factors_of_a_moment_in_one_transaction) {
    load(exporters(4));
    pass(2s, {0.9, 0.9, 0.1, 0.1}); // known from the second reading on
    const auto before = kernel.commits.size();
    pass(1s, {0.9, 0.9, 0.1, 0.1});
    ASSERT_EQ(kernel.commits.size(), before + 1);
    EXPECT_EQ(kernel.commits.back().size(), 2U);
}

TEST_F(EngineLoad, moves_the_factors_once_a_second) {
    load(exporters(2));
    pass(2s, {0.9, 0.1});
    const auto before = kernel.commits.size();
    for (int i = 0; i < 3; i++) {
        now += 250ms;
        engine->settle(now);
    }
    EXPECT_EQ(kernel.commits.size(), before);
    now += 250ms;
    engine->settle(now);
    EXPECT_EQ(kernel.commits.size(), before + 1);
}

TEST_F(EngineLoad, holds_the_factor_of_a_silent_server_and_lets_it_go_then) {
    load(exporters(3));
    pass(30s, {0.9, 0.3, 0.3});
    pass(3s, {std::nullopt, 0.3, 0.3});
    EXPECT_EQ(factors()[0], 600U);
    EXPECT_THAT(notes.lines, IsEmpty());
    feed(0).why = "connection refused";
    pass(2s, {std::nullopt, 0.3, 0.3});
    EXPECT_GT(factors()[0], 600U);
    EXPECT_LT(factors()[0], 1000U);
    pass(2s, {std::nullopt, 0.3, 0.3});
    EXPECT_EQ(factors(), (Factors{1000, 1000, 1000}));
    EXPECT_THAT(notes.lines,
                ElementsAre("10.1.0.1:9100 does not tell its load: connection refused"));
    pass(2s, {0.3, 0.3, 0.3});
    EXPECT_EQ(notes.lines.back(), "10.1.0.1:9100 tells its load after 9s");
}

TEST_F(EngineLoad, writes_eighths_for_a_scheduler_that_hashes) {
    load(exporters(3, "mh"));
    for (int i = 0; i < 30; i++) {
        pass(1s, {0.9, 0.3, 0.3});
        EXPECT_EQ(factors()[0] % 125, 0U);
    }
    EXPECT_EQ(factors(), (Factors{625, 1000, 1000}));
}

TEST_F(EngineLoad, leaves_servers_that_the_admin_drains_out_of_the_mean) {
    load(exporters(3));
    kernel.servers[0].spec.weight = 0;
    kernel.generation++;
    engine->kernel_changed();
    pass(30s, {0.0, 0.9, 0.3}); // the mean is 0.6
    EXPECT_EQ(factors(), (Factors{1000, 700, 1000}));
}

TEST_F(EngineLoad, changes_nothing_by_a_restart) {
    load(exporters(3));
    pass(30s, {0.9, 0.3, 0.3});
    const auto before = kernel.commits.size();
    restart(exporters(3));
    pass(1s, {0.9, std::nullopt, 0.3}); // one is known a second later than the others
    pass(30s, {0.9, 0.3, 0.3});
    EXPECT_EQ(factors()[0], 600U);
    EXPECT_EQ(kernel.commits.size(), before);
}

TEST_F(EngineLoad, goes_on_over_a_reload_with_what_it_knows) {
    load(exporters(3));
    pass(30s, {0.9, 0.3, 0.3});
    load(exporters(4));
    EXPECT_EQ(factors(), (Factors{600, 1000, 1000, 1000}));
    pass(30s, {0.9, 0.3, 0.3, 0.9}); // the mean is 0.6
    EXPECT_EQ(factors(), (Factors{700, 1000, 1000, 700}));
}

TEST_F(EngineLoad, gives_all_back_when_the_load_is_not_configured_any_more) {
    load(agents(2));
    say(1, "down 30%");
    pass(10s);
    auto without = agents(2);
    without.services[0].care.load.reset();
    load(without);
    EXPECT_EQ(factors(), (Factors{1000, 1000}));
    EXPECT_EQ(down(1), 0U);
}

TEST_F(EngineLoad, asks_one_place_once_for_all_who_want_to_know_it) {
    auto config = exporters(2);
    auto second = config.services[0];
    second.service.key = *parse_service_key("tcp://10.0.0.2:80");
    second.service.name = "web2";
    config.services.push_back(second);
    config.nodes.push_back({"web1", server_at(1).address, {}, config.services[0].care.load});
    load(config);
    EXPECT_EQ(engine->watch().feeds.all().size(), 2U);
    pass(30s, {0.9, 0.1});
    EXPECT_EQ(factors(), (Factors{600, 1000, 600, 1000}));
    EXPECT_NEAR(engine->watch().nodes[0].feed->host->cpu, 0.9, 1e-9);
}

TEST_F(EngineLoad, follows_an_agent_s_percentage_step_by_step) {
    load(agents(2));
    say(1, "up 50% maxconn:10");
    pass(1s);
    EXPECT_EQ(factors(), (Factors{900, 1000}));
    for (int i = 0; i < 10; i++) {
        say(1, "50%");
        pass(1s);
    }
    EXPECT_EQ(factors(), (Factors{500, 1000}));
    EXPECT_EQ(kernel.servers[0].spec.upper, 0U); // the admin's
}

TEST_F(EngineLoad, masks_by_an_agent_s_word_at_once_and_says_why) {
    load(agents(2));
    now += 2h;
    say(1, "down #disk full");
    EXPECT_EQ(down(1), HEADGATE_DOWN_AGENT);
    now += 1min;
    say(1, "75%"); // takes nothing back
    EXPECT_EQ(down(1), HEADGATE_DOWN_AGENT);
    now += 4min;
    say(1, "up");
    EXPECT_EQ(down(1), 0U);
    EXPECT_THAT(notes.lines, testing::IsSupersetOf(
                                 {"web 10.1.0.1:80 masked after 2h: agent says down: disk full",
                                  "web 10.1.0.1:80 not masked any more after 5m: its agent "
                                  "says so"}));
}

TEST_F(EngineLoad, drains_by_an_agent_s_word_at_once) {
    load(agents(2));
    say(1, "drain");
    EXPECT_EQ(factors(), (Factors{0, 1000}));
    EXPECT_EQ(kernel.servers[0].spec.weight, 1U); // the admin's
    EXPECT_EQ(kernel.servers[0].spec.admin_state, AdminState::Ready);
    say(1, "ready");
    EXPECT_EQ(factors(), (Factors{1000, 1000}));
}

TEST_F(EngineLoad, keeps_an_agent_s_word_while_it_is_silent) {
    load(agents(2));
    say(1, "maint 20%");
    say(2, "drain 20%");
    pass(10min);
    EXPECT_EQ(down(1), HEADGATE_DOWN_AGENT);
    EXPECT_EQ(factors(), (Factors{1000, 0})); // the percentage of the first has gone
}

TEST_F(EngineLoad, uses_the_fallback_when_agents_have_drained_all) {
    auto config = agents(1);
    config.services[0].care.fallback.push_back({.endpoint = server_at(9)});
    load(config);
    say(1, "drain");
    EXPECT_NE(kernel.find(kWeb, server_at(9)), nullptr);
    say(1, "ready");
    EXPECT_EQ(kernel.find(kWeb, server_at(9)), nullptr);
}

TEST_F(EngineLoad, uses_in_panic_what_agents_call_down_and_not_what_they_maintain) {
    auto config = agents(4);
    config.services[0].care.panic_threshold = 50;
    load(config);
    say(1, "maint");
    say(2, "down");
    EXPECT_FALSE(engine->watch().pools[0].verdict.panic); // two of three
    say(3, "down");
    EXPECT_TRUE(engine->watch().pools[0].verdict.panic);
    EXPECT_EQ(down(1), HEADGATE_DOWN_AGENT);
    EXPECT_EQ(down(2), 0U);
}

TEST_F(EngineLoad, keeps_an_agent_s_words_over_a_restart_until_it_speaks_anew) {
    load(agents(3));
    say(1, "down");
    say(2, "drain");
    say(3, "drain");
    const auto before = kernel.commits.size();
    restart(agents(3));
    pass(10min);
    EXPECT_EQ(kernel.commits.size(), before);
    say(1, "40%"); // says nothing of its state
    EXPECT_EQ(down(1), HEADGATE_DOWN_AGENT);
    say(1, "ready");
    EXPECT_EQ(down(1), 0U);
    say(2, "up");
    say(3, "100%"); // so it was a percentage
    pass(20s);
    EXPECT_EQ(factors()[1], 1000U);
    EXPECT_EQ(factors()[2], 1000U);
}

TEST_F(EngineLoad, tells_the_load_of_servers_and_nodes_and_why_there_is_none) {
    auto config = exporters(2);
    config.nodes.push_back(
        {"storage", *parse_address("10.1.0.9"), {}, config.services[0].care.load});
    load(config);
    pass(3s, {0.75, std::nullopt});
    feed(1).why = "connection refused";
    const auto status = status_json(*engine, now + 250ms);
    const auto& servers = status["services"][0]["servers"];
    EXPECT_EQ(servers[0]["load"].dump(),
              R"({"source":"node_exporter","from":"10.1.0.1:9100","age_ms":250,"lost":false,)"
              R"("cpu":0.75,"load_per_core":0.0,"memory_available":1.0})");
    EXPECT_EQ(servers[1]["load"].dump(),
              R"({"source":"node_exporter","from":"10.1.0.2:9100","lost":false,)"
              R"("why":"connection refused"})");
    EXPECT_EQ(status["nodes"][0]["load"]["why"], "not asked yet");
}

TEST_F(EngineLoad, tells_what_an_agent_says) {
    load(agents(1));
    say(1, "up maint 30% #backup");
    const auto status = status_json(*engine, now);
    const auto& server = status["services"][0]["servers"][0];
    EXPECT_EQ(server["agent_down"], true);
    EXPECT_EQ(server["agent_reason"], "agent says maint: backup");
    EXPECT_EQ(server["load"].dump(),
              R"({"source":"agent","from":"10.1.0.1:8777","age_ms":0,"lost":false,"percent":30,)"
              R"("state":"up","admin":"maint","text":"backup"})");
}

} // namespace
} // namespace hg::daemon

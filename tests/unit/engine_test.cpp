#include "engine.h"

#include "daemon_kernel.h"
#include "engine_pool.h"
#include "notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

using namespace std::chrono_literals;
using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

Config config_of(int servers) {
    auto pool = web_pool(servers, "wlc");
    HealthCheck check;
    check.rise = 1;
    check.fall = 2;
    pool.care.check = check;
    return {.services = {pool}};
}

const ServiceKey kWeb2 = *parse_service_key("tcp://10.0.0.2:80");

// Both with the same two servers and check.
Config two_services() {
    auto out = config_of(2);
    auto second = out.services[0];
    second.service.key = kWeb2;
    second.service.name = "web2";
    out.services.push_back(second);
    return out;
}

Error refusal_of(const char* attempted) {
    Error out;
    out.attempted = attempted;
    out.reason = "no";
    return out;
}

class EngineTest : public testing::Test {
protected:
    void result(int server, bool ok, const char* reason = "") {
        auto& member = engine.watch().pools[0].members[static_cast<std::size_t>(server) - 1];
        engine.result(*member.probe, {ok, reason}, 5ms, now);
    }

    void load(const Config& config, Overrides overrides = Overrides::Keep) {
        const auto done = engine.load(config, now, overrides);
        ASSERT_TRUE(done) << done.error().text();
    }

    // With all servers up.
    void load_well(const Config& config) {
        load(config);
        for (std::size_t i = 1; i <= config.services[0].servers.size(); i++) {
            result(static_cast<int>(i), true);
        }
        engine.settle(now);
        notes.lines.clear();
    }

    // A panic threshold of 40 %, and both servers fail.
    Config load_panic() {
        auto config = config_of(2);
        config.services[0].care.panic_threshold = 40;
        load_well(config);
        for (int i = 0; i < 2; i++) {
            result(1, false);
            result(2, false);
        }
        engine.settle(now);
        return config;
    }

    // A fallback, and the only server fails.
    Config load_fallback() {
        auto config = config_of(1);
        config.services[0].care.fallback.push_back(spec_at(9));
        load_well(config);
        EXPECT_EQ(kernel.find(kWeb, server_at(9)), nullptr);
        result(1, false);
        result(1, false);
        engine.settle(now);
        EXPECT_NE(kernel.find(kWeb, server_at(9)), nullptr);
        return config;
    }

    [[nodiscard]] std::uint32_t down(int server) const {
        const auto* const found = kernel.find(kWeb, server_at(server));
        return found != nullptr ? found->down : ~0U;
    }

    FakeKernel kernel;
    Notes notes;
    Engine engine{kernel, notes};
    TimePoint now{};
};

TEST_F(EngineTest, adds_a_new_server_masked_in_one_transaction) {
    load(config_of(2));
    ASSERT_EQ(kernel.commits.size(), 1U);
    EXPECT_EQ(down(1), HEADGATE_DOWN_CHECK);
    EXPECT_EQ(down(2), HEADGATE_DOWN_CHECK);
    EXPECT_TRUE(kernel.servers[0].managed);
    EXPECT_TRUE(kernel.services[0].managed);
}

TEST_F(EngineTest, brings_a_new_server_up_with_its_first_success) {
    load(config_of(2));
    result(1, true);
    engine.settle(now);
    EXPECT_EQ(down(1), 0U);
    EXPECT_EQ(down(2), HEADGATE_DOWN_CHECK);
}

TEST_F(EngineTest, leaves_the_bit_of_a_server_that_the_kernel_has) {
    load_well(config_of(2));
    result(2, false);
    result(2, false);
    engine.settle(now);
    const auto before = kernel.commits.size();
    Notes other_notes;
    Engine next(kernel, other_notes); // the daemon after a restart
    ASSERT_TRUE(next.load(config_of(2), now));
    next.settle(now);
    EXPECT_EQ(kernel.commits.size(), before); // a restart changes nothing
    EXPECT_EQ(next.watch().pools[0].members[0].health(), HealthState::Up);
    EXPECT_EQ(next.watch().pools[0].members[1].health(), HealthState::Down);
}

TEST_F(EngineTest, masks_a_server_that_fails_and_says_why_and_how_long) {
    load_well(config_of(2));
    now += 2h;
    result(1, false, "connection refused");
    engine.settle(now);
    EXPECT_EQ(down(1), 0U);
    result(1, false, "connection refused");
    engine.settle(now);
    EXPECT_EQ(down(1), HEADGATE_DOWN_CHECK);
    EXPECT_THAT(notes.lines, ElementsAre("web 10.1.0.1:80 down after 2h: connection refused"));
}

TEST_F(EngineTest, writes_changes_of_one_moment_in_one_transaction) {
    load(config_of(3));
    const auto before = kernel.commits.size();
    result(1, true);
    result(2, true);
    result(3, true);
    engine.settle(now);
    ASSERT_EQ(kernel.commits.size(), before + 1);
    EXPECT_EQ(kernel.commits.back().size(), 3U);
}

TEST_F(EngineTest, takes_a_pool_without_any_result_for_up_with_an_alarm) {
    load(config_of(2));
    now += 3s; // it was a long transaction
    engine.settle(now);
    now += 1999ms; // timeout 1 s and one second
    engine.settle(now);
    EXPECT_EQ(down(1), HEADGATE_DOWN_CHECK);
    now += 1ms;
    engine.settle(now);
    EXPECT_EQ(down(1), 0U);
    EXPECT_EQ(down(2), 0U);
    EXPECT_THAT(notes.lines, testing::Contains("web no result in time, taken for up"));
}

TEST_F(EngineTest, keeps_waiting_for_one_server_while_another_has_a_result) {
    load(config_of(2));
    result(1, true);
    engine.settle(now);
    now += 10s;
    engine.settle(now);
    EXPECT_EQ(down(1), 0U);
    EXPECT_EQ(down(2), HEADGATE_DOWN_CHECK);
}

TEST_F(EngineTest, panics_rather_than_to_empty_a_pool) {
    load_panic();
    EXPECT_EQ(down(1), 0U);
    EXPECT_EQ(down(2), 0U);
    EXPECT_THAT(notes.lines, testing::Contains("web too few are healthy, all are used"));
}

TEST_F(EngineTest, stays_in_panic_over_a_reload) {
    const auto config = load_panic();
    notes.lines.clear();
    const auto commits = kernel.commits.size();
    load(config);
    engine.settle(now);
    EXPECT_EQ(kernel.commits.size(), commits);
    EXPECT_THAT(notes.lines, testing::Not(testing::Contains(testing::HasSubstr("healthy"))));
}

TEST_F(EngineTest, keeps_the_fallback_over_a_reload_and_a_restart) {
    const auto config = load_fallback();
    const auto commits = kernel.commits.size();
    load(config);
    engine.settle(now);
    EXPECT_EQ(kernel.commits.size(), commits);
    Engine restarted(kernel, notes);
    ASSERT_TRUE(restarted.load(config, now));
    restarted.settle(now);
    EXPECT_EQ(kernel.commits.size(), commits);
    EXPECT_NE(kernel.find(kWeb, server_at(9)), nullptr);
}

TEST_F(EngineTest, uses_the_fallback_while_no_server_is_left) {
    load_fallback();
    result(1, true);
    engine.settle(now);
    EXPECT_EQ(kernel.find(kWeb, server_at(9)), nullptr);
    EXPECT_EQ(down(1), 0U);
}

TEST_F(EngineTest, uses_the_fallback_when_somebody_takes_the_last_server_out_by_hand) {
    auto config = config_of(1);
    config.services[0].care.fallback.push_back(spec_at(9));
    load_well(config);
    const auto set_state = [&](AdminState state) {
        kernel.servers[0].spec.admin_state = state;
        kernel.generation++;
        engine.kernel_changed();
        now += Engine::kLook;
        engine.settle(now);
    };
    set_state(AdminState::Maint);
    EXPECT_NE(kernel.find(kWeb, server_at(9)), nullptr);
    set_state(AdminState::Ready);
    EXPECT_EQ(kernel.find(kWeb, server_at(9)), nullptr);
}

TEST_F(EngineTest, reads_no_more_than_once_in_a_while_what_others_change) {
    load_well(config_of(1));
    now += Engine::kLook;
    engine.kernel_changed();
    engine.settle(now);
    const auto reads = kernel.reads;
    for (int i = 0; i < 3; i++) {
        engine.kernel_changed();
        now += Engine::kLook / 4;
        engine.settle(now);
    }
    EXPECT_EQ(kernel.reads, reads);
    now += Engine::kLook / 4;
    engine.settle(now);
    EXPECT_EQ(kernel.reads, reads + 1);
}

TEST_F(EngineTest, keeps_health_over_a_reload_where_address_and_check_are_the_same) {
    load_well(config_of(2));
    result(1, false);
    result(1, false);
    engine.settle(now);
    load(config_of(3));
    const auto& members = engine.watch().pools[0].members;
    EXPECT_EQ(members[0].health(), HealthState::Down);
    EXPECT_EQ(members[1].health(), HealthState::Up);
    EXPECT_EQ(members[2].health(), HealthState::Unknown);
}

TEST_F(EngineTest, removes_what_left_the_file_and_leaves_alone_what_was_never_in_it) {
    load_well(config_of(2));
    Server stranger;
    stranger.service = kWeb;
    stranger.spec = spec_at(7);
    kernel.servers.push_back(stranger);
    kernel.generation++;
    load(config_of(1));
    EXPECT_EQ(kernel.find(kWeb, server_at(2)), nullptr);
    EXPECT_NE(kernel.find(kWeb, server_at(7)), nullptr);
    auto exclusive = config_of(1);
    exclusive.exclusive = true;
    load(exclusive);
    EXPECT_EQ(kernel.find(kWeb, server_at(7)), nullptr);
}

TEST_F(EngineTest, leaves_a_weight_that_was_set_by_hand) {
    load_well(config_of(1));
    kernel.servers[0].spec.weight = 5; // an override: what it is managed to have stays 1
    kernel.generation++;
    load(config_of(1));
    EXPECT_EQ(kernel.servers[0].spec.weight, 5U);
}

TEST_F(EngineTest, takes_back_what_was_done_by_hand_when_a_reload_says_so) {
    load_well(config_of(3));
    auto& servers = kernel.servers;
    servers[0].spec.weight = 5;
    servers[0].overrides = HEADGATE_OVERRIDE_WEIGHT;
    servers[1].down = HEADGATE_DOWN_ADMIN | HEADGATE_DOWN_OUTLIER;
    kernel.generation++;
    auto config = config_of(3);
    config.services[0].servers[0].weight = 2; // the file's newer word
    load(config, Overrides::Reset);
    EXPECT_EQ(servers[0].spec.weight, 2U);
    EXPECT_EQ(servers[0].overrides, 0U);
    EXPECT_EQ(down(2), HEADGATE_DOWN_OUTLIER);
    const auto& done = kernel.commits.back();
    EXPECT_EQ(std::count_if(done.begin(), done.end(),
                            [](const Op& op) { return std::holds_alternative<ResetServer>(op); }),
              2)
        << "the third was as the file has it";
}

TEST_F(EngineTest, takes_back_nothing_of_servers_that_others_have_put_there) {
    load_well(config_of(1));
    Server other;
    other.service = kWeb;
    other.spec = spec_at(7);
    other.down = HEADGATE_DOWN_ADMIN;
    kernel.servers.push_back(other);
    kernel.generation++;
    load(config_of(1), Overrides::Reset);
    EXPECT_EQ(kernel.find(kWeb, server_at(7))->down, HEADGATE_DOWN_ADMIN);
}

TEST_F(EngineTest, does_not_bring_back_between_reloads_what_was_deleted_by_hand) {
    load_well(config_of(2));
    kernel.remove(kWeb, server_at(2));
    result(2, false);
    result(2, false);
    result(1, false);
    result(1, false);
    engine.settle(now);
    EXPECT_EQ(down(1), HEADGATE_DOWN_CHECK);
    EXPECT_EQ(kernel.find(kWeb, server_at(2)), nullptr);
    load(config_of(2));
    EXPECT_EQ(down(2), HEADGATE_DOWN_CHECK);
}

TEST_F(EngineTest, writes_again_what_others_came_between) {
    load_well(config_of(1));
    kernel.stale = 3;
    result(1, false);
    result(1, false);
    engine.settle(now);
    EXPECT_EQ(down(1), HEADGATE_DOWN_CHECK);
}

TEST_F(EngineTest, keeps_the_old_configuration_when_the_kernel_refuses_the_new) {
    load_well(config_of(1));
    kernel.refusal = refusal_of("add server");
    EXPECT_FALSE(engine.load(config_of(2), now));
    EXPECT_EQ(engine.watch().pools[0].members.size(), 1U);
}

TEST_F(EngineTest, goes_on_without_the_module_and_writes_all_when_it_is_back) {
    load_well(config_of(2));
    kernel.gone = true;
    result(1, false);
    result(1, false);
    engine.settle(now);
    EXPECT_TRUE(engine.module_is_gone());
    kernel.services.clear();
    kernel.servers.clear();
    kernel.generation = 0;
    kernel.gone = false;
    now += 1s;
    engine.settle(now);
    EXPECT_FALSE(engine.module_is_gone());
    EXPECT_EQ(down(1), HEADGATE_DOWN_CHECK); // in the one transaction that adds it
    EXPECT_EQ(down(2), 0U);
    EXPECT_THAT(notes.lines, testing::Contains("the kernel module is there"));
}

TEST_F(EngineTest, starts_without_the_module) {
    kernel.gone = true;
    load(config_of(1));
    EXPECT_TRUE(engine.module_is_gone());
    kernel.gone = false;
    result(1, true);
    now += 1s;
    engine.settle(now);
    EXPECT_EQ(down(1), 0U);
}

TEST_F(EngineTest, says_that_the_kernel_refused_and_tries_again) {
    load_well(config_of(1));
    kernel.refusal = refusal_of("change server");
    result(1, false);
    result(1, false);
    engine.settle(now);
    EXPECT_THAT(notes.lines, testing::Contains("the kernel refused: cannot change server: no"));
    kernel.refusal.reset();
    engine.settle(now); // not yet
    EXPECT_EQ(down(1), 0U);
    now += 1s;
    engine.settle(now);
    EXPECT_EQ(down(1), HEADGATE_DOWN_CHECK);
}

TEST_F(EngineTest, tells_a_refusal_once) {
    load_well(config_of(1));
    kernel.refusal = refusal_of("change server");
    result(1, false);
    result(1, false);
    for (int i = 0; i < 3; i++) {
        engine.settle(now);
        now += 1s;
    }
    EXPECT_THAT(notes.lines, ElementsAre(testing::HasSubstr("down"),
                                         "the kernel refused: cannot change server: no"));
}

TEST_F(EngineTest, holds_up_no_other_pool_when_the_kernel_refuses_one) {
    load_well(two_services());
    kernel.refuses = kWeb2;
    kernel.refusal = refusal_of("change server");
    result(1, false);
    result(1, false); // of both services
    engine.settle(now);
    EXPECT_EQ(down(1), HEADGATE_DOWN_CHECK);
    EXPECT_EQ(kernel.find(kWeb2, server_at(1))->down, 0U);
    kernel.refusal.reset();
    now += 1s;
    engine.settle(now);
    EXPECT_EQ(kernel.find(kWeb2, server_at(1))->down, HEADGATE_DOWN_CHECK);
}

TEST_F(EngineTest, brings_up_every_pool_of_a_probe_that_had_no_result_in_time) {
    auto config = two_services();
    config.services[1].servers[1] = spec_at(3);
    load(config);
    engine.result(*engine.watch().pools[1].members[1].probe, {true, ""}, 5ms, now);
    engine.settle(now);
    now += 2s;
    engine.settle(now);
    EXPECT_EQ(down(1), 0U);
    EXPECT_EQ(kernel.find(kWeb2, server_at(1))->down, 0U);
}

TEST_F(EngineTest, probes_one_address_once_for_all_services_that_check_it_alike) {
    const auto config = two_services();
    load(config);
    EXPECT_EQ(engine.watch().probes.all().size(), 2U);
    result(1, true);
    engine.settle(now);
    EXPECT_EQ(down(1), 0U);
    EXPECT_EQ(kernel.find(kWeb2, server_at(1))->down, 0U);
}

} // namespace
} // namespace hg::daemon

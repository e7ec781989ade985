#include "engine_fixture.h"

namespace hg::daemon {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

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
    EXPECT_THAT(notes.lines,
                testing::Contains("web too few are healthy, all are used: weight 0 of 2 is up"));
}

TEST_F(EngineTest, tells_how_long_a_panic_lasted) {
    const auto config = load_panic();
    now += 1min;
    load(config); // which it outlasts
    now += 1min;
    result(1, true);
    EXPECT_THAT(notes.lines, testing::Contains("web enough are healthy again after 2m: weight 1 "
                                               "of 2 is up"));
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

// The first pool is new, the second runs: what it has is not masked for the other's sake.
TEST_F(EngineTest, keeps_the_bits_of_running_servers_that_a_new_pool_has_too) {
    const auto config = two_services();
    auto second = config;
    second.services.erase(second.services.begin());
    kernel.commits.clear();
    for (const std::uint32_t bits : {0U, std::uint32_t{HEADGATE_DOWN_CHECK}}) {
        Engine before(kernel, notes);
        ASSERT_TRUE(before.load(second, now));
        kernel.servers[0].down = bits;
        kernel.servers[1].down = 0;
        Engine after(kernel, notes);
        ASSERT_TRUE(after.load(config, now));
        after.settle(now);
        EXPECT_EQ(kernel.find(kWeb2, server_at(1))->down, bits);
        EXPECT_EQ(kernel.find(kWeb2, server_at(2))->down, 0U);
        EXPECT_EQ(down(1), bits);
        ASSERT_TRUE(after.load(second, now));
    }
}

TEST_F(EngineTest, counts_a_server_that_was_deleted_by_hand_for_nothing) {
    auto config = config_of(1);
    config.services[0].care.fallback.push_back(spec_at(9));
    load_well(config);
    kernel.remove(kWeb, server_at(1));
    engine.kernel_changed();
    now += Engine::kLook;
    engine.settle(now);
    EXPECT_NE(kernel.find(kWeb, server_at(9)), nullptr) << "no server is left";
    EXPECT_EQ(engine.watch().pools[0].verdict.total, 0U);
}

} // namespace
} // namespace hg::daemon

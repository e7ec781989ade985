// The engine when others write too, the kernel refuses, or the module is not there.
#include "engine_fixture.h"

namespace hg::daemon {
namespace {

using namespace test;
using testing::ElementsAre;

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

TEST_F(EngineTest, tells_other_pools_at_once_while_the_kernel_refuses_one) {
    auto config = two_services();
    config.services[1].servers = {spec_at(3)};
    load(config);
    auto& other = *engine.watch().pools[1].members[0].probe;
    result(1, true);
    result(2, true);
    engine.result(other, {true, ""}, 5ms, now);
    engine.settle(now);
    notes.lines.clear();
    kernel.refuses = kWeb2;
    kernel.refusal = refusal_of("change server");
    for (int i = 0; i < 2; i++) {
        engine.result(other, {false, ""}, 5ms, now);
    }
    engine.settle(now);
    result(1, false);
    result(1, false);
    engine.settle(now);
    EXPECT_EQ(down(1), HEADGATE_DOWN_CHECK) << "in the same moment";
    for (int i = 0; i < 3; i++) {
        now += 1s;
        engine.settle(now);
    }
    EXPECT_THAT(notes.lines, ElementsAre(testing::HasSubstr("web2 10.1.0.3:80 down"),
                                         "the kernel refused: cannot change server: no",
                                         testing::HasSubstr("web 10.1.0.1:80 down")));
    kernel.refusal.reset();
    now += 1s;
    engine.settle(now);
    EXPECT_EQ(kernel.find(kWeb2, server_at(3))->down, HEADGATE_DOWN_CHECK);
}

TEST_F(EngineTest, takes_a_configuration_for_in_force_though_it_cannot_be_read_again) {
    load_well(config_of(1));
    kernel.unreadable_after = kernel.commits.size() + 1;
    load(config_of(2));
    ASSERT_EQ(engine.watch().pools[0].members.size(), 2U);
    kernel.unreadable_after.reset();
    now += 1s;
    result(2, true);
    engine.settle(now);
    EXPECT_EQ(down(2), 0U);
}

// Its servers are added as down, and wait as long as if it had been there from the first.
TEST_F(EngineTest, waits_for_first_results_from_when_the_module_is_there) {
    kernel.gone = true;
    load(config_of(2));
    engine.settle(now);
    now += 1h;
    engine.settle(now);
    kernel.gone = false;
    now += 1s;
    engine.settle(now);
    EXPECT_EQ(down(1), HEADGATE_DOWN_CHECK);
    now += 1s;
    engine.settle(now);
    EXPECT_EQ(down(1), HEADGATE_DOWN_CHECK);
    now += 1h;
    engine.settle(now);
    EXPECT_EQ(down(1), 0U) << "no result at all";
}

} // namespace
} // namespace hg::daemon

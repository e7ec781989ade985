#include "judge.h"

#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

constexpr auto kUp = HealthState::Up;
constexpr auto kDown = HealthState::Down;

std::vector<Patient> patients(std::initializer_list<HealthState> states) {
    std::vector<Patient> out;
    for (const auto state : states) {
        out.push_back({.weight = 1, .health = state});
    }
    return out;
}

PoolCare with_fallback() {
    PoolCare care;
    care.fallback.emplace_back();
    return care;
}

TEST(Judge, panics_below_the_threshold_and_calms_down_ten_points_above_it) {
    PoolCare care;
    care.panic_threshold = 50;
    const auto four = patients({kUp, kUp, kDown, kDown});
    EXPECT_FALSE(judge(care, four, {}).panic);
    const auto one = judge(care, patients({kUp, kDown, kDown, kDown}), {});
    EXPECT_TRUE(one.panic);
    EXPECT_TRUE(judge(care, four, one).panic); // 50 % is less than 60 %
    EXPECT_FALSE(judge(care, patients({kUp, kUp, kUp, kDown}), one).panic);
}

TEST(Judge, waits_for_first_results_before_it_panics) {
    PoolCare care;
    care.panic_threshold = 50;
    const auto pool = patients({kDown, HealthState::Unknown, HealthState::Unknown});
    EXPECT_FALSE(judge(care, pool, {}).panic);
    EXPECT_TRUE(judge(care, patients({kDown, kDown, kUp}), {}).panic);
}

TEST(Judge, leaves_a_panic_of_a_high_threshold_when_all_are_well) {
    PoolCare care;
    care.panic_threshold = 95;
    const auto panic = judge(care, patients({kUp, kDown}), {});
    EXPECT_TRUE(panic.panic);
    EXPECT_FALSE(judge(care, patients({kUp, kUp}), panic).panic);
}

TEST(Judge, counts_by_weight_and_leaves_out_what_the_admin_took_out) {
    PoolCare care;
    care.panic_threshold = 50;
    std::vector<Patient> pool{{.weight = 3, .health = kUp},
                              {.weight = 1, .health = kDown},
                              {.weight = 0, .health = kDown},
                              {.weight = 5, .admin_state = AdminState::Maint, .health = kDown},
                              {.weight = 5, .admin_state = AdminState::Drain, .health = kDown},
                              {.weight = 5, .is_admin_down = true, .health = kDown}};
    const auto verdict = judge(care, pool, {});
    EXPECT_FALSE(verdict.panic);
    EXPECT_EQ(verdict.healthy, 3U);
    EXPECT_EQ(verdict.total, 4U);
}

TEST(Judge, never_panics_without_a_threshold) {
    EXPECT_FALSE(judge({}, patients({kDown, kDown}), {}).panic);
}

TEST(Judge, falls_back_only_when_nobody_is_left) {
    const auto care = with_fallback();
    EXPECT_FALSE(judge(care, patients({kUp, kDown}), {}).fallback);
    EXPECT_TRUE(judge(care, patients({kDown, kDown}), {}).fallback);
    EXPECT_TRUE(judge(care, {}, {}).fallback);
    EXPECT_FALSE(judge({}, patients({kDown, kDown}), {}).fallback);
    EXPECT_FALSE(judge(care, patients({kDown, HealthState::Unknown}), {}).fallback);
}

TEST(Judge, prefers_a_panic_to_the_fallback) {
    auto care = with_fallback();
    care.panic_threshold = 30;
    const auto verdict = judge(care, patients({kDown, kDown}), {});
    EXPECT_TRUE(verdict.panic);
    EXPECT_FALSE(verdict.fallback);
}

TEST(Judge, falls_back_when_the_admin_drained_all) {
    std::vector<Patient> pool{{.weight = 0, .health = kUp}};
    EXPECT_TRUE(judge(with_fallback(), pool, {}).fallback);
}

TEST(Judge, loses_and_regains_the_quorum_with_hysteresis) {
    PoolCare care;
    care.quorum = Quorum{.weight = 2, .hysteresis = 1};
    const auto one = judge(care, patients({kUp, kDown, kDown}), {});
    EXPECT_TRUE(one.has_quorum); // 1 is not below 2 - 1
    const auto none = judge(care, patients({kDown, kDown, kDown}), one);
    EXPECT_FALSE(none.has_quorum);
    EXPECT_FALSE(judge(care, patients({kUp, kUp, kDown}), none).has_quorum);
    EXPECT_TRUE(judge(care, patients({kUp, kUp, kUp}), none).has_quorum);
}

} // namespace
} // namespace hg::daemon

#include "health.h"

#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

const TimePoint kStart{};

HealthCheck check_of(std::uint32_t rise, std::uint32_t fall) {
    HealthCheck check;
    check.rise = rise;
    check.fall = fall;
    return check;
}

TEST(Health, falls_only_after_so_many_failures_in_a_row) {
    const auto check = check_of(2, 3);
    Health health(check, HealthState::Up, kStart);
    EXPECT_FALSE(health.result(false, kStart));
    EXPECT_FALSE(health.result(false, kStart));
    EXPECT_FALSE(health.result(true, kStart)); // begins the count anew
    EXPECT_FALSE(health.result(false, kStart));
    EXPECT_FALSE(health.result(false, kStart));
    EXPECT_TRUE(health.result(false, kStart + 5s));
    EXPECT_EQ(health.state(), HealthState::Down);
    EXPECT_EQ(health.since(), kStart + 5s);
}

TEST(Health, rises_only_after_so_many_successes_in_a_row) {
    const auto check = check_of(2, 3);
    Health health(check, HealthState::Down, kStart);
    EXPECT_FALSE(health.result(true, kStart));
    EXPECT_FALSE(health.result(false, kStart));
    EXPECT_FALSE(health.result(true, kStart));
    EXPECT_TRUE(health.result(true, kStart));
    EXPECT_EQ(health.state(), HealthState::Up);
}

TEST(Health, believes_the_first_result_of_all) {
    const auto check = check_of(5, 5);
    Health good(check, HealthState::Unknown, kStart);
    EXPECT_TRUE(good.result(true, kStart));
    EXPECT_EQ(good.state(), HealthState::Up);
    Health bad(check, HealthState::Unknown, kStart);
    EXPECT_TRUE(bad.result(false, kStart));
    EXPECT_EQ(bad.state(), HealthState::Down);
}

TEST(Health, spreads_its_interval_by_the_jitter) {
    HealthCheck check;
    check.interval = 1000ms;
    check.jitter = 10;
    const Health health(check, HealthState::Up, kStart);
    EXPECT_EQ(health.pause(0.0), 900ms);
    EXPECT_EQ(health.pause(0.5), 1000ms);
    EXPECT_EQ(health.pause(1.0), 1100ms);
}

TEST(Health, looks_again_soon_after_a_contrary_result) {
    HealthCheck check;
    check.interval = 3000ms;
    Health health(check, HealthState::Up, kStart);
    (void)health.result(false, kStart);
    EXPECT_EQ(health.pause(0.5), 1000ms); // a third
    check.interval = 300ms;
    EXPECT_EQ(health.pause(0.5), 200ms); // at least
    check.interval = 100ms;
    EXPECT_EQ(health.pause(0.5), 100ms); // never more than the interval
    check.fast_interval = 50ms;
    EXPECT_EQ(health.pause(0.5), 50ms);
}

TEST(HealthCheck, bounds_the_time_to_detect_a_failure) {
    HealthCheck check;
    check.interval = 1000ms;
    check.timeout = 500ms;
    check.fast_interval = 200ms;
    check.fall = 2;
    check.jitter = 0;
    EXPECT_EQ(detection_bound(check), milliseconds(1000 + 500 + 200 + 500));
    check.jitter = 10;
    EXPECT_EQ(detection_bound(check), milliseconds(1100 + 500 + 200 + 500));
}

TEST(HealthCheck, has_a_word_for_each_type) {
    HealthCheck check;
    EXPECT_EQ(type_name(check), "tcp");
    check.kind = HttpCheck{};
    EXPECT_EQ(type_name(check), "http");
    check.kind = HttpCheck{.tls = true};
    EXPECT_EQ(type_name(check), "https");
    check.kind = ExecCheck{};
    EXPECT_EQ(type_name(check), "exec");
}

} // namespace
} // namespace hg::daemon

// With checks that fail at once.
#include "runner.h"

#include "daemon_kernel.h"
#include "notes.h"

#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class RunnerTest : public testing::Test {
protected:
    // One server that was up, checked through its service or itself.
    void follow(bool through_service) {
        HealthCheck check;
        check.through_service = through_service;
        check.interval = check.fast_interval = check.timeout = 5ms;
        check.initial = InitialHealth::Up;
        PoolConfig pool;
        pool.service.key = *parse_service_key("tcp://10.0.0.1:80");
        pool.servers.push_back({.endpoint = *parse_endpoint("10.1.0.1:80")});
        pool.care.check = check;
        ASSERT_TRUE(engine_.load({.services = {pool}}, Clock::now()));
        runner_.follow();
    }

    void run_tries(int count) {
        while (tries_ < count) {
            io_.run_one();
        }
    }

    [[nodiscard]] HealthState health() { return engine_.watch().pools[0].members[0].health(); }

    boost::asio::awaitable<ProbeResult> fail() {
        tries_++;
        co_return ProbeResult{false, "connection refused"};
    }

    boost::asio::io_context io_;
    test::FakeKernel kernel_;
    test::Silent journal_;
    Engine engine_{kernel_, journal_};
    int tries_ = 0;
    Runner runner_{io_, engine_, [this](auto, auto) { return fail(); }, [] {}};
};

TEST_F(RunnerTest, masks_a_server_that_fails) {
    follow(false);
    run_tries(5);
    EXPECT_EQ(health(), HealthState::Down);
}

TEST_F(RunnerTest, believes_no_failure_through_a_service_while_the_module_is_gone) {
    follow(true);
    engine_.module_lost(Error{}, Clock::now());
    run_tries(8);
    EXPECT_EQ(health(), HealthState::Up);
}

} // namespace
} // namespace hg::daemon

// On the loopback interface, with an agent that counts who asks.
#include "load_runner.h"

#include "daemon_kernel.h"
#include "notes.h"

#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class LoadRunnerTest : public testing::Test {
protected:
    LoadRunnerTest() : acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
        asio::co_spawn(io_, serve(), asio::detached);
    }

    asio::awaitable<void> serve() {
        for (;;) {
            auto peer = co_await acceptor_.async_accept(asio::use_awaitable);
            asked_at_.push_back(Clock::now());
            const auto buffer = asio::buffer(answer_);
            co_await asio::async_write(peer, buffer, asio::use_awaitable);
        }
    }

    [[nodiscard]] Config config() const {
        PoolConfig pool;
        pool.service.key = *parse_service_key("tcp://10.0.0.1:80");
        pool.service.scheduler = "wrr";
        pool.care.load = LoadSpec{
            .port = acceptor_.local_endpoint().port(), .interval = kInterval, .timeout = kInterval};
        pool.servers.push_back({.endpoint = *parse_endpoint("127.0.0.1:80")});
        return {.services = {pool}};
    }

    void follow(const Config& config) {
        ASSERT_TRUE(engine_.load(config, Clock::now()));
        runner_.follow();
    }

    static constexpr auto kInterval = 30ms;

    asio::io_context io_;
    tcp::acceptor acceptor_;
    std::string answer_ = "up 75%\n";
    std::vector<Clock::time_point> asked_at_;
    test::FakeKernel kernel_;
    test::Silent journal_;
    Engine engine_{kernel_, journal_};
    int news_ = 0;
    LoadRunner runner_{io_, engine_, [this] { news_++; }};
};

TEST_F(LoadRunnerTest, asks_once_an_interval) {
    follow(config());
    while (news_ < 4) {
        io_.run_one();
    }
    ASSERT_GE(asked_at_.size(), 4U);
    EXPECT_GE(asked_at_[3] - asked_at_[0],
              2 * kInterval); // what delays one start does not the next
    const auto& feed = *engine_.watch().pools[0].members[0].feed;
    EXPECT_EQ(feed.agent.percent, 75U);
    EXPECT_EQ(feed.why, "");
}

TEST_F(LoadRunnerTest, tells_the_engine_why_there_is_no_answer) {
    answer_ = "what?\n";
    follow(config());
    while (news_ < 1) {
        io_.run_one();
    }
    EXPECT_EQ(engine_.watch().pools[0].members[0].feed->why,
              "the agent's answer \"what?\" has no word of its protocol, like 75%, up or drain");
}

TEST_F(LoadRunnerTest, goes_on_over_a_reload_and_ends_when_nobody_wants_to_know) {
    follow(config());
    while (news_ < 2) {
        io_.run_one();
    }
    follow(config());
    while (news_ < 4) {
        io_.run_one();
    }
    follow({});
    acceptor_.close();
    io_.run(); // nothing is left to be done
}

} // namespace
} // namespace hg::daemon

#include "load_runner.h"

#include "load_source.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hg::daemon {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

} // namespace

LoadRunner::LoadRunner(asio::io_context& io, Engine& engine, std::function<void()> on_news)
    : engine_(engine), on_news_(std::move(on_news)),
      loops_(io, [this](LoadFeedPtr feed) { return run(std::move(feed)); }),
      random_(std::random_device{}()) {}

// What comes of an attempt that was cancelled is nobody's.
asio::awaitable<void> LoadRunner::ask(LoadFeedPtr feed) {
    auto asked = ask_agent(feed->spec, feed->from);
    const auto answer = co_await std::move(asked);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() == asio::cancellation_type::none) {
        engine_.heard(*feed, answer, Clock::now());
        on_news_();
    }
}

asio::awaitable<void> LoadRunner::scrape(LoadFeedPtr feed) {
    auto asked = scrape_node(feed->spec, feed->from);
    auto metrics = co_await std::move(asked);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() == asio::cancellation_type::none) {
        engine_.scraped(*feed, std::move(metrics), Clock::now());
        on_news_();
    }
}

asio::awaitable<void> LoadRunner::run(LoadFeedPtr feed) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    auto next = Clock::now() + first_delay(feed->spec.interval, random_);
    for (;;) {
        timer.expires_at(next);
        const auto [error] = co_await timer.async_wait(kTuple);
        const auto state = co_await asio::this_coro::cancellation_state;
        if (error || state.cancelled() != asio::cancellation_type::none) {
            co_return;
        }
        const auto begun = Clock::now();
        auto asked = feed->spec.source == LoadSource::Agent ? ask(feed) : scrape(feed);
        co_await std::move(asked);
        next = std::max(begun + feed->spec.interval, Clock::now());
        const auto after = co_await asio::this_coro::cancellation_state;
        if (after.cancelled() != asio::cancellation_type::none) {
            co_return;
        }
    }
}

} // namespace hg::daemon

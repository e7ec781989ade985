#include "load_runner.h"

#include "load_source.h"

namespace hg::daemon {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

LoadRunner::LoadRunner(asio::io_context& io, Engine& engine, std::function<void()> on_news)
    : engine_(engine), on_news_(std::move(on_news)),
      loops_(io, [this](const LoadFeedPtr& feed) { return run(feed); }),
      random_(std::random_device{}()) {}

// What comes of an attempt that was cancelled is nobody's.
asio::awaitable<void> LoadRunner::ask(LoadFeedPtr feed) {
    auto asked = ask_agent(feed->spec, feed->from);
    const auto answer = co_await std::move(asked);
    if (!is_cancelled(co_await asio::this_coro::cancellation_state)) {
        engine_.heard(*feed, answer, Clock::now());
        on_news_();
    }
}

asio::awaitable<void> LoadRunner::scrape(LoadFeedPtr feed) {
    auto asked = scrape_node(feed->spec, feed->from);
    auto metrics = co_await std::move(asked);
    if (!is_cancelled(co_await asio::this_coro::cancellation_state)) {
        engine_.scraped(*feed, std::move(metrics), Clock::now());
        on_news_();
    }
}

asio::awaitable<void> LoadRunner::run(const LoadFeedPtr& feed) {
    const auto first = Clock::now() + first_delay(feed->spec.interval, random_);
    return keep_pace(first, [this, feed](TimePoint /*due*/) { return round(feed); });
}

asio::awaitable<TimePoint> LoadRunner::round(LoadFeedPtr feed) {
    const auto begun = Clock::now();
    auto asked = feed->spec.source == LoadSource::Agent ? ask(feed) : scrape(feed);
    co_await std::move(asked);
    co_return std::max(begun + feed->spec.interval, Clock::now());
}

} // namespace hg::daemon

#include "watchers.h"

#include "awaiting.h"
#include "number.h"
#include "status.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>
#include <numeric>

namespace hg::daemon {

namespace asio = boost::asio;

namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

std::string now_text() { return utc_text(std::chrono::system_clock::now()); }

std::string lost_line(std::uint64_t events) {
    return line_of({{"schema", 1}, {"time", now_text()}, {"lost", {{"events", events}}}});
}

// What a watcher sends is not for us; that it sends nothing any more is.
asio::awaitable<void> until_gone(Watchers::Stream& stream) {
    std::array<char, 256> unused{};
    for (;;) {
        const auto [error, size] = co_await stream.async_read_some(asio::buffer(unused), kTuple);
        if (error) {
            co_return;
        }
    }
}

} // namespace

std::size_t Watchers::count() const {
    return static_cast<std::size_t>(std::count_if(
        all_.begin(), all_.end(), [](const auto& watcher) { return !watcher.expired(); }));
}

void Watchers::tell(const std::string& line) {
    for (const auto& each : all_) {
        const auto watcher = each.lock();
        if (!watcher) {
            continue;
        }
        if (watcher->waiting.size() == kWaitingMax) {
            watcher->lost++;
            continue;
        }
        watcher->waiting.push_back(line);
        watcher->pause.cancel();
    }
}

std::string Watchers::status_line() const {
    auto status = status_();
    status.erase("schema");
    Json out{{"schema", 1}, {"time", now_text()}};
    out["status"] = std::move(status);
    return line_of(out);
}

// Who lost lines gets a status behind those that there are.
asio::awaitable<void> Watchers::send(Stream& stream, Watcher& watcher,
                                     std::chrono::milliseconds interval) {
    auto due = Clock::now();
    for (;;) {
        auto text = std::accumulate(watcher.waiting.begin(), watcher.waiting.end(), std::string());
        watcher.waiting.clear();
        if (watcher.lost != 0) {
            text += lost_line(std::exchange(watcher.lost, 0));
            due = Clock::now();
        }
        if (Clock::now() >= due) {
            text += status_line();
            due = Clock::now() + interval;
        }
        if (text.empty()) {
            watcher.pause.expires_at(due);
            (void)co_await watcher.pause.async_wait(kTuple);
        } else {
            const auto [error, size] =
                co_await asio::async_write(stream, asio::buffer(text), kTuple);
            if (error) {
                co_return;
            }
        }
        if (is_cancelled(co_await asio::this_coro::cancellation_state)) {
            co_return;
        }
    }
}

asio::awaitable<void> Watchers::serve(Stream& stream, std::chrono::milliseconds interval) {
    using asio::experimental::awaitable_operators::operator||;
    const auto watcher = std::make_shared<Watcher>(stream.get_executor());
    std::erase_if(all_, [](const auto& each) { return each.expired(); });
    all_.push_back(watcher);
    auto both = send(stream, *watcher, interval) || until_gone(stream);
    co_await std::move(both);
}

} // namespace hg::daemon

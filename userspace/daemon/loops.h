// Coroutines that go on until they are not wanted any more, one for each of a list that changes.
#pragma once

#include "awaiting.h"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <span>

namespace hg::daemon {

template <class T> class Loops {
public:
    using Ptr = std::shared_ptr<T>;
    using Run = std::function<boost::asio::awaitable<void>(Ptr)>;

    // RUN is to end when it is cancelled.
    Loops(boost::asio::io_context& io, Run run) : io_(io), run_(std::move(run)) {}

    // Begins with those that are new, and ends those that are not in WANTED.
    void follow(std::span<const Ptr> wanted) {
        std::set<const T*> stay;
        for (const auto& each : wanted) {
            stay.insert(each.get());
            if (!loops_.contains(each.get())) {
                start(each);
            }
        }
        std::erase_if(loops_, [&](auto& loop) {
            if (stay.contains(loop.first)) {
                return false;
            }
            loop.second.end->emit(boost::asio::cancellation_type::terminal);
            return true;
        });
    }

    void stop() { follow({}); }

private:
    using Signal = boost::asio::cancellation_signal;

    struct Loop {
        Ptr what; // so that its address stays its own
        std::shared_ptr<Signal> end;
    };

    void start(const Ptr& what) {
        auto end = std::make_shared<Signal>();
        loops_.emplace(what.get(), Loop{what, end});
        // The signal lives until the coroutine has ended, which holds it.
        const auto ended = [end](const std::exception_ptr& bug) { rethrow(bug); };
        boost::asio::co_spawn(io_, run_(what),
                              boost::asio::bind_cancellation_slot(end->slot(), ended));
    }

    boost::asio::io_context& io_;
    Run run_;
    std::map<const T*, Loop> loops_;
};

// Evenly over the first second, or the interval, so that a thousand do not start as one.
template <class Random>
std::chrono::milliseconds first_delay(std::chrono::milliseconds interval, Random& random) {
    using std::chrono::milliseconds;
    const auto most = std::min(interval, milliseconds(1000));
    std::uniform_int_distribution<milliseconds::rep> spread(0, most.count() - 1);
    return milliseconds(spread(random));
}

// One ROUND after the other until it is cancelled, the first at NEXT. A round is told when it was
// due, and says when the next one is; what comes of one that was cancelled is nobody's.
template <class Round>
boost::asio::awaitable<void> keep_pace(std::chrono::steady_clock::time_point next, Round round) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    for (;;) {
        timer.expires_at(next);
        const auto [error] = co_await timer.async_wait(kTuple);
        if (error || is_cancelled(co_await boost::asio::this_coro::cancellation_state)) {
            co_return;
        }
        auto made = round(next);
        next = co_await std::move(made);
        if (is_cancelled(co_await boost::asio::this_coro::cancellation_state)) {
            co_return;
        }
    }
}

} // namespace hg::daemon

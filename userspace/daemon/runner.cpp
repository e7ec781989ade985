#include "runner.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hg::daemon {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

} // namespace

Runner::Runner(asio::io_context& io, Engine& engine, Try make, std::function<void()> on_result)
    : engine_(engine), try_(std::move(make)), on_result_(std::move(on_result)),
      loops_(io, [this](ProbePtr probe) { return run(std::move(probe)); }),
      random_(std::random_device{}()) {}

// Without its mark a packet to the VIP would go to any server.
asio::awaitable<ProbeResult> Runner::attempt(const Probe& probe) {
    if (probe.target.through && probe.target.through->mark == 0) {
        ProbeResult unmarked{false, "the kernel has no check mark for this server, see headgate "
                                    "settings get"};
        co_return unmarked;
    }
    auto made = try_(probe.check, probe.target);
    co_return co_await std::move(made);
}

asio::awaitable<void> Runner::run(ProbePtr probe) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    auto next = Clock::now() + first_delay(probe->check.interval, random_);
    for (;;) {
        timer.expires_at(next);
        const auto [error] = co_await timer.async_wait(kTuple);
        const auto state = co_await asio::this_coro::cancellation_state;
        if (error || state.cancelled() != asio::cancellation_type::none) {
            co_return;
        }
        const auto begun = Clock::now();
        lateness_.add(begun - next);
        auto made = attempt(*probe);
        auto result = co_await std::move(made);
        const auto ended = Clock::now();
        const auto after = co_await asio::this_coro::cancellation_state;
        if (after.cancelled() != asio::cancellation_type::none) {
            co_return;
        }
        engine_.result(*probe, std::move(result), duration_cast<milliseconds>(ended - begun),
                       ended);
        on_result_();
        const auto random = std::generate_canonical<double, 16>(random_);
        next = std::max(begun + probe->health.pause(random), ended);
    }
}

} // namespace hg::daemon

#include "runner.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <set>

namespace hg::daemon {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr milliseconds kSpread{1000}; // within which the first checks are made

} // namespace

Runner::Runner(asio::io_context& io, Engine& engine, Try make, std::function<void()> on_result)
    : io_(io), engine_(engine), try_(std::move(make)), on_result_(std::move(on_result)),
      random_(std::random_device{}()) {}

// Evenly over the first second, so that a thousand checks do not start as one.
milliseconds Runner::first_delay(const HealthCheck& check) {
    const auto most = std::min(check.interval, kSpread);
    std::uniform_int_distribution<milliseconds::rep> spread(0, most.count() - 1);
    return milliseconds(spread(random_));
}

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
    auto next = Clock::now() + first_delay(probe->check);
    for (;;) {
        timer.expires_at(next);
        const auto [error] = co_await timer.async_wait(kTuple);
        const auto state = co_await asio::this_coro::cancellation_state;
        if (error || state.cancelled() != asio::cancellation_type::none) {
            co_return;
        }
        const auto begun = Clock::now();
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

void Runner::start(const ProbePtr& probe) {
    auto end = std::make_shared<asio::cancellation_signal>();
    loops_.emplace(probe.get(), Loop{probe, end});
    // The signal lives until the coroutine has ended, which holds it.
    asio::co_spawn(io_, run(probe),
                   asio::bind_cancellation_slot(end->slot(), [end](const std::exception_ptr& bug) {
                       if (bug) {
                           std::rethrow_exception(bug);
                       }
                   }));
}

void Runner::follow() {
    std::set<const Probe*> wanted;
    for (const auto& probe : engine_.watch().probes.all()) {
        wanted.insert(probe.get());
        if (!loops_.contains(probe.get())) {
            start(probe);
        }
    }
    std::erase_if(loops_, [&](auto& entry) {
        if (wanted.contains(entry.first)) {
            return false;
        }
        entry.second.end->emit(asio::cancellation_type::terminal);
        return true;
    });
}

void Runner::stop() {
    for (auto& [probe, loop] : loops_) {
        loop.end->emit(asio::cancellation_type::terminal);
    }
    loops_.clear();
}

} // namespace hg::daemon

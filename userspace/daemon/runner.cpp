#include "runner.h"

#include <algorithm>

namespace hg::daemon {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

Runner::Runner(asio::io_context& io, Engine& engine, Try make, std::function<void()> on_result)
    : engine_(engine), try_(std::move(make)), on_result_(std::move(on_result)),
      loops_(io, [this](const ProbePtr& probe) { return run(probe); }),
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

asio::awaitable<void> Runner::run(const ProbePtr& probe) {
    const auto first = Clock::now() + first_delay(probe->check.interval, random_);
    return keep_pace(first, [this, probe](TimePoint due) { return round(probe, due); });
}

asio::awaitable<TimePoint> Runner::round(ProbePtr probe, TimePoint due) {
    const auto begun = Clock::now();
    lateness_.add(begun - due);
    auto made = attempt(*probe);
    auto result = co_await std::move(made);
    const auto ended = Clock::now();
    if (is_cancelled(co_await asio::this_coro::cancellation_state)) {
        co_return ended;
    }
    // What does not come through a service that is not there says nothing of its servers.
    if (probe->target.through && engine_.module_is_gone()) {
        co_return std::max(begun + probe->check.interval, ended);
    }
    engine_.result(*probe, std::move(result), duration_cast<milliseconds>(ended - begun), ended);
    on_result_();
    const auto random = std::generate_canonical<double, 16>(random_);
    co_return std::max(begun + probe->health.pause(random), ended);
}

} // namespace hg::daemon

#include "probe.h"

#include "probe_attempt.h"
#include "probe_text.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace hg::daemon {

namespace asio = boost::asio;

namespace {

// Never throws: || would wait for the timer then.
Probing guarded(Attempt& attempt) {
    try {
        auto probing = std::visit(
            [&attempt](const auto& kind) { return probe_kind(kind, attempt); }, attempt.check.kind);
        co_return co_await std::move(probing);
    } catch (const std::exception& error) {
        co_return bad(error.what());
    }
}

ProbeResult late(const Attempt& attempt) {
    const auto limit = text_of(attempt.check.timeout);
    if (attempt.silence_is_good) {
        return good(fmt::format("no complaint in {}", limit));
    }
    return bad(fmt::format("no answer in {}: {}", limit, attempt.step));
}

Probing timed(Attempt& attempt) {
    using asio::experimental::awaitable_operators::operator||;
    if (std::holds_alternative<ExecCheck>(attempt.check.kind)) {
        attempt.turn = co_await program_turn();
    }
    asio::steady_timer timer(co_await asio::this_coro::executor, attempt.check.timeout);
    auto ended = co_await (guarded(attempt) || timer.async_wait(asio::use_awaitable));
    auto* const result = std::get_if<ProbeResult>(&ended);
    co_return result != nullptr ? std::move(*result) : late(attempt);
}

} // namespace

Probing probe(HealthCheck check, ProbeTarget target) {
    Attempt attempt{.check = check, .target = target};
    ProbeResult result;
    try {
        result = co_await timed(attempt);
    } catch (const std::exception& error) { // cancelled
        result.reason = error.what();
    }
    result.reason = printable(result.reason);
    co_return result;
}

} // namespace hg::daemon

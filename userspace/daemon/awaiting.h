// How the daemon's coroutines wait: errors are values, and a cancelled one ends by itself.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

namespace hg::daemon {

inline constexpr auto kTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

// Of this_coro::cancellation_state, which only the coroutine itself can ask for.
inline bool is_cancelled(const boost::asio::cancellation_state& state) {
    return state.cancelled() != boost::asio::cancellation_type::none;
}

// For co_spawn: a coroutine lets no exception out but those that are bugs.
inline void rethrow(const std::exception_ptr& bug) {
    if (bug) {
        std::rethrow_exception(bug);
    }
}

} // namespace hg::daemon

// Taking the clients of a socket.
#pragma once

#include "awaiting.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>

namespace hg::daemon {

// SERVE each, up to MOST at a time, until the acceptor is closed; those beyond are hung up on.
// CLIENTS is how many there are, and has to live as long as they.
template <class Acceptor, class Serve>
boost::asio::awaitable<void> accept_clients(Acceptor& acceptor, int& clients, int most,
                                            Serve serve) {
    for (;;) {
        auto [error, socket] = co_await acceptor.async_accept(kTuple);
        if (error == boost::asio::error::operation_aborted || !acceptor.is_open()) {
            co_return;
        }
        if (error) { // too many files are open: that does not end at once
            boost::asio::steady_timer pause(acceptor.get_executor(), std::chrono::seconds(1));
            co_await pause.async_wait(kTuple);
        }
        if (!error && clients < most) {
            clients++;
            boost::asio::co_spawn(acceptor.get_executor(), serve(std::move(socket)),
                                  [&clients](const std::exception_ptr& /*gone*/) { clients--; });
        }
    }
}

} // namespace hg::daemon

// HTTP for whoever watches the daemon: /metrics and /healthz.
#pragma once

#include "address.h"
#include "metrics.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace hg::daemon {

// What it answers with.
struct ExporterSource {
    std::function<Exposition()> scrape;
    std::function<std::string()> complaint; // what is not well; empty: all is
};

class Exporter {
public:
    Exporter(boost::asio::io_context& io, ExporterSource source);

    // From now on there; nowhere when empty. What there was goes on when that cannot be.
    Result<> listen(const std::optional<Endpoint>& where);

    // Where it listens, with the port that port 0 became.
    [[nodiscard]] std::optional<Endpoint> where() const;

private:
    using Socket = boost::asio::ip::tcp::socket;
    using Turn = boost::asio::experimental::channel<void(boost::system::error_code)>;

    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> serve(Socket socket);
    boost::asio::awaitable<std::vector<std::string>> metrics();

    boost::asio::io_context& io_;
    ExporterSource source_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::optional<Endpoint> where_;
    Turn turn_; // of those who want /metrics: one at a time
    int clients_ = 0;
};

} // namespace hg::daemon

// The daemon's socket: a request a line, an answer a line, both JSON; or, once one asks to watch,
// lines without end.
#pragma once

#include "result.h"
#include "watchers.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace hg::daemon {

// Who asks.
struct Peer {
    std::uint32_t uid = 0;
    std::int32_t pid = 0;
};

class Control {
public:
    // Answers a request, {"command": ...}, other than "watch".
    using Answer =
        std::function<nlohmann::ordered_json(const nlohmann::json& request, const Peer& peer)>;

    static constexpr std::chrono::milliseconds kIdleMax{60'000}; // of one who does not watch

    Control(boost::asio::io_context& io, Answer answer, Watchers& watchers,
            std::chrono::milliseconds idle_max = kIdleMax)
        : acceptor_(io), answer_(std::move(answer)), watchers_(watchers), idle_max_(idle_max) {}

    Control(const Control&) = delete;
    Control& operator=(const Control&) = delete;
    Control(Control&&) = delete;
    Control& operator=(Control&&) = delete;
    ~Control();

    // Listens at PATH, which may be a socket that an earlier daemon left; 0660, of the group
    // "headgate" where there is one.
    Result<> open(const std::string& path);

private:
    using Stream = boost::asio::local::stream_protocol::socket;

    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> serve(Stream stream);
    [[nodiscard]] nlohmann::ordered_json answer_to(const nlohmann::json& request,
                                                   const Peer& peer) const;
    [[nodiscard]] Result<std::chrono::milliseconds>
    watch_interval(const nlohmann::json& request) const;

    boost::asio::local::stream_protocol::acceptor acceptor_;
    Answer answer_;
    Watchers& watchers_;
    std::chrono::milliseconds idle_max_;
    std::string path_;
    int clients_ = 0;
};

} // namespace hg::daemon

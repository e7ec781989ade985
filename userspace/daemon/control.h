// The daemon's socket: a request a line, an answer a line, both JSON.
#pragma once

#include "result.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
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
    // Answers a request, {"command": ...}.
    using Answer =
        std::function<nlohmann::ordered_json(const nlohmann::json& request, const Peer& peer)>;

    Control(boost::asio::io_context& io, Answer answer)
        : acceptor_(io), answer_(std::move(answer)) {}

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
    [[nodiscard]] std::string answer_to(const std::string& line, const Peer& peer) const;

    boost::asio::local::stream_protocol::acceptor acceptor_;
    Answer answer_;
    std::string path_;
    int clients_ = 0;
};

} // namespace hg::daemon

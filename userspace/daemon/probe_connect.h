// Sockets of a probe: bound and marked as its check says, and the bytes that pass through them.
#pragma once

#include "probe_attempt.h"

#include <boost/asio/generic/datagram_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <span>

namespace hg::daemon {

using TcpSocket = boost::asio::ip::tcp::socket;
using DatagramSocket = boost::asio::generic::datagram_protocol::socket;

// What the system said, in words that fit a reason: "connection refused".
[[nodiscard]] std::string text_of(const boost::system::error_code& error);

[[nodiscard]] boost::asio::awaitable<Outcome<TcpSocket>> connect_tcp(Attempt& attempt);

// Connected, so that it hears the peer alone, and its errors. TYPE is SOCK_DGRAM or SOCK_RAW.
[[nodiscard]] Outcome<DatagramSocket> open_datagram(const boost::asio::any_io_executor& executor,
                                                    const Attempt& attempt, int type, int protocol);

[[nodiscard]] boost::asio::awaitable<Outcome<>> send(DatagramSocket& socket,
                                                     std::string_view bytes);
[[nodiscard]] boost::asio::awaitable<Outcome<std::string_view>> receive(DatagramSocket& socket,
                                                                        std::span<char> into);

// Bytes both ways; the socket below outlives it.
class ByteStream {
public:
    ByteStream() = default;
    ByteStream(const ByteStream&) = delete;
    ByteStream& operator=(const ByteStream&) = delete;
    virtual ~ByteStream() = default;

    // Some of what came, in INTO; empty at the end.
    [[nodiscard]] virtual boost::asio::awaitable<Outcome<std::string_view>>
    read(std::span<char> into) = 0;
    // All of it.
    [[nodiscard]] virtual boost::asio::awaitable<Outcome<>> write(std::string_view bytes) = 0;
};

class PlainStream : public ByteStream {
public:
    explicit PlainStream(TcpSocket& socket) : socket_(socket) {}

    boost::asio::awaitable<Outcome<std::string_view>> read(std::span<char> into) override;
    boost::asio::awaitable<Outcome<>> write(std::string_view bytes) override;

private:
    TcpSocket& socket_;
};

} // namespace hg::daemon

#include "probe_connect.h"

#include "awaiting.h"
#include "fd.h"

#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace hg::daemon {

namespace asio = boost::asio;

namespace {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;

    explicit SocketAddress(const Endpoint& endpoint) {
        const auto bytes = endpoint.address.bytes();
        if (endpoint.address.family() == Family::V4) {
            sockaddr_in v4{};
            v4.sin_family = AF_INET;
            v4.sin_port = htons(endpoint.port);
            std::memcpy(&v4.sin_addr, bytes.data(), bytes.size());
            put(v4);
        } else {
            sockaddr_in6 v6{};
            v6.sin6_family = AF_INET6;
            v6.sin6_port = htons(endpoint.port);
            std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
            put(v6);
        }
    }

    [[nodiscard]] const sockaddr* get() const {
        return reinterpret_cast<const sockaddr*>(&storage);
    }

private:
    template <class T> void put(const T& address) {
        std::memcpy(&storage, &address, sizeof(address));
        size = sizeof(address);
    }
};

int family_of(const Attempt& attempt) {
    return static_cast<int>(attempt.target.peer().address.family());
}

// 0 or an errno.
int set_option(const Fd& fd, int level, int option, int value) {
    return setsockopt(fd.get(), level, option, &value, sizeof(value)) == 0 ? 0 : errno;
}

int bind_source(const Fd& fd, const Address& source) {
    // A port is not taken for each address of ours, but for each peer: they last longer. Raw
    // sockets have no ports, and those of IPv6 refuse the option.
    const int error = set_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    if (error != 0 && error != ENOPROTOOPT) {
        return error;
    }
    const SocketAddress address(Endpoint{.address = source, .port = 0});
    return bind(fd.get(), address.get(), address.size) == 0 ? 0 : errno;
}

// As the check says: from where, by what way.
int prepare(const Fd& fd, const Attempt& attempt) {
    if (attempt.target.through) {
        const auto mark = static_cast<int>(attempt.target.through->mark);
        if (const int error = set_option(fd, SOL_SOCKET, SO_MARK, mark)) {
            return error;
        }
    }
    return attempt.check.source ? bind_source(fd, *attempt.check.source) : 0;
}

boost::system::error_code system_code(int error) {
    return {error, boost::system::system_category()};
}

std::string cannot_open(const Attempt& attempt, int error) {
    if (attempt.check.source && error == EADDRNOTAVAIL) {
        return fmt::format("the source {} is no address of this machine",
                           attempt.check.source->text());
    }
    return fmt::format("cannot open a socket: {}", text_of(system_code(error)));
}

Outcome<Fd> open_socket(const Attempt& attempt, int type, int protocol) {
    Fd fd(::socket(family_of(attempt), type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
    const int error = fd.valid() ? prepare(fd, attempt) : errno;
    if (error != 0) {
        return failure(cannot_open(attempt, error));
    }
    return fd;
}

template <class Socket, class Protocol>
Outcome<Socket> adopt(const asio::any_io_executor& executor, const Protocol& protocol, Fd fd) {
    Socket socket(executor);
    boost::system::error_code error;
    socket.assign(protocol, fd.get(), error);
    if (error) {
        return failure(fmt::format("cannot watch a socket: {}", text_of(error)));
    }
    (void)fd.release();
    return socket;
}

} // namespace

std::string text_of(const boost::system::error_code& error) {
    auto text = error.message();
    if (text.size() > 1 && text[1] >= 'a' && text[1] <= 'z') { // no acronym
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    }
    return text;
}

asio::awaitable<Outcome<TcpSocket>> connect_tcp(Attempt& attempt) {
    const auto executor = co_await asio::this_coro::executor;
    auto fd = open_socket(attempt, SOCK_STREAM, IPPROTO_TCP);
    if (!fd) {
        co_return failure(std::move(fd.error()));
    }
    const auto protocol = family_of(attempt) == AF_INET ? asio::ip::tcp::v4() : asio::ip::tcp::v6();
    auto socket = adopt<TcpSocket>(executor, protocol, std::move(*fd));
    if (!socket) {
        co_return socket;
    }
    attempt.step = "connecting";
    const SocketAddress peer(attempt.target.peer());
    asio::ip::tcp::endpoint endpoint;
    std::memcpy(endpoint.data(), peer.get(), peer.size);
    endpoint.resize(peer.size);
    const auto [error] = co_await socket->async_connect(endpoint, kTuple);
    if (error) {
        co_return failure(text_of(error));
    }
    co_return socket;
}

Outcome<DatagramSocket> open_datagram(const asio::any_io_executor& executor, const Attempt& attempt,
                                      int type, int protocol) {
    auto fd = open_socket(attempt, type, protocol);
    if (!fd) {
        return failure(std::move(fd.error()));
    }
    const SocketAddress peer(attempt.target.peer());
    if (connect(fd->get(), peer.get(), peer.size) != 0) {
        return failure(text_of(system_code(errno)));
    }
    const asio::generic::datagram_protocol of(family_of(attempt), protocol);
    return adopt<DatagramSocket>(executor, of, std::move(*fd));
}

asio::awaitable<Outcome<>> send(DatagramSocket& socket, std::string_view bytes) {
    const asio::const_buffer buffer(bytes.data(), bytes.size());
    const auto [error, size] = co_await socket.async_send(buffer, kTuple);
    if (error) {
        co_return failure(text_of(error));
    }
    co_return Outcome<>();
}

asio::awaitable<Outcome<std::string_view>> receive(DatagramSocket& socket, std::span<char> into) {
    const asio::mutable_buffer buffer(into.data(), into.size());
    const auto [error, size] = co_await socket.async_receive(buffer, kTuple);
    if (error) {
        co_return failure(text_of(error));
    }
    co_return std::string_view(into.data(), size);
}

asio::awaitable<Outcome<std::string_view>> PlainStream::read(std::span<char> into) {
    const asio::mutable_buffer buffer(into.data(), into.size());
    const auto [error, size] = co_await socket_.async_read_some(buffer, kTuple);
    if (error && error != asio::error::eof) {
        co_return failure(text_of(error));
    }
    co_return std::string_view(into.data(), size);
}

asio::awaitable<Outcome<>> PlainStream::write(std::string_view bytes) {
    const asio::const_buffer buffer(bytes.data(), bytes.size());
    const auto [error, size] = co_await asio::async_write(socket_, buffer, kTuple);
    if (error) {
        co_return failure(text_of(error));
    }
    co_return Outcome<>();
}

} // namespace hg::daemon

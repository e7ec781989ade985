#include "tcp_socket.h"

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <system_error>

namespace hg::test {

namespace {

struct SockAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;

    [[nodiscard]] const sockaddr* get() const {
        return reinterpret_cast<const sockaddr*>(&storage);
    }
};

SockAddress sock_address(const Endpoint& endpoint) {
    SockAddress out;
    const auto bytes = endpoint.address.bytes();
    if (endpoint.address.family() == Family::V4) {
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_port = htons(endpoint.port);
        std::memcpy(&in.sin_addr, bytes.data(), bytes.size());
        std::memcpy(&out.storage, &in, sizeof(in));
        out.length = sizeof(in);
    } else {
        sockaddr_in6 in{};
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(endpoint.port);
        std::memcpy(&in.sin6_addr, bytes.data(), bytes.size());
        std::memcpy(&out.storage, &in, sizeof(in));
        out.length = sizeof(in);
    }
    return out;
}

void check(int result, const char* what) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
}

Fd open_tcp(const Namespace& where, Family family) {
    const auto inside = where.enter();
    Fd fd(socket(static_cast<int>(family), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    check(fd.get(), "socket");
    const linger reset{.l_onoff = 1, .l_linger = 0};
    int on = 1;
    check(setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), "SO_LINGER");
    check(setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), "SO_REUSEADDR");
    return fd;
}

void bind_to(const Fd& fd, const Endpoint& endpoint) {
    const auto address = sock_address(endpoint);
    check(bind(fd.get(), address.get(), address.length), "bind");
}

} // namespace

Fd tcp_connect(const Namespace& where, const Endpoint& to, const ConnectFrom& from) {
    auto fd = open_tcp(where, to.address.family());
    if (from.source) {
        bind_to(fd, {*from.source, 0});
    }
    if (from.mark != 0) {
        check(setsockopt(fd.get(), SOL_SOCKET, SO_MARK, &from.mark, sizeof(from.mark)), "SO_MARK");
    }
    const auto address = sock_address(to);
    if (connect(fd.get(), address.get(), address.length) < 0 && errno != EINPROGRESS) {
        check(-1, "connect");
    }
    return fd;
}

Fd tcp_listen(const Namespace& where, const Endpoint& at) {
    auto fd = open_tcp(where, at.address.family());
    bind_to(fd, at);
    check(listen(fd.get(), 64), "listen");
    return fd;
}

std::optional<Fd> tcp_accept(const Fd& listener) {
    Fd fd(accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd.valid()) {
        return {};
    }
    return fd;
}

bool tcp_connected(const Fd& socket) {
    tcp_info info{};
    socklen_t length = sizeof(info);
    check(getsockopt(socket.get(), IPPROTO_TCP, TCP_INFO, &info, &length), "TCP_INFO");
    return info.tcpi_state == TCP_ESTABLISHED;
}

} // namespace hg::test

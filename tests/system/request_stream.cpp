#include "request_stream.h"

#include "director.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>

namespace hg::test {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::string_view kQuestion =
    "GET /healthz HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n";
constexpr auto kLook = 200ms; // how often the director's conns are listed

int error_of(int fd) {
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

// Where the kernel takes one after the other: none comes twice.
std::uint16_t port_of(int fd) {
    sockaddr_in6 own{}; // sockaddr_in has its port at the same place
    socklen_t size = sizeof(own);
    getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size);
    return ntohs(own.sin6_port);
}

} // namespace

struct RequestStream::Open {
    Fd fd;
    std::size_t request = 0;
    bool asked = false;
    std::string answer = {};
};

RequestStream::RequestStream(const Place& client, const Place& director, const Endpoint& vip,
                             std::chrono::milliseconds pause)
    : kernel_(director), vip_(vip), pause_(pause), thread_([this, &client] { run(client); }) {}

RequestStream::~RequestStream() { finish(); }

const std::vector<Request>& RequestStream::finish() {
    finishes_ = true;
    if (thread_.joinable()) {
        thread_.join();
    }
    return requests_;
}

void RequestStream::run(const Place& client) {
    const auto inside = client.enter();
    auto next = Clock::now();
    auto look = next;
    while (!finishes_ || !open_.empty()) {
        const auto now = Clock::now();
        if (now >= next && !finishes_) {
            begin();
            next += pause_;
        }
        if (now >= look) {
            look_where();
            look = now + kLook;
        }
        wait(std::chrono::duration_cast<std::chrono::milliseconds>(std::max(next - now, 0ns)));
    }
    look_where();
}

void RequestStream::begin() {
    const bool is_v4 = vip_.address.family() == Family::V4;
    Open open{Fd(socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
              requests_.size()};
    requests_.push_back({Clock::now()});
    begun_ = requests_.size();
    const auto to = to_sockaddr(vip_);
    if (connect(open.fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0 &&
        errno != EINPROGRESS) {
        end(open, std::strerror(errno));
        return;
    }
    by_port_[port_of(open.fd.get())] = open.request;
    open_.push_back(std::move(open));
}

bool RequestStream::end(Open& open, std::string_view how) {
    requests_[open.request].end = how;
    return false;
}

bool RequestStream::advance(Open& open, short events) {
    if (Clock::now() > requests_[open.request].begun + kLimit) {
        return end(open, open.asked ? "no answer" : "no connection");
    }
    if (events == 0) {
        return true;
    }
    if (const auto error = error_of(open.fd.get())) {
        return end(open, std::strerror(error));
    }
    if (!open.asked) {
        open.asked = true;
        return send(open.fd.get(), kQuestion.data(), kQuestion.size(), MSG_NOSIGNAL) > 0 ||
               end(open, "not sent");
    }
    std::array<char, 4096> buffer{};
    const auto size = recv(open.fd.get(), buffer.data(), buffer.size(), 0);
    if (size > 0) {
        open.answer.append(buffer.data(), static_cast<std::size_t>(size));
        return true;
    }
    if (size < 0) {
        return end(open, std::strerror(errno));
    }
    requests_[open.request].ok = open.answer.ends_with("\r\n\r\nok\n");
    return end(open, open.answer);
}

void RequestStream::wait(std::chrono::milliseconds most) {
    std::vector<pollfd> ends;
    for (const auto& open : open_) {
        ends.push_back({open.fd.get(), static_cast<short>(open.asked ? POLLIN : POLLOUT), 0});
    }
    poll(ends.data(), ends.size(), static_cast<int>(most.count()));
    std::size_t at = 0;
    std::erase_if(open_, [&](Open& open) { return !advance(open, ends[at++].revents); });
}

void RequestStream::look_where() {
    must(kernel_->list_conns({}, [&](const Conn& conn) {
        const auto found = by_port_.find(conn.client.port);
        if (found != by_port_.end() && conn.service == vip_) {
            requests_[found->second].servers.insert(conn.server.address.text());
        }
        return Client::Next::Go;
    }));
}

} // namespace hg::test

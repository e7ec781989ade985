#include "probe_fixture.h"

#include <arpa/inet.h>
#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <mutex>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hg::daemon {

namespace asio = boost::asio;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr int kPatience = 10'000; // ms

std::ptrdiff_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
}

// A server in this process closes its end a little later, and may not even have accepted yet.
void expect_descriptors(std::ptrdiff_t wanted) {
    const auto until = steady_clock::now() + milliseconds(kPatience);
    auto open = open_descriptors();
    while (open > wanted && steady_clock::now() < until) {
        std::this_thread::yield();
        open = open_descriptors();
    }
    EXPECT_EQ(open, wanted);
}

milliseconds since(steady_clock::time_point start) {
    return duration_cast<milliseconds>(steady_clock::now() - start);
}

void start(asio::io_context& loop, const HealthCheck& check, const ProbeTarget& target,
           Tried& tried) {
    asio::co_spawn(loop, probe(check, target),
                   [&tried, begun = steady_clock::now()](const std::exception_ptr& thrown,
                                                         ProbeResult result) {
                       EXPECT_EQ(thrown, nullptr);
                       tried = {.result = std::move(result), .took = since(begun)};
                   });
}

struct Address4or6 {
    sockaddr_storage storage{};

    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

void fill(Address4or6& address, const Endpoint& endpoint) {
    auto* const v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    if (endpoint.address.family() == Family::V4) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(endpoint.port);
        inet_pton(AF_INET, endpoint.address.text().c_str(), &v4->sin_addr);
    } else {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(endpoint.port);
        inet_pton(AF_INET6, endpoint.address.text().c_str(), &v6->sin6_addr);
    }
}

// Where it was bound to: port 0 takes a free one.
Endpoint bind_to(int fd, Endpoint endpoint) {
    Address4or6 address;
    fill(address, endpoint);
    socklen_t size = sizeof(address.storage);
    EXPECT_EQ(bind(fd, address.get(), size), 0) << std::strerror(errno);
    EXPECT_EQ(getsockname(fd, address.get(), &size), 0);
    endpoint.port = ntohs(reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port);
    return endpoint;
}

int open_socket(const Endpoint& endpoint, int type) {
    return socket(static_cast<int>(endpoint.address.family()), type | SOCK_CLOEXEC, 0);
}

Endpoint ephemeral(const char* address) { return {.address = *parse_address(address), .port = 0}; }

bool readable(int fd) {
    pollfd wanted{.fd = fd, .events = POLLIN, .revents = 0};
    return poll(&wanted, 1, kPatience) == 1;
}

} // namespace

Tried try_target(const HealthCheck& check, const ProbeTarget& target) {
    const auto before = open_descriptors();
    Tried tried;
    {
        asio::io_context loop;
        start(loop, check, target, tried);
        loop.run();
    }
    expect_descriptors(before);
    return tried;
}

Tried try_check(const HealthCheck& check, const Endpoint& server) {
    return try_target(check, {.server = server});
}

std::pair<ProbeResult, ProbeResult> try_twice(const HealthCheck& check, const Endpoint& server,
                                              const std::function<void()>& after) {
    asio::io_context loop;
    Tried first;
    Tried second;
    start(loop, check, {.server = server}, first);
    loop.run();
    after();
    loop.restart();
    start(loop, check, {.server = server}, second);
    loop.run();
    return {first.result, second.result};
}

std::vector<Tried> try_together(const HealthCheck& check, const Endpoint& server,
                                std::size_t count) {
    asio::io_context loop;
    std::vector<Tried> all(count);
    for (auto& tried : all) {
        start(loop, check, {.server = server}, tried);
    }
    loop.run();
    return all;
}

milliseconds try_cancelled(const HealthCheck& check, const Endpoint& server, milliseconds after) {
    const auto before = open_descriptors();
    const auto start = steady_clock::now();
    {
        asio::io_context loop;
        asio::cancellation_signal signal;
        asio::steady_timer timer(loop, after);
        timer.async_wait([&signal](const boost::system::error_code& /*error*/) {
            signal.emit(asio::cancellation_type::terminal);
        });
        const ProbeTarget target{.server = server};
        asio::co_spawn(
            loop, probe(check, target),
            asio::bind_cancellation_slot(
                signal.slot(), [](const std::exception_ptr& thrown, const ProbeResult& /*result*/) {
                    EXPECT_EQ(thrown, nullptr);
                }));
        loop.run();
    }
    expect_descriptors(before);
    return since(start);
}

HealthCheck check_of(CheckKind kind, milliseconds timeout) {
    HealthCheck check;
    check.kind = std::move(kind);
    check.timeout = timeout;
    return check;
}

Endpoint nobody() {
    const int fd = open_socket(ephemeral("127.0.0.1"), SOCK_STREAM);
    const auto endpoint = bind_to(fd, ephemeral("127.0.0.1"));
    close(fd);
    return endpoint;
}

Peer::~Peer() {
    SSL_free(tls_);
    close(fd_);
}

bool Peer::say(std::string_view text) {
    if (tls_ != nullptr) {
        return SSL_write(tls_, text.data(), static_cast<int>(text.size())) > 0;
    }
    return send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

long Peer::read_some(char* into, std::size_t size) {
    if (tls_ != nullptr) {
        return SSL_read(tls_, into, static_cast<int>(size));
    }
    if (!readable(fd_)) {
        return 0;
    }
    const auto got = recv(fd_, into, size, 0);
    reset_ = got < 0 && errno == ECONNRESET;
    return got;
}

std::string Peer::hear(std::string_view end) {
    std::string heard;
    char c = 0;
    while (!heard.ends_with(end) && read_some(&c, 1) > 0) {
        heard += c;
    }
    return heard;
}

void Peer::hang() {
    char c = 0;
    while (read_some(&c, 1) > 0) {
    }
}

void Peer::start_tls(const Identity& identity) {
    SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
    EXPECT_EQ(SSL_CTX_use_certificate_chain_file(context, identity.certificate().c_str()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context, identity.key().c_str(), SSL_FILETYPE_PEM), 1);
    tls_ = SSL_new(context);
    SSL_CTX_free(context);
    const timeval patience{.tv_sec = kPatience / 1000, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    SSL_set_fd(tls_, fd_);
    SSL_accept(tls_); // a client that refuses us is one of the cases
}

std::string Peer::sni() const {
    const char* const name = SSL_get_servername(tls_, TLSEXT_NAMETYPE_host_name);
    return name != nullptr ? name : "";
}

struct Served {
    std::mutex mutex;
    std::condition_variable changed;
    int peers = 0;
};

TcpServer::TcpServer(Script script, const char* address)
    : TcpServer(std::move(script), ephemeral(address)) {}

TcpServer::TcpServer(Script script, const Endpoint& at)
    : listener_(open_socket(at, SOCK_STREAM)), served_(std::make_unique<Served>()) {
    endpoint_ = bind_to(listener_, at);
    EXPECT_EQ(listen(listener_, SOMAXCONN), 0);
    thread_ = std::thread([this, script = std::move(script)] { serve(script); });
}

TcpServer::~TcpServer() {
    shutdown(listener_, SHUT_RDWR); // accept() fails
    thread_.join();
    close(listener_);
}

void TcpServer::serve(const Script& script) {
    while (true) {
        const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) {
            return;
        }
        {
            Peer peer(fd);
            script(peer);
        }
        const std::lock_guard lock(served_->mutex);
        ++served_->peers;
        served_->changed.notify_all();
    }
}

void TcpServer::wait_for(int peers) const {
    std::unique_lock lock(served_->mutex);
    EXPECT_TRUE(served_->changed.wait_for(lock, milliseconds(kPatience),
                                          [&] { return served_->peers >= peers; }));
}

UdpServer::UdpServer(Script script, const char* address)
    : fd_(open_socket(ephemeral(address), SOCK_DGRAM)) {
    endpoint_ = bind_to(fd_, ephemeral(address));
    thread_ = std::thread([this, script = std::move(script)] { serve(script); });
}

UdpServer::~UdpServer() {
    shutdown(fd_, SHUT_RDWR); // recvfrom() returns 0, without an address
    thread_.join();
    close(fd_);
}

void UdpServer::serve(const Script& script) const {
    while (true) {
        std::string datagram(65536, '\0');
        Address4or6 from;
        socklen_t size = sizeof(from.storage);
        const auto got = recvfrom(fd_, datagram.data(), datagram.size(), 0, from.get(), &size);
        if (got < 0 || from.storage.ss_family == AF_UNSPEC) {
            return;
        }
        datagram.resize(static_cast<std::size_t>(got));
        for (const auto& reply : script(datagram)) {
            sendto(fd_, reply.data(), reply.size(), 0, from.get(), size);
        }
    }
}

} // namespace hg::daemon

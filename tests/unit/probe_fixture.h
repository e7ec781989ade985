// Servers on the loopback interface that say what a test wants, and probes of them.
#pragma once

#include "probe.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

struct ssl_st;

namespace hg::daemon {

struct Tried {
    ProbeResult result;
    std::chrono::milliseconds took{};
};

// One probe from start to end, in a loop of its own. Fails the test when a descriptor is left.
[[nodiscard]] Tried try_check(const HealthCheck& check, const Endpoint& server);
[[nodiscard]] Tried try_target(const HealthCheck& check, const ProbeTarget& target);
// Two of them in the same loop, the second AFTER something.
[[nodiscard]] std::pair<ProbeResult, ProbeResult>
try_twice(const HealthCheck& check, const Endpoint& server, const std::function<void()>& after);
// The same, cancelled AFTER its start; the result means nothing then.
[[nodiscard]] std::chrono::milliseconds
try_cancelled(const HealthCheck& check, const Endpoint& server, std::chrono::milliseconds after);
// All at once, in one loop.
[[nodiscard]] std::vector<Tried> try_together(const HealthCheck& check, const Endpoint& server,
                                              std::size_t count);

[[nodiscard]] HealthCheck check_of(CheckKind kind,
                                   std::chrono::milliseconds timeout = std::chrono::seconds(5));

// A port of 127.0.0.1 where nobody listens.
[[nodiscard]] Endpoint nobody();

// A key and a certificate that it has signed itself, in a folder of their own.
class Identity {
public:
    // NAMES as in a certificate: "DNS:www.example.org,IP:127.0.0.1"
    explicit Identity(const std::string& names);
    Identity(const Identity&) = delete;
    Identity& operator=(const Identity&) = delete;
    ~Identity();

    [[nodiscard]] std::string certificate() const { return folder_ + "/certificate.pem"; }

    [[nodiscard]] std::string key() const { return folder_ + "/key.pem"; }

private:
    std::string folder_;
};

// The other end of a connection. What does not happen within 10 s does not happen.
class Peer {
public:
    explicit Peer(int fd) : fd_(fd) {}

    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer();

    // False when nobody listens any more.
    bool say(std::string_view text);
    // All up to and with END, or what came before the peer had closed.
    std::string hear(std::string_view end);
    // Says nothing until the peer closes.
    void hang();
    void start_tls(const Identity& identity);

    [[nodiscard]] bool was_reset() const { return reset_; }

    [[nodiscard]] std::string sni() const;

private:
    long read_some(char* into, std::size_t size);

    int fd_;
    ssl_st* tls_ = nullptr;
    bool reset_ = false;
};

// Takes one connection after the other; gone with the object.
class TcpServer {
public:
    using Script = std::function<void(Peer&)>;

    explicit TcpServer(Script script, const char* address = "127.0.0.1");
    // Where UDP is served too, as of DNS.
    TcpServer(Script script, const Endpoint& at);
    TcpServer(const TcpServer&) = delete;
    TcpServer& operator=(const TcpServer&) = delete;
    ~TcpServer();

    [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }

    // Waits until this many peers were served.
    void wait_for(int peers) const;

private:
    void serve(const Script& script);

    Endpoint endpoint_;
    int listener_ = -1;
    std::unique_ptr<struct Served> served_;
    std::thread thread_;
};

// Answers each datagram by what the script makes of it, none or many.
class UdpServer {
public:
    using Script = std::function<std::vector<std::string>(const std::string&)>;

    explicit UdpServer(Script script, const char* address = "127.0.0.1");
    UdpServer(const UdpServer&) = delete;
    UdpServer& operator=(const UdpServer&) = delete;
    ~UdpServer();

    [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }

private:
    void serve(const Script& script) const;

    Endpoint endpoint_;
    int fd_ = -1;
    std::thread thread_;
};

} // namespace hg::daemon

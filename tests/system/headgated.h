// headgated in the cluster's director, and what may happen to the servers that it watches.
#pragma once

#include "cluster.h"

#include <csignal>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace hg::test {

class Headgated : public testing::Test {
protected:
    Headgated();
    ~Headgated() override;

    // The file: one service of the way, checked by HTTP. MORE are lines of the service, or of the
    // file behind it.
    static void configure(const Way& way, std::string_view more = {});
    static void write(std::string_view configuration);
    // A service with the way's first SERVERS servers.
    static std::string service(const Way& way, hg::Protocol protocol, std::uint16_t port,
                               std::string_view check, int servers = kServers);
    // Such that a failure is seen within 2.3 s; longer where all takes longer.
    static std::string timing();

    static std::string path(std::string_view name);
    static std::vector<std::string> command();

    void start(); // and waits until it answers
    void start(const Way& way, std::string_view more = {});
    void kill(int signal) const;
    // "headgate LINE" to it.
    [[nodiscard]] Outcome ask(std::string_view line) const;
    [[nodiscard]] static nlohmann::json status();
    [[nodiscard]] static std::string log();
    // Of all services' servers, those that are not masked.
    [[nodiscard]] int up() const;
    [[nodiscard]] std::uint32_t generation() const;

    Cluster& lab = Cluster::shared();
    Background daemon;
};

// What has happened to a server, for as long as this lives.
class Trouble {
public:
    Trouble() = default;
    Trouble(const Trouble&) = delete;
    Trouble& operator=(const Trouble&) = delete;
    virtual ~Trouble() = default;
};

// Its nginx does not run: it still takes connections, and answers none.
class Hung : public Trouble {
public:
    explicit Hung(const std::string& host);
    ~Hung() override;

private:
    pid_t pid_ = 0;
};

// Its nginx was killed.
class Killed : public Trouble {
public:
    explicit Killed(std::string host);
    ~Killed() override;

private:
    std::string host_;
};

// Its nginx does as a file beside it says: "wrong" or "slow".
class Odd : public Trouble {
public:
    Odd(const std::string& host, std::string_view how);
    ~Odd() override;

private:
    std::string file_;
};

// Its cable is out.
class Unplugged : public Trouble {
public:
    explicit Unplugged(const std::string& host);
    ~Unplugged() override;

private:
    std::string port_;
};

// What comes to it gets lost.
class Partitioned : public Trouble {
public:
    explicit Partitioned(const std::string& host);
    ~Partitioned() override;

private:
    Place place_;
};

} // namespace hg::test

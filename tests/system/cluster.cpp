#include "cluster.h"

#include "director.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace hg::test {

namespace {

constexpr const char* kFiles = "/run/cluster/web/";

void control(const std::string& verb) {
    const auto done = run(words("cluster " + verb));
    if (done.code != 0) {
        throw std::runtime_error("cluster " + verb + ": " + done.out + done.err);
    }
}

// The numbers of the mode's networks: 10.X.Y.0/24.
struct Nets {
    int mode = 0;
    int vip = 0;
    int servers = 0;
};

Nets nets_of(Mode mode) {
    switch (mode) {
    case Mode::Direct:
        return {2, 0, 0};
    case Mode::Tunnel:
        return {3, 1, 2};
    default:
        return {1, 0, 1};
    }
}

Address at(Family family, int mode, int net, int host) {
    return address(family == Family::V4 ? fmt::format("10.{}.{}.{}", mode, net, host)
                                        : fmt::format("fd00:10:{}:{}::{}", mode, net, host));
}

const char* short_name(Mode mode) {
    return mode == Mode::Nat ? "nat" : mode == Mode::Direct ? "dr" : "tun";
}

class TakeDown final : public testing::Environment {
public:
    void TearDown() override { control("down"); }
};

} // namespace

const std::array<Way, 6> kWays{{{Mode::Nat, Family::V4},
                                {Mode::Nat, Family::V6},
                                {Mode::Direct, Family::V4},
                                {Mode::Direct, Family::V6},
                                {Mode::Tunnel, Family::V4},
                                {Mode::Tunnel, Family::V6}}};

std::string Way::text() const { return fmt::format("{}_{}", name(mode), name(family)); }

Address Way::vip() const {
    const auto nets = nets_of(mode);
    return at(family, nets.mode, nets.vip, 100);
}

Address Way::server(int number) const {
    const auto nets = nets_of(mode);
    return at(family, nets.mode, nets.servers, 10 + number);
}

std::string Way::host(int number) const {
    return fmt::format("{}-web{}", short_name(mode), number);
}

std::string Way::url(std::string_view path) const {
    return family == Family::V4 ? fmt::format("http://{}/{}", vip().text(), path)
                                : fmt::format("http://[{}]/{}", vip().text(), path);
}

Cluster& Cluster::shared() {
    static Cluster one;
    one.reset();
    return one;
}

// The environment belongs to GoogleTest, which tears it down after the last test.
Cluster::Cluster()
    : client((control("up --lb none"), testing::AddGlobalTestEnvironment(new TakeDown),
              Place::existing("client"))),
      director(Place::existing("director")), kernel(director) {}

void Cluster::reset() {
    kernel.open(director);
    must(kernel->flush());
    must(kernel->sweep());
}

ServiceKey Cluster::serve(const Way& way, Protocol protocol, std::uint16_t port,
                          const std::string& scheduler) {
    const ServiceKey key{protocol, {way.vip(), port}};
    must(kernel->add_service({.key = key, .scheduler = scheduler}));
    for (int number = 1; number <= kServers; number++) {
        ServerSpec server;
        server.endpoint = {way.server(number), port};
        server.mode = way.mode;
        must(kernel->add_server(key, server));
    }
    return key;
}

std::string Cluster::file(std::string_view name) { return fmt::format("{}{}", kFiles, name); }

std::map<std::string, int> conns_by_server(Kernel& kernel) {
    std::map<std::string, int> out;
    must(kernel->list_conns({}, [&](const Conn& conn) {
        out[conn.server.address.text()]++;
        return Client::Next::Go;
    }));
    return out;
}

} // namespace hg::test

// Killed conns of real sockets: both see ECONNRESET at once, though neither does anything.
#include "director.h"
#include "eventually.h"
#include "program.h"
#include "tcp_socket.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

namespace {

using namespace hg::test;
using hg::Endpoint;
using hg::Family;
using hg::Mode;
using hg::Protocol;

// client 10.1.0.2 -- 10.1.0.1 director 10.2.0.1 -- 10.2.0.11 server, and one more cable by which
// a direct server, or one behind a tunnel, answers the client.
constexpr const char* kDirector = R"(
link add clients type veth peer name outer netns {0}
link add servers type veth peer name outer netns {1}
link set clients up
link set servers up
addr add 10.1.0.1/24 dev clients
addr add 10.1.0.100/32 dev clients
addr add 10.2.0.1/24 dev servers
addr add fd01::1/64 dev clients nodad
addr add fd01::100/128 dev clients nodad preferred_lft 0
addr add fd02::1/64 dev servers nodad
)";

constexpr const char* kClient = R"(
link add straight type veth peer name straight netns {0}
link set straight up
link set outer up
addr add 10.1.0.2/24 dev outer
addr add 10.9.0.1/24 dev straight
addr add fd01::2/64 dev outer nodad
addr add fd09::1/64 dev straight nodad
)";

constexpr const char* kServer = R"(
link set straight up
link set outer up
addr add 10.2.0.11/24 dev outer
addr add 10.9.0.2/24 dev straight
addr add fd02::11/64 dev outer nodad
addr add fd09::2/64 dev straight nodad
)";

constexpr const char* kBehindNat = R"(
route add 10.1.0.0/24 via 10.2.0.1
route add fd01::/64 via fd02::1
)";

constexpr const char* kBehindDirect = R"(
addr add 10.1.0.100/32 dev lo
addr add fd01::100/128 dev lo nodad preferred_lft 0
route add 10.1.0.2/32 via 10.9.0.1
route add fd01::2/128 via fd09::1
)";

// The client's packet comes out of a tunnel that takes it from any director.
constexpr const char* kTunnels = R"(
link add tunnel4 type ipip local 10.2.0.11
link add tunnel6 type ip6tnl mode any local fd02::11 remote ::
link set tunnel4 up
link set tunnel6 up
)";

struct Way {
    Mode mode = Mode::Nat;
    Family family = Family::V4;
};

struct WayName {
    template <class Info> std::string operator()(const Info& info) const {
        return std::string(name(info.param.mode)) + "_" + std::string(name(info.param.family));
    }
};

class KillSocket : public testing::TestWithParam<Way> {
protected:
    KillSocket() : director(wire()) {}

    const Namespace& wire() {
        inside.sysctl("net/ipv4/ip_forward", "1");
        inside.sysctl("net/ipv6/conf/all/forwarding", "1");
        inside.ip(fmt::format(kDirector, outside.path(), behind.path()));
        outside.ip(fmt::format(kClient, behind.path()));
        for (const auto* const where : {"all", "default"}) {
            behind.sysctl(fmt::format("net/ipv4/conf/{}/rp_filter", where), "0");
            outside.sysctl(fmt::format("net/ipv4/conf/{}/rp_filter", where), "0");
        }
        behind.ip(kServer);
        behind.ip(GetParam().mode == Mode::Nat ? kBehindNat : kBehindDirect);
        if (GetParam().mode == Mode::Tunnel) {
            behind.ip(kTunnels);
        }
        return inside;
    }

    [[nodiscard]] Endpoint at(const char* v4, const char* v6, std::uint16_t port) const {
        return {address(GetParam().family == Family::V4 ? v4 : v6), port};
    }

    Namespace inside; // the director's
    Namespace outside;
    Namespace behind;
    Director director;
    const Endpoint vip = at("10.1.0.100", "fd01::100", 80);
};

// Drops what would reset a socket.
constexpr const char* kLossy = R"(
table inet lossy {
    counter resets { }
    chain input {
        type filter hook input priority filter;
        tcp flags & rst == rst counter name resets drop
    }
}
)";

int error_of(const hg::Fd& socket) {
    int error = 0;
    socklen_t length = sizeof(error);
    getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    return error;
}

hg::Fd accepted(const hg::Fd& listener) {
    std::optional<hg::Fd> out;
    EXPECT_TRUE(eventually([&] { return (out = tcp_accept(listener)).has_value(); }));
    return out ? std::move(*out) : hg::Fd();
}

// A few bytes have got there.
void carry(const hg::Fd& from, const hg::Fd& to) {
    char bytes[] = "hello";
    EXPECT_EQ(send(from.get(), bytes, sizeof(bytes), 0), static_cast<ssize_t>(sizeof(bytes)));
    EXPECT_TRUE(eventually([&] {
        return recv(to.get(), bytes, sizeof(bytes), 0) == static_cast<ssize_t>(sizeof(bytes));
    }));
}

// Both sockets of a conn.
struct Ends {
    hg::Fd client;
    hg::Fd server;
};

Ends connect(const hg::Fd& listener, hg::Fd client) {
    Ends ends{std::move(client), accepted(listener)};
    carry(ends.client, ends.server);
    carry(ends.server, ends.client);
    return ends;
}

void expect_reset(const hg::Fd& socket) {
    EXPECT_TRUE(eventually([&] { return error_of(socket) == ECONNRESET; }));
}

// The client and the server behind.
class KillBehind : public KillSocket {
protected:
    Ends establish() {
        director.add_server(director.add_service(Protocol::Tcp, vip), server, GetParam().mode);
        const auto listener = tcp_listen(behind, is_nat ? server : vip);
        const auto source = at("10.1.0.2", "fd01::2", 0).address;
        return connect(listener, tcp_connect(outside, vip, {.source = source}));
    }

    void kill() { EXPECT_EQ(must(director.client().kill_conns({.server = server})), 1U); }

    const bool is_nat = GetParam().mode == Mode::Nat;
    const Endpoint server = at("10.2.0.11", "fd02::11", is_nat ? 8080 : 80);
};

TEST_P(KillBehind, resets_both) {
    const auto ends = establish();
    kill();
    expect_reset(ends.client);
    expect_reset(ends.server);
}

TEST_P(KillBehind, resets_a_client_that_has_missed_it_when_it_sends) {
    const auto ends = establish();
    outside.nft(kLossy);
    kill();
    expect_reset(ends.server);
    EXPECT_TRUE(eventually([&] {
        const auto counted = run_in(outside, words("nft list counter inet lossy resets")).out;
        return counted.find("packets 1 ") != std::string::npos;
    }));
    outside.nft("delete table inet lossy\n");
    EXPECT_EQ(error_of(ends.client), 0);
    EXPECT_EQ(send(ends.client.get(), "more", 4, 0), 4);
    expect_reset(ends.client);
}

INSTANTIATE_TEST_SUITE_P(Ways, KillBehind,
                         testing::Values(Way{Mode::Nat, Family::V4}, Way{Mode::Nat, Family::V6},
                                         Way{Mode::Direct, Family::V4},
                                         Way{Mode::Direct, Family::V6},
                                         Way{Mode::Tunnel, Family::V4},
                                         Way{Mode::Tunnel, Family::V6}),
                         WayName{});

// The director's own sockets: as clients, as servers, or as both.
class KillLocal : public KillSocket {
protected:
    // Connects and kills; both ends have to notice.
    void expect_resets(const Namespace& from, const Endpoint& listening, const Endpoint& server,
                       Mode mode) {
        const auto service = director.add_service(Protocol::Tcp, vip);
        director.add_server(service, server, mode);
        const auto listener = tcp_listen(inside, listening);
        const auto ends = connect(listener, tcp_connect(from, vip));
        EXPECT_EQ(must(director.client().kill_conns({.service = service})), 1U);
        expect_reset(ends.client);
        expect_reset(ends.server);
    }
};

TEST_P(KillLocal, resets_a_server_on_the_director) {
    expect_resets(outside, vip, at("10.2.0.1", "fd02::1", 80), Mode::Local);
}

TEST_P(KillLocal, resets_a_nat_server_on_the_director) {
    const auto server = at("10.2.0.1", "fd02::1", 8080);
    expect_resets(outside, server, server, Mode::Nat);
}

TEST_P(KillLocal, resets_both_on_the_director) {
    const auto server = at("10.2.0.1", "fd02::1", 8080);
    expect_resets(inside, server, server, Mode::Nat);
}

TEST_P(KillLocal, resets_both_on_the_director_in_mode_local) {
    expect_resets(inside, vip, at("10.2.0.1", "fd02::1", 80), Mode::Local);
}

INSTANTIATE_TEST_SUITE_P(Ways, KillLocal,
                         testing::Values(Way{Mode::Nat, Family::V4}, Way{Mode::Nat, Family::V6}),
                         WayName{});

} // namespace

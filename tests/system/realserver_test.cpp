// "headgate realserver" on a host that becomes a real server: what it sets up lets packets in,
// what is wrong is found, and what it did is taken back.
//
//   client .2 --- one segment --- .1 director, VIP .100      10.9.0.0/24, fd09::/64
//                  |
//                 .11 server
#include "director.h"
#include "eventually.h"
#include "place.h"

#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

namespace {

using namespace hg::test;
using hg::Family;
using hg::Mode;
using testing::HasSubstr;
using testing::StartsWith;

// How the packets of a VIP get to the server: its family, and that of the packet around.
struct Kind {
    const char* name;
    Mode mode;
    Family inner;
    Family outer;
    bool has_kernels_device; // tunl0 and the like, or none yet

    [[nodiscard]] std::string options() const {
        return mode == Mode::Direct ? "--mode direct"
                                    : fmt::format("--mode tunnel --family {}",
                                                  outer == Family::V4 ? "ipv4" : "ipv6");
    }
};

void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

constexpr std::uint16_t kPort = 5300;

hg::Address host(Family family, int number) {
    return address(family == Family::V4 ? fmt::format("10.9.0.{}", number)
                                        : fmt::format("fd09::{}", number));
}

// A UDP socket of that namespace that does not wait.
hg::Fd udp(const Place& where, Family family) {
    const auto inside = where.enter();
    return hg::Fd(socket(family == Family::V4 ? AF_INET : AF_INET6,
                         SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// What does not change from test to test: it takes long to build.
struct Segment {
    Segment()
        : wire(Place::make("rs-wire")), client(Place::make("rs-client")),
          director(Place::make("rs-director")) {
        run(words("modprobe -a ipip sit ip6_tunnel"));
        wire.ip("link add segment type bridge mcast_snooping 0\nlink set segment up\n");
        plug(client, 2);
        plug(director, 1);
        director.ip(fmt::format("addr add {}/32 dev eth0\n"
                                "addr add {}/128 dev eth0 nodad preferred_lft 0\n",
                                host(Family::V4, 100).text(), host(Family::V6, 100).text()));
    }

    // By a card whose MAC address stays the same: the director remembers that of a server.
    void plug(const Place& where, int number) const {
        wire.ip(fmt::format("link add port{0} type veth peer name eth0 "
                            "address 02:00:00:00:09:{0:02x} netns {1}\n"
                            "link set port{0} master segment up\n",
                            number, where.name()));
        where.ip(fmt::format("link set eth0 up\naddr add {}/24 dev eth0\n"
                             "addr add {}/64 dev eth0 nodad\n",
                             host(Family::V4, number).text(), host(Family::V6, number).text()));
    }

    Place wire;
    Place client;
    Place director;
};

class RealServer : public testing::TestWithParam<Kind> {
protected:
    static void SetUpTestSuite() { segment = std::make_unique<Segment>(); }

    static void TearDownTestSuite() { segment.reset(); }

    RealServer() : server(make_server()), kernel(segment->director) {
        segment->plug(server, 11);
        forward();
    }

    // At once: a namespace takes its time to go.
    ~RealServer() override { segment->wire.ip("link del port11\n"); }

    // With the kernel's own tunnel devices or without.
    static Place make_server() {
        const std::string setting("/proc/sys/net/core/fb_tunnels_only_for_init_net");
        std::ofstream(setting) << (GetParam().has_kernels_device ? 0 : 2) << std::flush;
        auto out = Place::make("rs-server");
        std::ofstream(setting) << 0 << std::flush;
        return out;
    }

    void forward() {
        must(kernel->flush());
        const hg::ServiceKey key{hg::Protocol::Udp, {vip, kPort}};
        must(kernel->add_service({.key = key, .scheduler = "rr"}));
        hg::ServerSpec spec;
        spec.endpoint = {host(kind.outer, 11), kPort};
        spec.mode = kind.mode;
        must(kernel->add_server(key, spec));
    }

    [[nodiscard]] Outcome realserver(const std::string& verb, const std::string& more = "") const {
        return server.run(
            words(fmt::format("headgate realserver {} --vip {} {} {}", verb, vip.text(),
                              verb == "down" ? "" : kind.options(), more)));
    }

    void set_up() const {
        const auto got = realserver("up");
        ASSERT_EQ(got.code, 0) << got.out << got.err;
    }

    // A datagram from the client to the VIP and one back, to and from the server.
    [[nodiscard]] bool answers(std::chrono::milliseconds patience = kPatience) const {
        const auto there = udp(server, kind.inner);
        const auto here = udp(segment->client, kind.inner);
        const auto to = to_sockaddr({vip, kPort});
        const auto* const to_vip = reinterpret_cast<const sockaddr*>(&to);
        if (bind(there.get(), to_vip, sizeof(to)) != 0 ||
            connect(here.get(), to_vip, sizeof(to)) != 0) {
            return false;
        }
        char byte = 0;
        sockaddr_storage from{};
        socklen_t size = sizeof(from);
        auto* const asker = reinterpret_cast<sockaddr*>(&from);
        return eventually(
            [&] {
                // Again each time: the first may be lost while neighbours are looked for.
                send(here.get(), "?", 1, 0);
                size = sizeof(from);
                if (recvfrom(there.get(), &byte, 1, 0, asker, &size) == 1) {
                    sendto(there.get(), "!", 1, 0, asker, size);
                }
                return recv(here.get(), &byte, 1, 0) == 1 && byte == '!';
            },
            patience);
    }

    // Everything that "up" may touch.
    [[nodiscard]] std::string state() const {
        auto out = server.run(words("ip -br addr")).out;
        for (const auto* const key : {"arp_ignore", "arp_announce", "rp_filter"}) {
            out += fmt::format("{}={}\n", key,
                               server.sysctl(fmt::format("net/ipv4/conf/all/{}", key)));
        }
        return out;
    }

    const Kind& kind = GetParam();
    const hg::Address vip = host(kind.inner, 100);
    static std::unique_ptr<Segment> segment;
    Place server;
    Kernel kernel;
};

std::unique_ptr<Segment> RealServer::segment;

TEST_P(RealServer, gets_and_answers_packets_once_it_is_set_up) {
    set_up();
    EXPECT_TRUE(answers());
    EXPECT_EQ(must(kernel->info()).conns, 1U);
    const auto got = realserver("check");
    EXPECT_EQ(got.code, 0);
    EXPECT_EQ(got.out, "healthy\n");
}

TEST_P(RealServer, is_found_at_fault_before_it_is_set_up) {
    const auto got = realserver("check");
    EXPECT_EQ(got.code, 3);
    EXPECT_THAT(got.out, HasSubstr(vip.text()));
}

TEST_P(RealServer, is_as_before_when_it_is_taken_down) {
    const auto before = state();
    set_up();
    EXPECT_NE(state(), before);
    const auto got = realserver("down");
    EXPECT_EQ(got.code, 0) << got.err;
    EXPECT_EQ(state(), before);
}

TEST_P(RealServer, is_set_up_once) {
    set_up();
    const auto before = state();
    const auto again = realserver("up");
    EXPECT_EQ(again.code, 0) << again.err;
    EXPECT_EQ(again.out, "");
    EXPECT_EQ(state(), before);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, RealServer,
    testing::Values(Kind{"direct_IPv4", Mode::Direct, Family::V4, Family::V4, true},
                    Kind{"direct_IPv6", Mode::Direct, Family::V6, Family::V6, true},
                    Kind{"tunnel_4_in_4", Mode::Tunnel, Family::V4, Family::V4, true},
                    Kind{"tunnel_6_in_4", Mode::Tunnel, Family::V6, Family::V4, true},
                    Kind{"tunnel_4_in_6", Mode::Tunnel, Family::V4, Family::V6, true},
                    Kind{"tunnel_6_in_6", Mode::Tunnel, Family::V6, Family::V6, true},
                    Kind{"own_device_4_in_4", Mode::Tunnel, Family::V4, Family::V4, false},
                    Kind{"own_device_6_in_4", Mode::Tunnel, Family::V6, Family::V4, false},
                    Kind{"own_device_4_in_6", Mode::Tunnel, Family::V4, Family::V6, false},
                    Kind{"own_device_6_in_6", Mode::Tunnel, Family::V6, Family::V6, false}),
    [](const auto& test) { return std::string(test.param.name); });

// One thing goes wrong on a healthy server.
struct Fault {
    const char* name;
    std::vector<std::string> commands;
    std::vector<std::string> found; // of the report
    const char* options = "";       // of check
};

class RealServerFaults : public RealServer {
protected:
    void expect_found(const Fault& fault) {
        SCOPED_TRACE(fault.name);
        set_up();
        ASSERT_EQ(realserver("check").out, "healthy\n");
        for (const auto& command : fault.commands) {
            server.must_run(command);
        }
        const auto got = realserver("check", fault.options);
        EXPECT_EQ(got.code, 3);
        EXPECT_EQ(lines(got.out).size(), fault.found.size() * 2) << got.out;
        for (const auto& problem : fault.found) {
            EXPECT_THAT(got.out, HasSubstr(problem));
        }
    }

    // What the report advises makes it healthy again.
    void cure() {
        for (const auto& line : lines(realserver("check").out)) {
            if (line.starts_with("    ")) {
                const auto done = server.run({"sh", "-c", line});
                EXPECT_EQ(done.code, 0) << line << done.err;
            }
        }
        EXPECT_EQ(realserver("check").out, "healthy\n");
        EXPECT_TRUE(answers());
    }
};

class DirectFaults : public RealServerFaults {};

TEST_P(DirectFaults, arp_ignore_is_off) {
    expect_found({"arp_ignore",
                  {"sysctl -qw net.ipv4.conf.all.arp_ignore=0"},
                  {"arp_ignore is 0 on eth0: this host answers ARP there"}});
    cure();
}

TEST_P(DirectFaults, arp_announce_is_off) {
    expect_found({"arp_announce",
                  {"sysctl -qw net.ipv4.conf.all.arp_announce=0"},
                  {"arp_announce is 0 on eth0"}});
    cure();
}

TEST_P(DirectFaults, the_address_is_missing) {
    expect_found({"missing", {"ip addr del 10.9.0.100/32 dev lo"}, {"it is missing on lo"}});
    cure();
}

TEST_P(DirectFaults, the_address_is_on_an_interface_that_answers_arp) {
    expect_found({"on eth0",
                  {"ip addr add 10.9.0.100/32 dev eth0"},
                  {"10.9.0.100: it is on eth0, which answers ARP for it"}});
    cure();
}

TEST_P(DirectFaults, the_address_has_a_network_around_it) {
    expect_found({"prefix",
                  {"ip addr del 10.9.0.100/32 dev lo", "ip addr add 10.9.0.100/24 dev lo"},
                  {"it is on lo with the prefix length 24"}});
    cure();
}

TEST_P(DirectFaults, the_director_is_the_gateway) {
    expect_found({"gateway",
                  {"ip route add default via 10.9.0.1"},
                  {"the default gateway 10.9.0.1 is the director"},
                  "--director 10.9.0.1"});
}

INSTANTIATE_TEST_SUITE_P(Kinds, DirectFaults,
                         testing::Values(Kind{"direct_IPv4", Mode::Direct, Family::V4, Family::V4,
                                              true}),
                         [](const auto& test) { return std::string(test.param.name); });

class TunnelFaults : public RealServerFaults {};

TEST_P(TunnelFaults, the_device_is_down) {
    expect_found({"down", {"ip link set tunl0 down"}, {"the tunnel device tunl0 is down"}});
    cure();
}

TEST_P(TunnelFaults, the_reverse_path_filter_is_strict) {
    expect_found({"rp_filter",
                  {"sysctl -qw net.ipv4.conf.tunl0.rp_filter=1 net.ipv4.conf.all.rp_filter=0"},
                  {"rp_filter is strict on tunl0"}});
    cure();
}

TEST_P(TunnelFaults, the_mtu_is_too_small) {
    expect_found({"mtu", {"ip link set tunl0 mtu 500"}, {"the MTU of tunl0 is 500"}});
    cure();
}

TEST_P(TunnelFaults, the_address_is_missing) {
    expect_found({"missing", {"ip addr del 10.9.0.100/32 dev tunl0"}, {"it is missing on tunl0"}});
    cure();
}

INSTANTIATE_TEST_SUITE_P(Kinds, TunnelFaults,
                         testing::Values(Kind{"tunnel_4_in_4", Mode::Tunnel, Family::V4, Family::V4,
                                              true}),
                         [](const auto& test) { return std::string(test.param.name); });

class OwnDeviceFaults : public RealServerFaults {};

TEST_P(OwnDeviceFaults, the_device_is_missing) {
    expect_found({"missing",
                  {"ip link del hg-in6"},
                  {"the tunnel device hg-in6 is missing", "it is missing on hg-in6"}});
}

TEST_P(OwnDeviceFaults, ipv6_is_disabled_on_the_device) {
    expect_found({"disable_ipv6",
                  {"sysctl -qw net.ipv6.conf.hg-in6.disable_ipv6=1"},
                  {"IPv6 is disabled on hg-in6", "it is missing on hg-in6"}});
}

INSTANTIATE_TEST_SUITE_P(Kinds, OwnDeviceFaults,
                         testing::Values(Kind{"own_device_6_in_6", Mode::Tunnel, Family::V6,
                                              Family::V6, false}),
                         [](const auto& test) { return std::string(test.param.name); });

} // namespace

// The UDP check and the ICMP one.
#include "icmp_echo.h"
#include "probe_fixture.h"

#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

using Texts = std::vector<std::string>;

Texts silence(const std::string& /*datagram*/) { return {}; }

TEST(ProbeUdp, takes_the_wanted_reply) {
    std::string heard;
    const UdpServer server([&heard](const std::string& datagram) {
        heard = datagram;
        return Texts{"\x01\xff pong"};
    });
    const UdpCheck check{.payload = "\x00\xfeping"s, .reply = R"(^\x01\xff .ong$)"};
    EXPECT_EQ(try_check(check_of(check), server.endpoint()).result,
              (ProbeResult{.ok = true, .reason = "a reply of 7 bytes"}));
    EXPECT_EQ(heard, "\x00\xfeping"s);
}

TEST(ProbeUdp, refuses_another_reply) {
    const UdpServer server([](const std::string& /*datagram*/) { return Texts{"no\x01\xff"}; });
    const UdpCheck check{.payload = "ping", .reply = "pong"};
    EXPECT_EQ(try_check(check_of(check), server.endpoint()).result,
              (ProbeResult{.ok = false, .reason = "the reply has no match of /pong/: no ?"}));
}

TEST(ProbeUdp, takes_an_unreachable_port_for_down) {
    const UdpCheck check{.payload = "ping"};
    EXPECT_EQ(try_check(check_of(check), nobody()).result,
              (ProbeResult{.ok = false, .reason = "connection refused"}));
}

TEST(ProbeUdp, takes_silence_for_good_where_no_reply_is_wanted) {
    const UdpServer server(silence);
    const auto tried = try_check(check_of(UdpCheck{.payload = "ping"}, 100ms), server.endpoint());
    EXPECT_EQ(tried.result, (ProbeResult{.ok = true, .reason = "no complaint in 100ms"}));
    EXPECT_LT(tried.took, 1s);
}

TEST(ProbeUdp, takes_silence_for_bad_where_a_reply_is_wanted) {
    const UdpServer server(silence);
    const UdpCheck check{.payload = "ping", .reply = "."};
    EXPECT_EQ(try_check(check_of(check, 100ms), server.endpoint()).result.reason,
              "no answer in 100ms: waiting for a reply");
}

TEST(ProbeUdp, speaks_IPv6) {
    const UdpServer server([](const std::string& datagram) { return Texts{datagram}; }, "::1");
    const UdpCheck check{.payload = "ping", .reply = "ping"};
    EXPECT_TRUE(try_check(check_of(check), server.endpoint()).result.ok);
}

const Echo kEcho{.family = Family::V4, .id = 0x0102, .sequence = 3, .payload = "abc"};

TEST(IcmpEcho, is_written_with_its_checksum) {
    EXPECT_EQ(make_echo(kEcho), "\x08\x00\x32\x98\x01\x02\x00\x03"
                                "abc"s);
    Echo six = kEcho;
    six.family = Family::V6;
    EXPECT_EQ(make_echo(six), "\x80\x00\x00\x00\x01\x02\x00\x03"
                              "abc"s);
}

TEST(IcmpEcho, knows_its_reply) {
    const auto reply = "\x00\x00\x00\x00\x01\x02\x00\x03"
                       "abc"s;
    EXPECT_TRUE(is_reply(kEcho, EchoId::Ours, reply));
    EXPECT_FALSE(is_reply(kEcho, EchoId::Ours, make_echo(kEcho))); // loopback hears both
    EXPECT_FALSE(is_reply(kEcho, EchoId::Ours, reply.substr(0, 7)));
    EXPECT_FALSE(is_reply(kEcho, EchoId::Ours, reply + "d"));
    for (std::size_t at = 0; at < reply.size(); ++at) {
        auto other = reply;
        other[at] = static_cast<char>(other[at] ^ 1);
        const bool checksum = at == 2 || at == 3; // the kernel's affair
        EXPECT_EQ(is_reply(kEcho, EchoId::Ours, other), checksum) << at;
        const bool id = at == 4 || at == 5;
        EXPECT_EQ(is_reply(kEcho, EchoId::Kernels, other), checksum || id) << at;
    }
}

TEST(IcmpEcho, stands_behind_an_IPv4_header) {
    const auto header = "\x46"s + std::string(23, 'x');
    EXPECT_EQ(without_ipv4_header(header + "icmp"), "icmp");
    EXPECT_EQ(without_ipv4_header("\x46 short"), "");
    EXPECT_EQ(without_ipv4_header(""), "");
}

class ProbeIcmp : public testing::TestWithParam<const char*> {};

TEST_P(ProbeIcmp, hears_its_echo) {
    const Endpoint server{.address = *parse_address(GetParam()), .port = 0};
    const auto tried = try_check(check_of(IcmpCheck{}), server);
    if (tried.result.reason == "cannot open a socket: operation not permitted" ||
        tried.result.reason == "cannot open a socket: permission denied") {
        GTEST_SKIP() << "no right to send an echo";
    }
    EXPECT_EQ(tried.result, (ProbeResult{.ok = true, .reason = "echo reply"}));
}

INSTANTIATE_TEST_SUITE_P(families, ProbeIcmp, testing::Values("127.0.0.1", "::1"),
                         [](const auto& it) { return it.index == 0 ? "IPv4" : "IPv6"; });

} // namespace
} // namespace hg::daemon

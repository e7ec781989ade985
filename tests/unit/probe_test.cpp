// What all checks have in common, and the TCP check.
#include "probe_fixture.h"
#include "probe_text.h"

#include <atomic>
#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

using namespace std::chrono_literals;

TEST(ProbeText, makes_the_networks_words_fit_to_be_shown) {
    EXPECT_EQ(printable("plain"), "plain");
    EXPECT_EQ(printable("220 hi\r\n"), "220 hi");
    EXPECT_EQ(printable("a\x1b[31mb\tc"), "a [31mb c");
    EXPECT_EQ(printable("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
    EXPECT_EQ(printable("\xff\xfe"), "??");
    EXPECT_EQ(printable("\xc0\xaf"), "??");           // a slash in too many bytes
    EXPECT_EQ(printable("\xed\xa0\x80"), "???");      // half a surrogate pair
    EXPECT_EQ(printable("\xf4\x90\x80\x80"), "????"); // over U+10FFFF
    EXPECT_EQ(printable("x\xc2\x9by"), "x y");        // a control character of two bytes
    EXPECT_EQ(printable("x\xe2\x82"), "x??");         // cut in the middle
    EXPECT_EQ(printable(std::string("a\0b", 3)), "a b");
}

TEST(ProbeText, is_cut_at_the_end_of_a_character) {
    EXPECT_EQ(printable(std::string(300, 'x')).size(), kReasonMax);
    EXPECT_EQ(printable("abc\xc3\xbc", 4), "abc");
}

TEST(ProbeText, writes_times_short) {
    EXPECT_EQ(text_of(500ms), "500ms");
    EXPECT_EQ(text_of(2s), "2s");
    EXPECT_EQ(text_of(1500ms), "1500ms");
}

TEST(ProbeTcp, connects_and_resets) {
    std::atomic<bool> reset = false;
    const TcpServer server([&reset](Peer& peer) {
        peer.hang();
        reset = peer.was_reset();
    });
    const auto tried = try_check(check_of(TcpCheck{}), server.endpoint());
    EXPECT_EQ(tried.result, (ProbeResult{.ok = true, .reason = "connected"}));
    server.wait_for(1);
    EXPECT_TRUE(reset);
}

TEST(ProbeTcp, speaks_IPv6) {
    const TcpServer server([](Peer& peer) { peer.hang(); }, "::1");
    EXPECT_TRUE(try_check(check_of(TcpCheck{}), server.endpoint()).result.ok);
}

TEST(ProbeTcp, is_refused) {
    const auto tried = try_check(check_of(TcpCheck{}), nobody());
    EXPECT_EQ(tried.result, (ProbeResult{.ok = false, .reason = "connection refused"}));
}

TEST(ProbeTcp, comes_from_the_source_address) {
    auto check = check_of(TcpCheck{});
    const TcpServer server([](Peer& peer) { peer.hang(); });
    check.source = *parse_address("127.0.0.9");
    EXPECT_TRUE(try_check(check, server.endpoint()).result.ok);
    check.source = *parse_address("192.0.2.1");
    EXPECT_EQ(try_check(check, server.endpoint()).result.reason,
              "the source 192.0.2.1 is no address of this machine");
}

TEST(ProbeTcp, goes_through_the_service) {
    const TcpServer server([](Peer& peer) { peer.hang(); });
    const ProbeTarget target{.server = nobody(),
                             .through = ProbeTarget::Through{.vip = server.endpoint(), .mark = 7}};
    const auto tried = try_target(check_of(TcpCheck{}), target);
    if (tried.result.reason == "cannot open a socket: operation not permitted") {
        GTEST_SKIP() << "no right to mark packets";
    }
    EXPECT_EQ(tried.result.reason, "connected");
}

// The server hears the connection, and that is all.
TEST(Probe, says_at_which_step_nothing_came) {
    const TcpServer server([](Peer& peer) { peer.hang(); });
    const auto tried = try_check(check_of(FtpCheck{}, 100ms), server.endpoint());
    EXPECT_EQ(tried.result.reason, "no answer in 100ms: banner");
    EXPECT_GE(tried.took, 100ms);
    EXPECT_LT(tried.took, 1s);
}

TEST(Probe, is_not_kept_alive_by_drops) {
    const TcpServer server([](Peer& peer) {
        while (peer.say("2")) {
            std::this_thread::sleep_for(5ms);
        }
    });
    const auto tried = try_check(check_of(SmtpCheck{}, 200ms), server.endpoint());
    EXPECT_FALSE(tried.result.ok);
    EXPECT_LT(tried.took, 1s);
}

TEST(Probe, ends_when_it_is_cancelled) {
    const TcpServer server([](Peer& peer) { peer.hang(); });
    const std::vector<CheckKind> kinds{HttpCheck{}, HttpCheck{.tls = true}, SmtpCheck{},
                                       FtpCheck{}};
    for (const auto& kind : kinds) {
        EXPECT_LT(try_cancelled(check_of(kind, 30s), server.endpoint(), 20ms), 5s);
    }
    const UdpServer silent(
        [](const std::string& /*datagram*/) { return std::vector<std::string>(); });
    const std::vector<CheckKind> datagrams{UdpCheck{.reply = "x"}, DnsCheck{.name = "example.org"}};
    for (const auto& kind : datagrams) {
        EXPECT_LT(try_cancelled(check_of(kind, 30s), silent.endpoint(), 20ms), 5s);
    }
    const ExecCheck sleeps{.command = {"/bin/sleep", "30"}};
    EXPECT_LT(try_cancelled(check_of(sleeps, 30s), nobody(), 20ms), 5s);
}

TEST(Probe, may_be_cancelled_before_it_has_begun) {
    EXPECT_LT(try_cancelled(check_of(TcpCheck{}, 30s), nobody(), 0ms), 5s);
}

} // namespace
} // namespace hg::daemon

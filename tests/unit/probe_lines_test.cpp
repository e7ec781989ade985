#include "line_reply.h"
#include "probe_fixture.h"

#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

using namespace std::chrono_literals;

Outcome<std::optional<LineReply>> read_lines(std::string_view bytes) {
    LineReader reader;
    reader.put(bytes);
    return reader.next();
}

LineReply reply_in(std::string_view bytes) {
    const auto reply = read_lines(bytes);
    return reply && *reply ? **reply : LineReply();
}

TEST(LineReader, reads_one_line) {
    EXPECT_EQ(reply_in("220 hi\r\n"), (LineReply{.code = 220, .text = "220 hi"}));
    EXPECT_EQ(reply_in("220\n"), (LineReply{.code = 220, .text = "220"}));
    EXPECT_EQ(read_lines("220 hi\r"), std::nullopt);
}

TEST(LineReader, reads_many_lines_to_the_last) {
    EXPECT_EQ(reply_in("250-a\r\n250-b\r\n250 c\r\n"), (LineReply{.code = 250, .text = "250 c"}));
    EXPECT_EQ(reply_in("220-a\r\n  any text\r\n221 not the end\r\n220 b\r\n").text, "220 b");
    EXPECT_EQ(read_lines("250-a\r\n250-b\r\n"), std::nullopt);
}

TEST(LineReader, goes_on_behind_a_reply) {
    LineReader reader;
    reader.put("220 a\r\n250 b\r\n25");
    EXPECT_EQ((*reader.next())->text, "220 a");
    EXPECT_EQ((*reader.next())->text, "250 b");
    EXPECT_EQ(*reader.next(), std::nullopt);
    EXPECT_FALSE(reader.empty());
}

TEST(LineReader, refuses_what_has_no_code) {
    EXPECT_EQ(read_lines("hello\r\n").error(), "no reply code: hello");
    EXPECT_FALSE(read_lines("22\r\n"));
    EXPECT_FALSE(read_lines("2201 x\r\n"));
    EXPECT_FALSE(read_lines("\r\n"));
}

TEST(LineReader, is_bounded) {
    EXPECT_EQ(read_lines(std::string(kLineMax + 1, '2')).error(), "a line of over 2048 bytes");
    EXPECT_FALSE(read_lines(std::string(kLineMax + 1, '2') + "\n"));
    std::string many = "250-a\r\n";
    while (many.size() < 2 * kLinesMax) {
        many += "250-" + std::string(100, 'x') + "\r\n";
    }
    EXPECT_EQ(read_lines(many).error(), "a reply of over 16384 bytes");
}

void serve_mail(Peer& peer) {
    peer.say("220 mx.example.org\r\n");
    EXPECT_EQ(peer.hear("\n"), "EHLO lb.example.org\r\n");
    peer.say("250-mx.example.org\r\n250-PIPELINING\r\n250 STARTTLS\r\n");
    EXPECT_EQ(peer.hear("\n"), "NOOP\r\n");
    peer.say("250 2.0.0 Ok\r\n");
    EXPECT_EQ(peer.hear("\n"), "QUIT\r\n");
}

ProbeResult result_for(const CheckKind& kind, const TcpServer::Script& script) {
    const TcpServer server(script);
    auto result = try_check(check_of(kind), server.endpoint()).result;
    server.wait_for(1);
    return result;
}

TEST(ProbeSmtp, goes_through_the_dialogue) {
    const SmtpCheck check{.helo = "lb.example.org"};
    EXPECT_EQ(result_for(check, serve_mail), (ProbeResult{.ok = true, .reason = "250 2.0.0 Ok"}));
}

TEST(ProbeSmtp, names_the_step_that_failed) {
    EXPECT_EQ(result_for(SmtpCheck{}, [](Peer& peer) { peer.say("554 go\x1b away\r\n"); }).reason,
              "banner: wanted 220, not 554 go  away");
    EXPECT_EQ(result_for(SmtpCheck{},
                         [](Peer& peer) {
                             peer.say("220 x\r\n");
                             peer.hear("\n");
                             peer.say("421 too busy\r\n");
                         })
                  .reason,
              "EHLO: wanted 250, not 421 too busy");
    EXPECT_EQ(result_for(SmtpCheck{},
                         [](Peer& peer) {
                             peer.say("220 x\r\n");
                             peer.hear("\n");
                         })
                  .reason,
              "EHLO: the connection was closed");
    EXPECT_EQ(result_for(SmtpCheck{}, [](Peer& peer) { peer.say("garbage\r\n"); }).reason,
              "banner: no reply code: garbage");
}

TEST(ProbeSmtp, does_not_read_without_end) {
    const auto result = result_for(SmtpCheck{}, [](Peer& peer) {
        while (peer.say(std::string(4096, '2'))) {
        }
    });
    EXPECT_EQ(result.reason, "banner: a line of over 2048 bytes");
}

class ProbeStartTls : public testing::Test {
protected:
    void begin(Peer& peer, std::string_view answer) const {
        peer.say("220 x\r\n");
        peer.hear("\n");
        peer.say("250 STARTTLS\r\n");
        EXPECT_EQ(peer.hear("\n"), "STARTTLS\r\n");
        peer.say(answer);
    }

    Identity identity_{"DNS:mx.example.org"};
    SmtpCheck check_{.starttls = true};
};

TEST_F(ProbeStartTls, says_all_again_in_TLS) {
    const auto result = result_for(check_, [this](Peer& peer) {
        begin(peer, "220 go on\r\n");
        peer.start_tls(identity_);
        EXPECT_EQ(peer.hear("\n"), "EHLO localhost\r\n");
        peer.say("250 x\r\n");
        EXPECT_EQ(peer.hear("\n"), "NOOP\r\n");
        peer.say("250 done\r\n");
        EXPECT_EQ(peer.hear("\n"), "QUIT\r\n");
    });
    EXPECT_EQ(result, (ProbeResult{.ok = true, .reason = "250 done"}));
}

TEST_F(ProbeStartTls, is_refused) {
    EXPECT_EQ(result_for(check_, [this](Peer& peer) { begin(peer, "454 no\r\n"); }).reason,
              "STARTTLS: wanted 220, not 454 no");
}

TEST_F(ProbeStartTls, does_not_take_words_in_the_clear_for_those_in_TLS) {
    const auto result = result_for(check_, [this](Peer& peer) {
        begin(peer, "220 go on\r\n250 x\r\n");
        peer.hang();
    });
    EXPECT_EQ(result.reason, "STARTTLS: the server goes on in the clear");
}

TEST(ProbeFtp, greets) {
    EXPECT_EQ(result_for(FtpCheck{},
                         [](Peer& peer) {
                             peer.say("220-Welcome\r\nto this server\r\n220 ready\r\n");
                             EXPECT_EQ(peer.hear("\n"), "QUIT\r\n");
                         }),
              (ProbeResult{.ok = true, .reason = "220 ready"}));
    EXPECT_EQ(result_for(FtpCheck{}, [](Peer& peer) { peer.say("120 in a minute\r\n"); }).reason,
              "banner: wanted 220, not 120 in a minute");
}

TEST(ProbeFtp, logs_in) {
    const FtpCheck check{.user = "lb", .password = "secret word"};
    EXPECT_EQ(result_for(check,
                         [](Peer& peer) {
                             peer.say("220 x\r\n");
                             EXPECT_EQ(peer.hear("\n"), "USER lb\r\n");
                             peer.say("331 and?\r\n");
                             EXPECT_EQ(peer.hear("\n"), "PASS secret word\r\n");
                             peer.say("230 in\r\n");
                         })
                  .reason,
              "230 in");
    EXPECT_EQ(result_for(check,
                         [](Peer& peer) {
                             peer.say("220 x\r\n");
                             peer.hear("\n");
                             peer.say("230 no password here\r\n");
                         })
                  .reason,
              "230 no password here");
}

TEST(ProbeFtp, is_not_let_in) {
    const FtpCheck check{.user = "lb", .password = "wrong"};
    EXPECT_EQ(result_for(check,
                         [](Peer& peer) {
                             peer.say("220 x\r\n");
                             peer.hear("\n");
                             peer.say("331 and?\r\n");
                             peer.hear("\n");
                             peer.say("530 Login incorrect.\r\n");
                         })
                  .reason,
              "PASS: wanted 230, not 530 Login incorrect.");
    EXPECT_EQ(result_for(check,
                         [](Peer& peer) {
                             peer.say("220 x\r\n");
                             peer.hear("\n");
                             peer.say("421 full\r\n");
                         })
                  .reason,
              "USER: wanted 331 or 230, not 421 full");
}

} // namespace
} // namespace hg::daemon

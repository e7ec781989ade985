#include "http_reply.h"
#include "probe_fixture.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

using namespace std::chrono_literals;

const std::string kEmptyOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

// Of a server that answers any request so.
ProbeResult result_for(const HttpCheck& check, const std::string& reply) {
    const TcpServer server([&reply](Peer& peer) {
        peer.hear("\r\n\r\n");
        peer.say(reply);
    });
    return try_check(check_of(check), server.endpoint()).result;
}

std::string request_of(const HttpCheck& check) {
    std::string request;
    const TcpServer server([&request](Peer& peer) {
        request = peer.hear("\r\n\r\n");
        peer.say(kEmptyOk);
    });
    (void)try_check(check_of(check), server.endpoint());
    server.wait_for(1);
    const auto port = fmt::format(":{}", server.endpoint().port);
    const auto at = request.find(port);
    return at == std::string::npos ? request : request.replace(at, port.size(), ":PORT");
}

TEST(ProbeHttp, asks_for_the_path_of_the_host) {
    const auto request = request_of({.method = "HEAD", .path = "/health?x=1", .host = "www.x.org"});
    EXPECT_EQ(request.substr(0, request.find("User-Agent")),
              "HEAD /health?x=1 HTTP/1.1\r\nHost: www.x.org\r\n");
    EXPECT_NE(request.find("\r\nConnection: close\r\n"), std::string::npos);
    EXPECT_NE(request_of({}).find("GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n"), std::string::npos);
    EXPECT_NE(request_of({.method = "POST"}).find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(ProbeHttp, takes_the_wanted_status) {
    EXPECT_EQ(result_for({}, kEmptyOk), (ProbeResult{.ok = true, .reason = "HTTP 200"}));
    const HttpCheck teapot{.expect = {{200, 299}, {418, 418}}};
    EXPECT_TRUE(result_for(teapot, "HTTP/1.1 418 I am\r\n\r\n").ok);
}

TEST(ProbeHttp, refuses_another_status) {
    EXPECT_EQ(result_for({}, "HTTP/1.1 503 No\r\n\r\n").reason, "HTTP 503, wanted 200-399");
    const HttpCheck some{.expect = {{200, 204}, {301, 301}}};
    EXPECT_EQ(result_for(some, "HTTP/1.0 302 Found\r\nLocation: /\r\n\r\n").reason,
              "HTTP 302, wanted 200-204,301");
}

TEST(ProbeHttp, does_not_wait_for_a_body_it_does_not_want) {
    const TcpServer server([](Peer& peer) {
        peer.hear("\r\n\r\n");
        peer.say("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nx");
        peer.hang();
    });
    EXPECT_TRUE(try_check(check_of(HttpCheck{}), server.endpoint()).result.ok);
}

TEST(ProbeHttp, looks_into_the_body) {
    const HttpCheck check{.body = "status: (ok|fine)"};
    EXPECT_TRUE(result_for(check, "HTTP/1.1 200 OK\r\n\r\nstatus: fine\n").ok);
    EXPECT_EQ(result_for(check, "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nstatus: bad").reason,
              "HTTP 200, but nothing in the first 11 bytes of the body matches "
              "/status: (ok|fine)/");
}

TEST(ProbeHttp, puts_chunks_together) {
    const HttpCheck check{.body = "^all well$"};
    EXPECT_TRUE(result_for(check, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                  "4\r\nall \r\n4;x=y\r\nwell\r\n0\r\n\r\n")
                    .ok);
}

TEST(ProbeHttp, looks_at_64_KiB_only) {
    const HttpCheck check{.body = "END"};
    const std::string head = "HTTP/1.1 200 OK\r\n\r\n";
    EXPECT_TRUE(result_for(check, head + std::string(kBodyMax - 3, 'x') + "END").ok);
    EXPECT_EQ(result_for(check, head + std::string(kBodyMax - 2, 'x') + "END").reason,
              "HTTP 200, but nothing in the first 65536 bytes of the body matches /END/");
}

TEST(ProbeHttp, has_no_body_after_HEAD) {
    const HttpCheck check{.method = "HEAD", .body = "x"};
    EXPECT_FALSE(result_for(check, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").ok);
}

TEST(ProbeHttp, passes_over_hints) {
    EXPECT_EQ(result_for({}, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + kEmptyOk).reason,
              "HTTP 200");
}

TEST(ProbeHttp, names_what_is_no_HTTP) {
    EXPECT_EQ(result_for({}, "SSH-2.0-OpenSSH_9.2\r\n").reason, "not an HTTP reply: bad version");
    EXPECT_EQ(result_for({}, "").reason, "closed without a reply");
    EXPECT_EQ(result_for({}, "HTTP/1.1 200 OK\r\nServ").reason,
              "closed in the middle of the reply");
    const HttpCheck body{.body = "x"};
    EXPECT_EQ(result_for(body, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx").reason,
              "closed in the middle of the reply");
    EXPECT_FALSE(result_for({}, "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x')).ok);
    EXPECT_EQ(
        result_for(body, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").reason,
        "not an HTTP reply: bad chunk");
}

TEST(ProbeHttp, gives_up_on_a_hanging_server) {
    const TcpServer server([](Peer& peer) {
        peer.hear("\r\n\r\n");
        peer.say("HTTP/1.1 200 OK\r\nX: ");
        while (peer.say("x")) {
            std::this_thread::sleep_for(5ms);
        }
    });
    const auto tried = try_check(check_of(HttpCheck{}, 200ms), server.endpoint());
    EXPECT_EQ(tried.result.reason, "no answer in 200ms: reading the HTTP reply");
    EXPECT_LT(tried.took, 1s);
}

TEST(HttpReply, reads_byte_by_byte_what_it_reads_at_once) {
    const std::string text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    HttpReply reply("GET", HttpBody::Wanted);
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto complete = reply.put(text.substr(at, 1));
        ASSERT_TRUE(complete) << complete.error();
        EXPECT_EQ(*complete, at + 1 == text.size()) << at;
    }
    EXPECT_EQ(reply.status(), 200);
    EXPECT_EQ(reply.body(), "abcde");
}

TEST(HttpReply, does_not_read_hints_for_ever) {
    HttpReply reply("GET", HttpBody::Ignored);
    Outcome<bool> complete = false;
    for (int i = 0; complete && i < 100'000; ++i) {
        complete = reply.put("HTTP/1.1 103 Early Hints\r\n\r\n");
    }
    ASSERT_FALSE(complete);
    EXPECT_EQ(complete.error(), "the reply does not end within 262144 bytes");
}

} // namespace
} // namespace hg::daemon

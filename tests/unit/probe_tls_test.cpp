#include "probe_fixture.h"

#include <filesystem>
#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

using namespace std::chrono_literals;

class ProbeTls : public testing::Test {
protected:
    ProbeResult result_for(const HttpCheck& check) {
        return try_check(check_of(check), server_.endpoint()).result;
    }

    Identity identity_{"DNS:www.example.org,IP:127.0.0.1"};
    std::string sni_;
    TcpServer server_{[this](Peer& peer) {
        peer.start_tls(identity_);
        sni_ = peer.sni();
        peer.hear("\r\n\r\n");
        peer.say("HTTP/1.1 200 OK\r\n\r\nsecret");
    }};
};

TEST_F(ProbeTls, takes_a_certificate_of_the_name) {
    const HttpCheck check{.tls = true,
                          .host = "www.example.org:8443",
                          .body = "secret",
                          .ca = identity_.certificate()};
    EXPECT_EQ(result_for(check).reason, "HTTP 200");
    server_.wait_for(1);
    EXPECT_EQ(sni_, "www.example.org");
}

TEST_F(ProbeTls, takes_a_certificate_of_the_address) {
    const HttpCheck check{.tls = true, .ca = identity_.certificate()};
    EXPECT_EQ(result_for(check).reason, "HTTP 200");
    server_.wait_for(1);
    EXPECT_EQ(sni_, ""); // no name, nothing to tell
}

TEST_F(ProbeTls, refuses_a_certificate_of_another) {
    const HttpCheck name{.tls = true, .sni = "www.example.com", .ca = identity_.certificate()};
    EXPECT_EQ(result_for(name).reason,
              "the certificate is not good for www.example.com: hostname mismatch");
    const HttpCheck address{.tls = true, .host = "192.0.2.1", .ca = identity_.certificate()};
    EXPECT_EQ(result_for(address).reason,
              "the certificate is not good for 192.0.2.1: IP address mismatch");
}

TEST_F(ProbeTls, refuses_a_certificate_that_nobody_vouches_for) {
    const HttpCheck check{.tls = true, .host = "www.example.org"};
    EXPECT_EQ(result_for(check).reason,
              "the certificate is not good for www.example.org: self-signed certificate");
}

TEST_F(ProbeTls, takes_any_certificate_where_it_is_not_verified) {
    const HttpCheck check{.tls = true, .verify = false, .sni = "other.example.com"};
    EXPECT_EQ(result_for(check).reason, "HTTP 200");
    server_.wait_for(1);
    EXPECT_EQ(sni_, "other.example.com");
}

TEST_F(ProbeTls, names_the_file_that_it_cannot_read) {
    const HttpCheck check{.tls = true, .ca = "/nonexistent.pem"};
    const auto reason = result_for(check).reason;
    EXPECT_EQ(reason.find("cannot read the certificates of /nonexistent.pem: "), 0) << reason;
}

TEST_F(ProbeTls, tells_a_server_without_TLS) {
    const TcpServer plain([](Peer& peer) {
        peer.say("HTTP/1.1 400 Bad Request\r\n\r\n");
        peer.hang();
    });
    const auto reason = try_check(check_of(HttpCheck{.tls = true}), plain.endpoint()).result.reason;
    EXPECT_EQ(reason.find("TLS: "), 0) << reason;
    const TcpServer silent([](Peer& peer) { peer.hang(); });
    EXPECT_EQ(try_check(check_of(HttpCheck{.tls = true}, 100ms), silent.endpoint()).result.reason,
              "no answer in 100ms: TLS handshake");
}

// In one loop, where what was read of the file is kept.
TEST_F(ProbeTls, reads_a_changed_file_again) {
    const Identity other("IP:127.0.0.1");
    const auto ca = identity_.certificate() + ".ca";
    std::filesystem::copy_file(other.certificate(), ca);
    const HttpCheck check{.tls = true, .ca = ca};
    const auto results = try_twice(check_of(check), server_.endpoint(), [&] {
        std::filesystem::copy_file(identity_.certificate(), ca,
                                   std::filesystem::copy_options::overwrite_existing);
    });
    EXPECT_FALSE(results.first.ok);
    EXPECT_EQ(results.second.reason, "HTTP 200");
}

} // namespace
} // namespace hg::daemon

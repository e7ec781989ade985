// What is written as a configuration file is read back to the same, whatever it is.
#include "config.h"
#include "config_write.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>

namespace {

using namespace std::chrono_literals;

constexpr unsigned kRounds = 2000;

hg::Config read(const std::string& text) {
    auto config = hg::parse_config(text);
    EXPECT_TRUE(config) << text << config.error().render("f");
    return config.value_or(hg::Config{});
}

TEST(ConfigWrite, writes_all_that_the_file_can_say) {
    const std::string text = "exclusive: true\n"
                             "daemon:\n"
                             "  metrics: none\n"
                             "  on_change: [ /bin/page, \"{service}\" ]\n"
                             "services:\n"
                             "  - listen: tcp://192.0.2.80:443\n"
                             "    name: shop\n"
                             "    scheduler: wlc\n"
                             "    servers:\n"
                             "      - { address: 10.0.0.1:443, forward: nat, weight: 4 }\n"
                             "    check:\n"
                             "      type: https\n"
                             "      interval: 5s\n"
                             "      timeout: 1s\n"
                             "      fast_interval: 500ms\n"
                             "      rise: 2\n"
                             "      fall: 3\n"
                             "      jitter: 10%\n"
                             "      port: 8443\n"
                             "      source: 10.0.0.7\n"
                             "      initial: up\n"
                             "      method: GET\n"
                             "      path: \"/health?full=1\"\n"
                             "      host: shop.example.org\n"
                             "      expect: [ 200, 300-399 ]\n"
                             "      body: \"^\\\"ok\\\"\\x0a\"\n"
                             "      verify: false\n"
                             "    load: { type: node_exporter, port: 9101, path: /metrics, "
                             "interval: 5s, timeout: 1s, gain: 100%, floor: 10% }\n"
                             "    fallback:\n"
                             "      - { address: 10.0.0.9:80, forward: nat, weight: 1 }\n"
                             "    panic_threshold: 30%\n"
                             "    quorum: { weight: 3, hysteresis: 1 }\n"
                             "nodes:\n"
                             "  - name: nas\n"
                             "    address: \"2001:db8::9\"\n"
                             "    check:\n"
                             "      type: icmp\n"
                             "      interval: 2s\n"
                             "      timeout: 1s\n"
                             "      rise: 2\n"
                             "      fall: 3\n"
                             "      jitter: 10%\n"
                             "      initial: wait\n"
                             "    load: { type: agent, interval: 5s, timeout: 1s, gain: 100%, "
                             "floor: 10% }\n";
    const auto config = read(text);
    EXPECT_EQ(config.services.at(0).care.quorum->hysteresis, 1U);
    EXPECT_EQ(hg::config_text(config), text);
}

TEST(ConfigWrite, neighbours_that_are_alike_are_one_list) {
    const std::string text = "services:\n"
                             "  - listen: [ tcp://192.0.2.1:80, udp://192.0.2.1:53 ]\n"
                             "    scheduler: rr\n"
                             "    servers:\n"
                             "      - { address: 10.0.0.1:80, forward: nat, weight: 1 }\n"
                             "  - listen: tcp://192.0.2.2:80\n"
                             "    scheduler: rr\n"
                             "    servers: []\n"
                             "  - listen: \"tcp://[2001:db8::1]:80\"\n"
                             "    scheduler: rr\n"
                             "    servers: []\n"
                             "  - listen: tcp://192.0.2.3:80\n"
                             "    name: web\n"
                             "    scheduler: rr\n"
                             "    servers: []\n"
                             "  - listen: tcp://192.0.2.4:80\n"
                             "    scheduler: rr\n"
                             "    servers: []\n";
    EXPECT_EQ(read(text).services.size(), 6U);
    EXPECT_EQ(hg::config_text(read(text)), text);
}

TEST(ConfigWrite, text_is_plain_only_where_nobody_can_mistake_it) {
    EXPECT_EQ(hg::yaml_text("/usr/bin/a-b.c"), "/usr/bin/a-b.c");
    EXPECT_EQ(hg::yaml_text("Off"), "\"Off\"");
    EXPECT_EQ(hg::yaml_text("80"), "\"80\"");
    EXPECT_EQ(hg::yaml_text(""), "\"\"");
    EXPECT_EQ(hg::yaml_text("a: b"), "\"a: b\"");
    EXPECT_EQ(hg::yaml_text("\xc2/"), "\"\xc2/\"") << "not UTF-8: the reader is to refuse it";
    EXPECT_EQ(hg::yaml_text("\\d\"\t\x7f"), R"("\\d\"\x09\x7f")");
    EXPECT_EQ(hg::yaml_text("\xc2\x9b\xe2\x80\xa8\xef\xbb\xbfgr\xc3\xbc\xc3\x9f"),
              "\"\\x9b\\u2028\\ufeffgr\xc3\xbc\xc3\x9f\"");
}

// Valid configurations, with everything that one can have now and then.
class Dice {
public:
    explicit Dice(unsigned seed) : engine_(seed) {}

    hg::Config config() {
        hg::Config out;
        out.exclusive = coin();
        if (coin()) {
            out.daemon.metrics =
                coin() ? std::nullopt
                       : hg::parse_endpoint("[2001:db8::1]:99")
                             .map([](auto endpoint) { return std::optional(endpoint); })
                             .value();
            out.daemon.on_change = {"/bin/page", text()};
        }
        for (unsigned i = below(4); i > 0; --i) {
            out.services.push_back(pool(i));
        }
        for (unsigned i = below(3); i > 0; --i) {
            hg::NodeConfig node{.name = fmt::format("n{}", i),
                                .address = *hg::parse_address(fmt::format("2001:db8::{}", i))};
            if (coin()) {
                node.check = check(hg::Family::V6);
                node.check->through_service = false;
                node.check->port = type_has_port(*node.check) ? 99 : node.check->port;
            }
            node.load = coin() ? std::optional(load()) : std::nullopt;
            out.nodes.push_back(std::move(node));
        }
        return out;
    }

private:
    unsigned below(unsigned limit) {
        return std::uniform_int_distribution<unsigned>(0, limit - 1)(engine_);
    }

    bool coin() { return below(2) == 0; }

    // Characters that YAML, a terminal or a shell would make something of.
    std::string text() {
        static const std::array<const char*, 14> kPieces{
            "a", " ", "\"", "\\",       "'", ": ",   "#",
            "{", "]", "%",  "\xc3\xbc", "-", "null", "\xe2\x82\xac"};
        std::string out;
        for (unsigned i = 1 + below(5); i > 0; --i) {
            out += kPieces.at(below(kPieces.size()));
        }
        return out;
    }

    static bool type_has_port(const hg::HealthCheck& check) {
        return !std::holds_alternative<hg::IcmpCheck>(check.kind) &&
               !std::holds_alternative<hg::ExecCheck>(check.kind);
    }

    hg::CheckKind kind() {
        switch (below(8)) {
        case 0:
            return hg::HttpCheck{.tls = false,
                                 .method = "HEAD",
                                 .path = "/a?b#[c",
                                 .host = coin() ? "" : "a.example",
                                 .expect = {{200, 200}, {300, 399}}};
        case 1: {
            hg::HttpCheck http{.tls = true, .verify = coin()};
            http.body = "[\x01-\x7f]\n\xc2\x85\xe2\x80\xa9\xef\xbf\xbf\xef\xbf\xbe ";
            http.sni = coin() ? "" : "b.example";
            http.ca = http.verify && coin() ? "/etc/my ca" : "";
            return http;
        }
        case 2:
            return hg::DnsCheck{.name = ".", .type = "TXT", .answer = coin() ? "" : text()};
        case 3:
            return hg::SmtpCheck{.helo = "[2001:db8::1]", .starttls = coin()};
        case 4:
            return coin() ? hg::FtpCheck{} : hg::FtpCheck{.user = text(), .password = text()};
        case 5:
            return hg::UdpCheck{.payload = std::string(below(3), '\0'),
                                .reply = coin() ? "" : "^x"};
        case 6:
            return hg::ExecCheck{.command = {"/bin/a b", text(), "", "null"}};
        default:
            return hg::IcmpCheck{};
        }
    }

    hg::HealthCheck check(hg::Family family) {
        hg::HealthCheck out;
        out.kind = kind();
        out.interval = 1000ms + std::chrono::milliseconds(below(3) * 700);
        out.timeout = out.interval / (1 + below(2));
        out.fast_interval = std::chrono::milliseconds(below(2) * 300);
        out.rise = 1 + below(3);
        out.fall = 1 + below(3);
        out.jitter = below(51);
        out.initial = static_cast<hg::InitialHealth>(below(3));
        if (!std::holds_alternative<hg::IcmpCheck>(out.kind)) {
            out.port = static_cast<std::uint16_t>(8000 + below(2));
        }
        if (!std::holds_alternative<hg::ExecCheck>(out.kind) && coin()) {
            out.source = *hg::parse_address(family == hg::Family::V4 ? "192.0.2.7" : "2001:db8::7");
        }
        if (type_has_port(out) && !std::holds_alternative<hg::DnsCheck>(out.kind) &&
            !std::holds_alternative<hg::UdpCheck>(out.kind) && family == hg::Family::V4 && coin()) {
            out.through_service = true;
            out.port = 0;
        }
        return out;
    }

    hg::LoadSpec load() {
        hg::LoadSpec out;
        if (coin()) {
            out.source = hg::LoadSource::NodeExporter;
            out.path = "/metrics?a=[b]";
        }
        out.port = static_cast<std::uint16_t>(below(2) * 9000);
        out.interval = 700ms;
        out.timeout = 300ms;
        out.gain = below(41) * 100;
        out.floor = (1 + below(10)) * 100;
        return out;
    }

    hg::PoolConfig pool(unsigned i) {
        hg::PoolConfig out;
        out.service.key = *hg::parse_service_key(fmt::format("tcp://192.0.2.{}:80", i));
        out.service.name = coin() ? "" : fmt::format("8{}", i);
        out.service.scheduler = hg::config_schedulers()[below(6)];
        out.service.slow_start = std::chrono::seconds(below(2));
        for (unsigned j = below(3); j > 0; --j) {
            hg::ServerSpec server;
            server.endpoint = *hg::parse_endpoint(fmt::format("10.0.{}.1:80", j));
            server.weight = 5;
            out.servers.push_back(server);
            server.endpoint = *hg::parse_endpoint(fmt::format("10.0.{}.2:80", j));
            server.mode = coin() ? hg::Mode::Tunnel : hg::Mode::Local;
            out.care.fallback.push_back(server);
        }
        out.care.check = coin() ? std::optional(check(hg::Family::V4)) : std::nullopt;
        out.care.load = coin() ? std::optional(load()) : std::nullopt;
        out.care.panic_threshold = below(91);
        if (coin()) {
            out.care.quorum = hg::Quorum{.weight = 4, .hysteresis = below(2)};
        }
        return out;
    }

    std::mt19937 engine_;
};

TEST(ConfigWrite, reads_back_to_the_same) {
    for (unsigned seed = 0; seed < kRounds; ++seed) {
        const auto config = Dice(seed).config();
        const auto text = hg::config_text(config);
        ASSERT_EQ(read(text), config) << text;
        ASSERT_EQ(hg::config_text(read(text)), text);
    }
}

} // namespace

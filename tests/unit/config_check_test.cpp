// What the configuration says of checks, load and what is done about them.
#include "config.h"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;

hg::Config read(std::string_view text) {
    auto config = hg::parse_config(text);
    EXPECT_TRUE(config) << config.error().render("f");
    return config.value_or(hg::Config{});
}

// What is done for a service of which this is said.
hg::PoolCare care_of(const std::string& lines, const std::string& defaults = "{}") {
    const auto config = read("defaults: " + defaults +
                             "\nservices:\n"
                             "  - listen: tcp://192.0.2.80:80\n"
                             "    servers: [ { address: 192.0.2.1, weight: 5 } ]\n    " +
                             lines + "\n");
    return config.services.empty() ? hg::PoolCare{} : config.services[0].care;
}

hg::HealthCheck check_of(const std::string& check, const std::string& defaults = "{}") {
    return care_of("check: " + check, defaults).check.value_or(hg::HealthCheck{});
}

template <class Kind> Kind kind_of(const std::string& check) {
    const auto made = check_of(check);
    const auto* const kind = std::get_if<Kind>(&made.kind);
    EXPECT_NE(kind, nullptr);
    return kind != nullptr ? *kind : Kind{};
}

TEST(ConfigCheck, is_none_where_nothing_is_said) {
    EXPECT_EQ(care_of("name: web"), hg::PoolCare{});
}

TEST(ConfigCheck, has_defaults_for_all_but_the_type) {
    EXPECT_EQ(check_of("{ type: tcp }"), hg::HealthCheck{});
}

TEST(ConfigCheck, says_when_and_from_where) {
    const hg::HealthCheck wanted{.interval = 10s,
                                 .timeout = 3s,
                                 .fast_interval = 500ms,
                                 .rise = 1,
                                 .fall = 5,
                                 .jitter = 0,
                                 .port = 8080,
                                 .source = *hg::parse_address("192.0.2.7"),
                                 .initial = hg::InitialHealth::Down};
    EXPECT_EQ(check_of("{ type: tcp, interval: 10s, timeout: 3s, fast_interval: 500ms, rise: 1, "
                       "fall: 5, jitter: 0%, port: 8080, source: 192.0.2.7, initial: down }"),
              wanted);
}

TEST(ConfigCheck, may_go_through_the_service) {
    EXPECT_TRUE(check_of("{ type: tcp, through: service }").through_service);
}

TEST(ConfigCheck, a_timeout_that_is_not_given_is_no_longer_than_the_interval) {
    EXPECT_EQ(check_of("{ type: tcp, interval: 500ms }").timeout, 500ms);
    EXPECT_EQ(
        check_of("{ interval: 1s }", "{ check: { type: tcp, interval: 9s, timeout: 4s } }").timeout,
        1s);
}

TEST(ConfigCheck, takes_from_the_defaults_what_it_does_not_say) {
    const std::string defaults =
        "{ check: { type: http, path: /up, port: 81, interval: 5s, rise: 7 } }";
    const auto same = check_of("{ fall: 9 }", defaults);
    EXPECT_EQ(std::get<hg::HttpCheck>(same.kind).path, "/up");
    EXPECT_EQ(same.port, 81);
    EXPECT_EQ(same.interval, 5s);
    EXPECT_EQ(same.fall, 9U);

    const auto other = check_of("{ type: https }", defaults);
    EXPECT_EQ(std::get<hg::HttpCheck>(other.kind), hg::HttpCheck{.tls = true});
    EXPECT_EQ(other.port, 0) << "it was the other type's";
    EXPECT_EQ(other.rise, 7U);
}

TEST(ConfigCheck, of_the_defaults_is_every_services_that_does_not_say_none) {
    const std::string defaults = "{ check: { type: icmp }, load: { type: agent } }";
    const auto own = care_of("name: web", defaults);
    EXPECT_EQ(own.check, hg::HealthCheck{.kind = hg::IcmpCheck{}});
    EXPECT_EQ(own.load, hg::LoadSpec{});
    EXPECT_EQ(care_of("check: none\n    load: none", defaults), hg::PoolCare{});
}

TEST(ConfigCheck, exec_cannot_take_the_way_or_the_source_of_the_defaults) {
    const auto check = check_of("{ type: exec, command: [ /bin/true ] }",
                                "{ check: { type: tcp, through: service, source: 192.0.2.7 } }");
    EXPECT_FALSE(check.through_service);
    EXPECT_FALSE(check.source);
}

TEST(ConfigCheck, http_says_what_is_asked_and_expected) {
    const hg::HttpCheck wanted{.tls = true,
                               .method = "OPTIONS",
                               .path = "/a?b=%20",
                               .host = "www.example:8443",
                               .expect = {{200, 200}, {300, 399}},
                               .body = "^ok\n",
                               .verify = false,
                               .sni = "www.example"};
    EXPECT_EQ(kind_of<hg::HttpCheck>("{ type: https, method: OPTIONS, path: \"/a?b=%20\", host: "
                                     "\"www.example:8443\", expect: [ 200, 300-399 ], body: "
                                     "\"^ok\\n\", verify: false, sni: www.example }"),
              wanted);
    EXPECT_EQ(kind_of<hg::HttpCheck>("{ type: http, expect: 204 }").expect,
              (std::vector<hg::StatusRange>{{204, 204}}));
    EXPECT_EQ(kind_of<hg::HttpCheck>("{ type: https, ca: /etc/ca.pem }").ca, "/etc/ca.pem");
}

TEST(ConfigCheck, dns_says_what_is_asked_and_answered) {
    EXPECT_EQ(kind_of<hg::DnsCheck>("{ type: dns, name: _sip._udp.example., record: SRV, rcode: "
                                    "NXDOMAIN }"),
              (hg::DnsCheck{.name = "_sip._udp.example.", .type = "SRV", .rcode = "NXDOMAIN"}));
    EXPECT_EQ(kind_of<hg::DnsCheck>("{ type: dns, name: ., record: NS, answer: a.root }").answer,
              "a.root");
}

TEST(ConfigCheck, mail_and_files_have_words_of_their_own) {
    EXPECT_EQ(kind_of<hg::SmtpCheck>("{ type: smtp, helo: lb.example, starttls: true }"),
              (hg::SmtpCheck{.helo = "lb.example", .starttls = true}));
    EXPECT_EQ(kind_of<hg::FtpCheck>("{ type: ftp, user: probe, password: \"a b\" }"),
              (hg::FtpCheck{.user = "probe", .password = "a b"}));
}

TEST(ConfigCheck, udp_sends_text_or_bytes) {
    EXPECT_EQ(kind_of<hg::UdpCheck>("{ type: udp, port: 9, payload: \"PING\\r\\n\", reply: PONG }"),
              (hg::UdpCheck{.payload = "PING\r\n", .reply = "PONG"}));
    EXPECT_EQ(kind_of<hg::UdpCheck>("{ type: udp, port: 9, payload: 0x00fFa1 }").payload,
              std::string("\x00\xff\xa1", 3));
}

TEST(ConfigCheck, exec_has_a_command_without_a_shell) {
    EXPECT_EQ(
        kind_of<hg::ExecCheck>("{ type: exec, command: [ /usr/bin/ask, \"{address}\", a b ] }")
            .command,
        (std::vector<std::string>{"/usr/bin/ask", "{address}", "a b"}));
}

TEST(ConfigCheck, either_protocol_of_a_service_may_be_checked) {
    const auto config = read("services:\n"
                             "  - listen: [ udp://192.0.2.53:53, tcp://192.0.2.53:53 ]\n"
                             "    check: { type: tcp }\n"
                             "  - listen: udp://192.0.2.54:53\n"
                             "    check: { type: http, port: 8080 }\n"
                             "  - listen: tcp://192.0.2.55:53\n"
                             "    check: { type: dns, name: a.example }\n");
    ASSERT_EQ(config.services.size(), 4U);
    EXPECT_EQ(config.services[0].care, config.services[1].care);
}

TEST(ConfigLoad, says_where_it_comes_from_and_what_it_does) {
    const hg::LoadSpec wanted{.source = hg::LoadSource::NodeExporter,
                              .port = 9200,
                              .path = "/m",
                              .interval = 1s,
                              .timeout = 200ms,
                              .gain = 500,
                              .floor = 250};
    EXPECT_EQ(care_of("load: { type: node_exporter, port: 9200, path: /m, interval: 1s, timeout: "
                      "200ms, gain: 50%, floor: 25% }")
                  .load,
              wanted);
}

TEST(ConfigLoad, takes_from_the_defaults_what_it_does_not_say) {
    const auto care = care_of("load: { type: node_exporter }",
                              "{ load: { type: agent, port: 1, interval: 9s } }");
    EXPECT_EQ(care.load, (hg::LoadSpec{.source = hg::LoadSource::NodeExporter, .interval = 9s}));
}

TEST(ConfigCare, a_fallback_is_an_address_or_a_map) {
    const auto care =
        care_of("fallback: [ 192.0.2.8:8080, { address: 192.0.2.9, forward: direct, weight: 2 } ]",
                "{ weight: 7 }");
    ASSERT_EQ(care.fallback.size(), 2U);
    EXPECT_EQ(care.fallback[0].endpoint.text(), "192.0.2.8:8080");
    EXPECT_EQ(care.fallback[0].weight, 7U);
    EXPECT_EQ(care.fallback[1].endpoint.text(), "192.0.2.9:80") << "the service's port";
    EXPECT_EQ(care.fallback[1].mode, hg::Mode::Direct);
}

TEST(ConfigCare, panic_and_quorum_are_shares_of_the_weight) {
    EXPECT_EQ(care_of("panic_threshold: 30%").panic_threshold, 30U);
    EXPECT_EQ(care_of("quorum: 5").quorum, (hg::Quorum{.weight = 5}));
    EXPECT_EQ(care_of("quorum: { weight: 3, hysteresis: 2 }").quorum,
              (hg::Quorum{.weight = 3, .hysteresis = 2}));
}

TEST(ConfigNode, is_watched_at_its_own_port_or_the_usual_one) {
    const auto config = read("defaults: { check: { type: tcp, through: service, rise: 4 } }\n"
                             "services: []\n"
                             "nodes:\n"
                             "  - { name: nas, address: 192.0.2.10, check: { port: 2049 } }\n"
                             "  - { name: web, address: \"::1\", check: { type: https } }\n"
                             "  - { name: box, address: 192.0.2.12, load: { type: agent } }\n");
    ASSERT_EQ(config.nodes.size(), 3U);
    EXPECT_EQ(config.nodes[0], (hg::NodeConfig{.name = "nas",
                                               .address = *hg::parse_address("192.0.2.10"),
                                               .check = hg::HealthCheck{.rise = 4, .port = 2049}}));
    EXPECT_EQ(config.nodes[1].check->port, 443);
    EXPECT_FALSE(config.nodes[2].check);
    EXPECT_EQ(config.nodes[2].load, hg::LoadSpec{});
}

TEST(ConfigDaemon, metrics_are_for_the_machine_itself_unless_said) {
    EXPECT_EQ(read("services: []\n").daemon.metrics->text(), "127.0.0.1:10469");
    EXPECT_EQ(read("services: []\ndaemon: { metrics: \"::1\" }\n").daemon.metrics->text(),
              "[::1]:10469");
    EXPECT_EQ(read("services: []\ndaemon: { metrics: 0.0.0.0:80 }\n").daemon.metrics->text(),
              "0.0.0.0:80");
    EXPECT_FALSE(read("services: []\ndaemon: { metrics: none }\n").daemon.metrics);
}

TEST(ConfigDaemon, may_own_all_and_call_a_program) {
    const auto config =
        read("services: []\nexclusive: true\ndaemon: { on_change: [ /bin/page, me ] }\n");
    EXPECT_TRUE(config.exclusive);
    EXPECT_EQ(config.daemon.on_change, (std::vector<std::string>{"/bin/page", "me"}));
}

} // namespace

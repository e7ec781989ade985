#include "config.h"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;

hg::Config read(std::string_view text) {
    auto config = hg::parse_config(text);
    EXPECT_TRUE(config) << config.error().render("f");
    return config ? *config : hg::Config{};
}

TEST(Config, reads_the_example_of_the_manual) {
    const auto config = read("defaults:\n"
                             "  scheduler: wrr\n"
                             "  forward: direct\n"
                             "  weight: 2\n"
                             "services:\n"
                             "  - name: web\n"
                             "    listen: tcp://192.0.2.80:80   # the VIP\n"
                             "    scheduler: mh\n"
                             "    hash_port: true\n"
                             "    servers:\n"
                             "      - { address: 192.0.2.11, weight: 3, state: drain }\n"
                             "      - { address: 192.0.2.12:8080, forward: nat }\n"
                             "      - address: \"[2001:db8::13]:80\"\n"
                             "        forward: tunnel\n"
                             "        tunnel: ipip\n");
    EXPECT_EQ(hg::config_text(config),
              "services:\n"
              "  - listen: tcp://192.0.2.80:80\n"
              "    name: web\n"
              "    scheduler: mh\n"
              "    hash_port: true\n"
              "    servers:\n"
              "      - { address: 192.0.2.11:80, forward: direct, weight: 3, state: drain }\n"
              "      - { address: 192.0.2.12:8080, forward: nat, weight: 2 }\n"
              "      - { address: \"[2001:db8::13]:80\", forward: tunnel, tunnel: ipip, "
              "weight: 2 }\n");
}

TEST(Config, has_defaults_of_its_own) {
    EXPECT_EQ(hg::config_text(read("services: [{listen: \"udp://[2001:db8::1]:53\", "
                                   "servers: [{address: \"2001:db8::2\"}]}]")),
              "services:\n"
              "  - listen: \"udp://[2001:db8::1]:53\"\n"
              "    scheduler: wlc\n"
              "    servers:\n"
              "      - { address: \"[2001:db8::2]:53\", forward: nat, weight: 1 }\n");
}

TEST(Config, defaults_hold_wherever_they_stand) {
    const auto config = read("services: [{listen: tcp://192.0.2.1:80}]\n"
                             "defaults: {scheduler: sh}\n");
    EXPECT_EQ(config.services.at(0).service.scheduler, "sh");
}

TEST(Config, affinity_has_a_mask_for_IPv4_and_a_prefix_for_IPv6) {
    const auto config = read("services:\n"
                             "  - listen: [ tcp://192.0.2.1:80, \"tcp://[2001:db8::1]:80\" ]\n"
                             "    affinity: { timeout: 5m, mask: 24, prefix: 64, drained: lose }\n"
                             "  - listen: tcp://192.0.2.2:80\n"
                             "    affinity: { timeout: 90s, mask: 32 }\n"
                             "  - listen: tcp://192.0.2.3:80\n");
    EXPECT_EQ(hg::config_text(config), "services:\n"
                                       "  - listen: tcp://192.0.2.1:80\n"
                                       "    scheduler: wlc\n"
                                       "    affinity: { timeout: 5m, mask: 24, drained: lose }\n"
                                       "    servers: []\n"
                                       "  - listen: \"tcp://[2001:db8::1]:80\"\n"
                                       "    scheduler: wlc\n"
                                       "    affinity: { timeout: 5m, prefix: 64, drained: lose }\n"
                                       "    servers: []\n"
                                       "  - listen: tcp://192.0.2.2:80\n"
                                       "    scheduler: wlc\n"
                                       "    affinity: { timeout: 90s, mask: 32, drained: keep }\n"
                                       "    servers: []\n"
                                       "  - listen: tcp://192.0.2.3:80\n"
                                       "    scheduler: wlc\n"
                                       "    servers: []\n");
    EXPECT_EQ(config.services.at(2).service.affinity.prefix, 0) << "all of the address";
    EXPECT_EQ(read(hg::config_text(config)).services, config.services);
}

TEST(Config, a_list_of_listeners_makes_a_service_of_each) {
    const auto config = read("services:\n"
                             "  - name: dns\n"
                             "    listen: [ udp://192.0.2.53:53, tcp://192.0.2.53:53 ]\n"
                             "    servers: [ { address: 192.0.2.1 } ]\n");
    EXPECT_EQ(hg::config_text(config),
              "services:\n"
              "  - listen: udp://192.0.2.53:53\n"
              "    name: dns\n"
              "    scheduler: wlc\n"
              "    servers:\n"
              "      - { address: 192.0.2.1:53, forward: nat, weight: 1 }\n"
              "  - listen: tcp://192.0.2.53:53\n"
              "    name: dns.2\n"
              "    scheduler: wlc\n"
              "    servers:\n"
              "      - { address: 192.0.2.1:53, forward: nat, weight: 1 }\n");
}

TEST(Config, what_holds_for_conns_is_read_and_written) {
    const std::string text = "services:\n"
                             "  - listen: tcp://10.0.0.9:80\n"
                             "    scheduler: wlc\n"
                             "    timeouts: { established: 1h, fin_wait: 1500ms }\n"
                             "    slow_start: 30s\n"
                             "    on_down: reschedule\n"
                             "    servers:\n"
                             "      - { address: 10.0.0.1:80, forward: nat, weight: 1, "
                             "upper: 1000, lower: 600 }\n";
    const auto config = read(text);
    const auto& service = config.services.at(0).service;
    EXPECT_EQ(service.timeouts[HEADGATE_A_TIMEOUT_TCP_ESTABLISHED - 1], 1h);
    EXPECT_EQ(service.timeouts[HEADGATE_A_TIMEOUT_UDP - 1], 0s);
    EXPECT_EQ(service.slow_start, 30s);
    EXPECT_EQ(service.on_down, hg::OnDown::Reschedule);
    EXPECT_EQ(config.services.at(0).servers.at(0).upper, 1000U);
    EXPECT_EQ(hg::config_text(config), text);
}

TEST(Config, no_services_are_a_configuration_too) {
    EXPECT_EQ(read("services: []\n"), hg::Config{});
    EXPECT_EQ(hg::config_text(hg::Config{}), "services: []\n");
}

TEST(Config, one_dash_line_and_one_end_line_are_allowed) {
    EXPECT_EQ(read("--- # mine\nservices: []\n...\n"), hg::Config{});
}

TEST(Config, windows_line_ends_and_a_byte_order_mark_are_allowed) {
    const auto config = read("\xef\xbb\xbfservices:\r\n- listen: tcp://192.0.2.1:80\r\n");
    EXPECT_EQ(config.services.size(), 1U);
}

TEST(Config, a_name_that_yaml_takes_for_something_else_is_written_in_quotes) {
    hg::PoolConfig pool;
    pool.service.key = *hg::parse_service_key("tcp://192.0.2.1:80");
    pool.service.scheduler = "rr";
    for (const auto* const name : {"null", "Yes", "80", "-", ".inf", "---"}) {
        pool.service.name = name;
        const auto text = hg::config_text({{pool}});
        EXPECT_NE(text.find("name: \"" + pool.service.name + "\"\n"), std::string::npos) << text;
        EXPECT_EQ(read(text), hg::Config{{pool}});
    }
}

} // namespace

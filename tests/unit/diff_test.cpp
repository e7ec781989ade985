#include "diff.h"
#include "diff_text.h"

#include <gtest/gtest.h>

namespace {

hg::Config config(std::string_view text) {
    auto read = hg::parse_config(text);
    EXPECT_TRUE(read) << read.error().render("f");
    return read ? *read : hg::Config{};
}

hg::Running running(const hg::Config& config) {
    hg::Running out;
    for (const auto& pool : config.services) {
        hg::Service service;
        service.spec = pool.service;
        out.services.push_back(service);
        for (const auto& spec : pool.servers) {
            hg::Server server;
            server.service = pool.service.key;
            server.spec = spec;
            out.servers.push_back(server);
        }
    }
    return out;
}

std::string difference(std::string_view to, std::string_view from) {
    return hg::diff_text(hg::diff(config(to), running(config(from))));
}

constexpr auto kWeb = "services:\n"
                      "  - name: web\n"
                      "    listen: tcp://192.0.2.80:80\n"
                      "    servers:\n"
                      "      - { address: 192.0.2.11, weight: 3 }\n"
                      "      - { address: 192.0.2.12, weight: 1 }\n";

TEST(Diff, of_the_same_is_empty) { EXPECT_EQ(difference(kWeb, kWeb), ""); }

TEST(Diff, adds_a_service_and_then_its_servers) {
    EXPECT_EQ(difference(kWeb, "services: []"),
              "+ service tcp://192.0.2.80:80 name web scheduler wlc\n"
              "+ server tcp://192.0.2.80:80 192.0.2.11:80 forward nat weight 3\n"
              "+ server tcp://192.0.2.80:80 192.0.2.12:80 forward nat weight 1\n");
}

TEST(Diff, removes_what_is_not_in_the_file) {
    EXPECT_EQ(difference("services: []", kWeb), "- service tcp://192.0.2.80:80\n");
}

TEST(Diff, removes_before_it_changes_and_adds) {
    EXPECT_EQ(difference("services:\n"
                         "  - name: web\n"
                         "    listen: tcp://192.0.2.80:80\n"
                         "    scheduler: mh\n"
                         "    hash_port: true\n"
                         "    servers:\n"
                         "      - { address: 192.0.2.12, weight: 4, state: maint }\n"
                         "      - { address: 192.0.2.13, forward: tunnel, state: drain }\n",
                         kWeb),
              "- server tcp://192.0.2.80:80 192.0.2.11:80\n"
              "~ service tcp://192.0.2.80:80 scheduler wlc -> mh, hash_port false -> true\n"
              "~ server tcp://192.0.2.80:80 192.0.2.12:80 weight 1 -> 4, state ready -> maint\n"
              "+ server tcp://192.0.2.80:80 192.0.2.13:80 forward tunnel tunnel ipip weight 1 "
              "state drain\n");
}

TEST(Diff, changes_affinity_as_a_whole) {
    constexpr auto kWith = "services:\n"
                           "  - listen: tcp://192.0.2.80:80\n"
                           "    affinity: { timeout: 5m, mask: 24 }\n";
    constexpr auto kOther = "services:\n"
                            "  - listen: tcp://192.0.2.80:80\n"
                            "    affinity: { timeout: 5m, drained: lose }\n";
    constexpr auto kWithout = "services: [{listen: tcp://192.0.2.80:80}]";
    EXPECT_EQ(difference(kWith, "services: []"),
              "+ service tcp://192.0.2.80:80 scheduler wlc affinity 5m/24\n");
    EXPECT_EQ(difference(kWith, kWithout),
              "~ service tcp://192.0.2.80:80 affinity none -> 5m/24\n");
    EXPECT_EQ(difference(kOther, kWith),
              "~ service tcp://192.0.2.80:80 affinity 5m/24 -> 5m,lose\n");
    EXPECT_EQ(difference(kWithout, kWith),
              "~ service tcp://192.0.2.80:80 affinity 5m/24 -> none\n");
    EXPECT_EQ(difference(kWith, kWith), "");
}

// Old and new together may be more than the module takes.
TEST(Diff, removes_servers_of_all_services_before_it_adds_any) {
    EXPECT_EQ(difference("services:\n"
                         "  - {listen: tcp://192.0.2.1:80, servers: [{address: 192.0.2.11}]}\n"
                         "  - {listen: tcp://192.0.2.2:80, servers: []}\n",
                         "services:\n"
                         "  - {listen: tcp://192.0.2.1:80, servers: []}\n"
                         "  - {listen: tcp://192.0.2.2:80, servers: [{address: 192.0.2.12}]}\n"),
              "- server tcp://192.0.2.2:80 192.0.2.12:80\n"
              "+ server tcp://192.0.2.1:80 192.0.2.11:80 forward nat weight 1\n");
}

TEST(Diff, changes_a_mode_like_anything_else) {
    EXPECT_EQ(difference("services:\n"
                         "  - listen: tcp://192.0.2.80:80\n"
                         "    name: web\n"
                         "    servers:\n"
                         "      - { address: 192.0.2.11, weight: 3, forward: direct }\n"
                         "      - { address: 192.0.2.12 }\n",
                         kWeb),
              "~ server tcp://192.0.2.80:80 192.0.2.11:80 forward nat -> direct\n");
}

TEST(Diff, what_the_daemon_and_the_kernel_own_is_not_looked_at) {
    auto state = running(config(kWeb));
    state.servers[0].down = HEADGATE_DOWN_CHECK | HEADGATE_DOWN_ADMIN;
    state.servers[0].factor = 10;
    state.servers[0].ramp = 500;
    EXPECT_EQ(hg::diff(config(kWeb), state), hg::Difference{});
    EXPECT_EQ(hg::config_of(state), config(kWeb));
}

TEST(Diff, a_service_without_a_name_in_the_file_loses_its_name) {
    EXPECT_EQ(difference("services:\n"
                         "  - listen: tcp://192.0.2.80:80\n"
                         "    servers: [{address: 192.0.2.11, weight: 3}, {address: 192.0.2.12}]\n",
                         kWeb),
              "~ service tcp://192.0.2.80:80 name web -> -\n");
}

TEST(Diff, a_name_goes_from_a_removed_service_to_a_new_one) {
    EXPECT_EQ(difference("services: [{listen: tcp://192.0.2.81:80, name: web}]", kWeb),
              "- service tcp://192.0.2.80:80\n"
              "+ service tcp://192.0.2.81:80 name web scheduler wlc\n");
}

TEST(Diff, names_change_hands_in_any_order) {
    EXPECT_EQ(difference("services:\n"
                         "  - {listen: tcp://192.0.2.1:80, name: b, scheduler: rr}\n"
                         "  - {listen: tcp://192.0.2.2:80, name: a}\n"
                         "  - {listen: tcp://192.0.2.3:80, name: c}\n",
                         "services:\n"
                         "  - {listen: tcp://192.0.2.1:80, name: a}\n"
                         "  - {listen: tcp://192.0.2.2:80, name: b}\n"),
              "~ service tcp://192.0.2.1:80 name a -> b, scheduler wlc -> rr\n"
              "~ service tcp://192.0.2.2:80 name b -> a\n"
              "+ service tcp://192.0.2.3:80 name c scheduler wlc\n");
}

TEST(Diff, a_first_name_is_shown_as_coming_from_nothing) {
    EXPECT_EQ(difference("services: [{listen: tcp://192.0.2.1:80, name: a}]",
                         "services: [{listen: tcp://192.0.2.1:80}]"),
              "~ service tcp://192.0.2.1:80 name - -> a\n");
}

} // namespace

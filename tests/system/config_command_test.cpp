// apply, diff and save against the module.
#include "command.h"

#include <gmock/gmock.h>

namespace {

using namespace hg::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr const char* kShop = R"(services:
  - listen: tcp://192.0.2.1:80
    name: shop
    scheduler: wrr
    timeouts: { established: 1h, fin_wait: 1500ms }
    slow_start: 30s
    on_down: reset
    servers:
      - { address: 10.0.0.11:80, forward: nat, weight: 3, upper: 1000, lower: 600 }
      - { address: 10.0.0.12:8080, forward: nat, weight: 1 }
      - { address: "[2001:db8::12]:80", forward: tunnel, tunnel: ipip, weight: 1 }
  - listen: "udp://[2001:db8::1]:53"
    name: names
    scheduler: mh
    hash_port: true
    affinity: { timeout: 10m, prefix: 64, drained: lose }
    servers:
      - { address: "[2001:db8::53]:53", forward: direct, weight: 1, state: drain }
)";

// The same with a server less, a server more, another weight and another scheduler.
constexpr const char* kLater = R"(services:
  - listen: tcp://192.0.2.1:80
    name: shop
    scheduler: wlc
    timeouts: { established: 1h, fin_wait: 1500ms }
    slow_start: 30s
    on_down: reset
    servers:
      - { address: 10.0.0.11:80, forward: nat, weight: 5, upper: 1000, lower: 600 }
      - { address: 10.0.0.13:80, forward: nat, weight: 1 }
      - { address: "[2001:db8::12]:80", forward: tunnel, tunnel: ipip, weight: 1 }
  - listen: "udp://[2001:db8::1]:53"
    name: names
    scheduler: mh
    hash_port: true
    affinity: { timeout: 10m, prefix: 64, drained: lose }
    servers:
      - { address: "[2001:db8::53]:53", forward: direct, weight: 1, state: drain }
)";

class ConfigCommand : public CommandTest {
protected:
    [[nodiscard]] static std::string shop() { return file("shop.yaml", kShop); }

    void applies(const std::string& path) const { EXPECT_NE(output("apply " + path), ""); }

    [[nodiscard]] static std::string later() { return file("later.yaml", kLater); }
};

TEST_F(ConfigCommand, applies_a_file_to_an_empty_module) {
    EXPECT_THAT(lines(output("apply " + shop())),
                ElementsAre(StartsWith("+ service tcp://192.0.2.1:80"),
                            StartsWith("+ server tcp://192.0.2.1:80 10.0.0.11:80"),
                            StartsWith("+ server tcp://192.0.2.1:80 10.0.0.12:8080"),
                            StartsWith("+ server tcp://192.0.2.1:80 [2001:db8::12]:80"),
                            StartsWith("+ service udp://[2001:db8::1]:53"),
                            StartsWith("+ server udp://[2001:db8::1]:53 [2001:db8::53]:53")));
    EXPECT_EQ(json("info").at("info").at("servers"), 4);
}

TEST_F(ConfigCommand, saves_what_it_applied) {
    applies(shop());
    EXPECT_EQ(output("save"), kShop);
    EXPECT_EQ(json("save").at("services").at(0).at("servers").size(), 3U);
}

TEST_F(ConfigCommand, changes_nothing_the_second_time) {
    applies(shop());
    const auto before = generation();
    EXPECT_EQ(output("apply " + shop()), "");
    EXPECT_EQ(generation(), before);
}

TEST_F(ConfigCommand, finds_no_difference_after_it_applied) {
    applies(shop());
    EXPECT_EQ(output("diff " + shop()), "");
    EXPECT_EQ(output("apply --check " + shop()), "");
    EXPECT_EQ(json("diff " + shop()).at("differs"), false);
}

TEST_F(ConfigCommand, applies_the_fewest_changes) {
    applies(shop());
    const auto before = generation();
    const auto done = lines(output("apply " + later()));
    EXPECT_EQ(done.size(), 4U);
    EXPECT_EQ(generation(), before + 1);
    EXPECT_EQ(output("save"), kLater);
}

TEST_F(ConfigCommand, shows_a_difference_and_changes_nothing) {
    applies(shop());
    const auto before = generation();
    const auto wanted = output("diff " + later(), 3);
    EXPECT_THAT(lines(wanted),
                testing::UnorderedElementsAre(
                    "~ service tcp://192.0.2.1:80 scheduler wrr -> wlc",
                    "~ server tcp://192.0.2.1:80 10.0.0.11:80 weight 3 -> 5",
                    "- server tcp://192.0.2.1:80 10.0.0.12:8080",
                    "+ server tcp://192.0.2.1:80 10.0.0.13:80 forward nat weight 1"));
    EXPECT_EQ(output("apply --check " + later(), 3), wanted);
    EXPECT_EQ(json("diff " + later(), 3).at("changes").size(), 4U);
    EXPECT_EQ(generation(), before);
    EXPECT_EQ(output("save"), kShop);
}

TEST_F(ConfigCommand, leaves_alone_what_is_not_the_admins) {
    applies(shop());
    does("server down shop 10.0.0.11");
    EXPECT_EQ(output("diff " + shop()), "");
    applies(later());
    const auto server = json("server list shop").at("servers").at(0);
    EXPECT_EQ(server.at("weight"), 5);
    EXPECT_EQ(server.at("effective_weight"), 0);
}

TEST_F(ConfigCommand, goes_back_to_what_was) {
    applies(shop());
    applies(later());
    applies(shop());
    EXPECT_EQ(output("save"), kShop);
}

TEST_F(ConfigCommand, removes_everything_for_an_empty_list) {
    applies(shop());
    const auto done = lines(output("apply " + file("empty.yaml", "services: []\n")));
    EXPECT_THAT(done, testing::Each(StartsWith("- service ")));
    EXPECT_EQ(output("show"), "there are no services\n");
}

TEST_F(ConfigCommand, swaps_two_names) {
    applies(shop());
    auto swapped = std::string(kShop);
    swapped.replace(swapped.find("name: shop"), 10, "name: names");
    swapped.replace(swapped.rfind("name: names"), 11, "name: shop");
    applies(file("swapped.yaml", swapped));
    EXPECT_EQ(output("save"), swapped);
}

TEST_F(ConfigCommand, applies_nothing_of_a_file_with_faults) {
    applies(shop());
    const auto bad = file("bad.yaml", "services:\n"
                                      "  - listen: tcp://192.0.2.1:80\n"
                                      "    schedular: rr\n"
                                      "    servers:\n"
                                      "      - { address: 10.0.0.99, weight: 70000 }\n");
    refuses("apply " + bad, 1,
            "cannot read " + bad + ": 2 things are wrong with it, nothing was changed\n" + bad +
                ":3:5: unknown key \"schedular\" in a service; did you mean scheduler?\n" + bad +
                ":5:39: weight 70000 is out of range: 0 to 65535");
    EXPECT_EQ(output("save"), kShop);
}

// The command cannot know that 10.0.0.12 is none of the director's own addresses.
constexpr const char* kRefused = "services:\n"
                                 "  - listen: tcp://192.0.2.1:80\n"
                                 "    servers:\n"
                                 "      - { address: 10.0.0.11 }\n"
                                 "      - { address: 10.0.0.12, forward: local }\n"
                                 "      - { address: 10.0.0.13 }\n";

TEST_F(ConfigCommand, changes_nothing_when_one_change_is_refused) {
    applies(shop());
    refuses("apply " + file("refused.yaml", kRefused), 1,
            "cannot add server 10.0.0.12:80 to tcp://192.0.2.1:80: address is not the director's "
            "own, as mode local needs; nothing was changed (server.address)");
    EXPECT_EQ(output("save"), kShop);
}

TEST_F(ConfigCommand, checks_what_the_kernel_would_refuse) {
    const auto before = generation();
    const auto got = headgate("apply --check " + file("refused.yaml", kRefused));
    EXPECT_EQ(got.code, 1);
    EXPECT_THAT(lines(got.out), testing::SizeIs(4));
    EXPECT_EQ(got.err, "headgate: cannot add server 10.0.0.12:80 to tcp://192.0.2.1:80: address is "
                       "not the director's own, as mode local needs (server.address)\n");
    EXPECT_EQ(generation(), before);
}

TEST_F(ConfigCommand, flushes_at_one_moment) {
    applies(shop());
    const auto before = generation();
    does("flush");
    EXPECT_EQ(generation(), before + 1);
    EXPECT_EQ(json("info").at("info").at("services"), 0);
}

TEST_F(ConfigCommand, says_that_a_file_is_not_there) {
    const auto got = headgate("apply /run/command-test/nothing.yaml");
    EXPECT_EQ(got.code, 1);
    EXPECT_THAT(got.err, HasSubstr("/run/command-test/nothing.yaml"));
}

TEST_F(ConfigCommand, gives_each_change_as_json) {
    const auto applied = json("apply " + shop());
    EXPECT_EQ(applied.at("result"), "done");
    EXPECT_EQ(applied.at("changes").size(), 6U);
    EXPECT_EQ(applied.at("changes").at(0).at("op"), "add");
    EXPECT_THAT(json("apply " + shop()).at("changes"), IsEmpty());
}

} // namespace

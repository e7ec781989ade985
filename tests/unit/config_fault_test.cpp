#include "config.h"
#include "config_text.h"
#include "temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

std::string load(const std::string& path) {
    const auto config = hg::load_config(path);
    return config ? "" : config.error().render("f");
}

using ConfigFile = hg::test::TempDir;

TEST_F(ConfigFile, is_read) { EXPECT_EQ(load(file("a", "services: []\n")), ""); }

TEST_F(ConfigFile, has_to_be_there) {
    EXPECT_EQ(load(path_ + "/missing"), "f: cannot be opened: No such file or directory\n");
}

TEST_F(ConfigFile, is_no_directory) {
    EXPECT_EQ(load(path_), "f: this is a directory; a regular file is needed\n");
}

TEST_F(ConfigFile, is_no_pipe) {
    const auto path = path_ + "/pipe";
    ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
    EXPECT_EQ(load(path), "f: this is a pipe; a regular file is needed\n");
}

TEST_F(ConfigFile, is_no_device) {
    EXPECT_EQ(load("/dev/zero"), "f: this is a device; a regular file is needed\n");
}

TEST_F(ConfigFile, is_up_to_16_mb) {
    const auto path = file("large");
    ASSERT_EQ(truncate(path.c_str(), static_cast<off_t>(hg::kConfigBytesMax) + 1), 0);
    EXPECT_EQ(load(path), "f: 16777217 bytes are too many: up to 16 MB are read\n");
}

TEST(ConfigFaults, of_yaml_do_not_hide_others) {
    const auto config = hg::parse_config("services:\n"
                                         "  - listen: tcp://10.0.0.9:80\n"
                                         "    scheduler: rr\n"
                                         "    scheduler: foo\n"
                                         "    ? [a]\n"
                                         "    : b\n"
                                         "    servers:\n"
                                         "      - { address: &a 10.0.0.1, weight: 70000 }\n");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().render("f"),
              "f:4:5: key \"scheduler\" is here a second time, the first is at line 3, column 5\n"
              "f:5:7: a key has to be a word, not a list\n"
              "f:8:20: anchors (&) have no place here: write the value itself\n"
              "f:8:41: weight 70000 is out of range: 0 to 65535\n");
}

// What they stand for is not known.
TEST(ConfigFaults, of_aliases_are_told_first) {
    const auto config = hg::parse_config("services: [{ listen: *a, weight: x }]\n");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().render("f"),
              "f:1:22: aliases (*) have no place here: write the value itself\n");
}

TEST(ConfigFaults, are_told_all_at_once_by_place) {
    const auto config = hg::parse_config("services:\n"
                                         "  - listen: tcp://10.0.0.9:80\n"
                                         "    scheduler: foo\n"
                                         "    servers:\n"
                                         "      - { address: 10.0.0.1, weight: x }\n"
                                         "      - { address: web1, forward: foo }\n"
                                         "colour: red\n"
                                         "defaults: { weight: -1 }\n");
    ASSERT_FALSE(config);
    EXPECT_EQ(
        config.error().render("hg.yaml"),
        "hg.yaml:3:16: unknown scheduler \"foo\" (there are: rr, wrr, lc, wlc, sh, mh)\n"
        "hg.yaml:5:38: weight \"x\" is not a decimal number\n"
        "hg.yaml:6:20: \"web1\": numeric address needed: a name may change under live conns\n"
        "hg.yaml:6:35: unknown forward mode \"foo\" (there are: nat, direct, tunnel, local)\n"
        "hg.yaml:7:1: unknown key \"colour\" in the file; there are: include, exclusive, daemon, "
        "defaults, services, nodes\n"
        "hg.yaml:8:21: weight \"-1\" is not a decimal number\n");
}

TEST(ConfigFaults, stop_at_twenty) {
    std::string text = "services:\n";
    for (int i = 0; i < 23; ++i) {
        text += "  - web\n";
    }
    const auto config = hg::parse_config(text);
    ASSERT_FALSE(config);
    const auto lines = config.error().render("f");
    EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 21);
    EXPECT_NE(lines.find("\nf: and 3 more\n"), std::string::npos) << lines;
}

TEST(ConfigFaults, count_on_when_there_are_very_many) {
    std::string text = "services:\n";
    for (int i = 0; i < 5000; ++i) {
        text += "  - web\n";
    }
    const auto config = hg::parse_config(text);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().total(), 5000U);
}

TEST(Quoted, cuts_between_characters) {
    const std::string text = std::string(63, 'a') + "\xc3\xa9 and more";
    EXPECT_EQ(hg::quoted(text), "\"" + std::string(63, 'a') + "...\"");
}

TEST(Quoted, escapes_what_a_terminal_would_act_on) {
    EXPECT_EQ(hg::quoted("a\x1b[1m\x7f\xc2\x9b"), "\"a\\x1b[1m\\x7f\\x9b\"");
    EXPECT_EQ(hg::quoted("\xc3\xa9"), "\"\xc3\xa9\"");
}

TEST(ConfigLimits, brackets_without_end_are_given_up_early) {
    for (const auto* const bracket : {"[", "[\n", "{", "{a: ", "- ", "[ ["}) {
        std::string text = "services: ";
        while (text.size() < 1'000'000) {
            text += bracket;
        }
        const auto config = hg::parse_config(text);
        ASSERT_FALSE(config);
        EXPECT_NE(config.error().render("f"), "");
    }
}

// Few lines may ask for more servers than there can be memory for.
TEST(ConfigLimits, hold_before_memory_is_used) {
    std::string text = "services:\n  - listen:\n";
    for (int port = 1; port <= 3000; ++port) {
        text += fmt::format("      - tcp://10.0.0.9:{}\n", port);
    }
    text += "    servers:\n";
    for (int i = 0; i < 3000; ++i) {
        text += fmt::format("      - address: 10.1.{}.{}\n", i / 250, 1 + i % 250);
    }
    const auto config = hg::parse_config(text);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().render("f"),
              "f:2:3: 9000000 servers are too many in all: up to 262144\n");
}

} // namespace

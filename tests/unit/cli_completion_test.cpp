#include "fake_host.h"

#include <gtest/gtest.h>

namespace {

using hg::test::Cli;

// The words offered in place of the last; a trailing blank is written as "".
std::string offered(Cli& cli, std::vector<std::string> words) {
    words.insert(words.begin(), {"completion", "words", "--"});
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(static_cast<int>(hg::cli::run(words, cli.host, out, err)), 0);
    EXPECT_EQ(err.str(), "");
    auto text = out.str();
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

TEST(Completion, offers_commands_and_verbs) {
    Cli cli;
    EXPECT_EQ(offered(cli, {"sh"}).substr(0, 20), "show service server ");
    EXPECT_EQ(offered(cli, {"service", ""}), "add set del list ");
    EXPECT_EQ(offered(cli, {"completion", ""}), "bash ");
}

TEST(Completion, asks_the_kernel) {
    Cli cli;
    EXPECT_EQ(offered(cli, {"show", ""}), "tcp://10.0.0.1:80 web udp://[2001:db8::1]:53 ");
    EXPECT_EQ(offered(cli, {"server", "drain", "udp://[2001:db8::1]:53", ""}),
              "[2001:db8::53]:53 ");
    EXPECT_EQ(offered(cli, {"server", "set", "--weight", "3", "web", ""}),
              "10.1.0.2:8080 10.1.0.4:80 [2001:db8::7]:80 ");
    EXPECT_EQ(offered(cli, {"service", "set", "web", "--scheduler", ""}), "rr wrr lc wlc sh mh ");
}

TEST(Completion, offers_options_and_their_values) {
    Cli cli;
    EXPECT_EQ(offered(cli, {"server", "add", "web", "10.1.0.9", "--forward", ""}),
              "nat direct tunnel local ");
    EXPECT_NE(offered(cli, {"server", "add", "-"}).find("--replace "), std::string::npos);
    EXPECT_EQ(offered(cli, {"conn", ""}), "list count kill sweep ");
    EXPECT_EQ(offered(cli, {"conn", "count", "--by", ""}), "state server ");
    EXPECT_EQ(offered(cli, {"conn", "kill", "--server", ""}),
              "10.1.0.2:8080 10.1.0.4:80 [2001:db8::53]:53 [2001:db8::7]:80 ");
    EXPECT_EQ(offered(cli, {"conn", "kill", "--state", ""}),
              "none established syn_sent syn_recv fin_wait time_wait close close_wait last_ack "
              "listen synack udp killed ");
    EXPECT_NE(offered(cli, {"server", "add", "-"}).find("--netns "), std::string::npos);
    EXPECT_EQ(offered(cli, {"settings", "set", "conn_limit=1", ""}).substr(0, 27),
              "conn_limit= affinity_limit=");
}

TEST(Completion, offers_the_words_of_every_option) {
    Cli cli;
    const auto service = [&](const std::string& option) {
        return offered(cli, {"service", "set", "web", option, ""});
    };
    EXPECT_EQ(service("--on-down"), "keep reset reschedule ");
    EXPECT_EQ(service("--affinity"), "off ");
    EXPECT_EQ(service("--affinity-drained"), "keep lose ");
    EXPECT_EQ(service("--timeout"),
              "none= established= syn_sent= syn_recv= fin_wait= time_wait= close= close_wait= "
              "last_ack= listen= synack= udp= ");
    EXPECT_EQ(offered(cli, {"server", "drain", "web", "10.1.0.4", "--then", ""}), "keep reset ");
    EXPECT_EQ(offered(cli, {"realserver", "up", "--mode", ""}), "direct tunnel ");
    EXPECT_EQ(offered(cli, {"realserver", "check", "--family", ""}), "ipv4 ipv6 ");
}

TEST(Completion, leaves_to_the_shell_what_that_knows) {
    Cli cli;
    EXPECT_EQ(offered(cli, {"apply", ""}), ":file ");
    EXPECT_EQ(offered(cli, {"-j", "diff", "/et"}), ":file ");
    EXPECT_EQ(offered(cli, {"--netns", "blue", "apply", "--check", ""}), ":file ");
    EXPECT_EQ(offered(cli, {"apply", "a.yaml", ""}), "");
    EXPECT_EQ(offered(cli, {"--netns", ""}), ":netns ");
    EXPECT_EQ(offered(cli, {"realserver", "up", "--dev", ""}), ":device ");
}

TEST(Completion, looks_into_the_namespace_of_the_line) {
    Cli cli;
    (void)offered(cli, {"--netns", "blue", "show", ""});
    EXPECT_EQ(cli.host.netns, "blue");
}

TEST(Completion, stays_silent_without_the_module) {
    Cli cli;
    cli.host.loaded = false;
    EXPECT_EQ(offered(cli, {"show", ""}), "");
    EXPECT_EQ(offered(cli, {"server", "drain", "web", ""}), "");
}

TEST(Completion, prints_the_script) {
    Cli cli;
    EXPECT_NE(cli("completion bash").find("complete -F _headgate headgate"), std::string::npos);
    EXPECT_EQ(cli.code, 0);
}

} // namespace

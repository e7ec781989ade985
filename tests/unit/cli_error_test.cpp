#include "fake_host.h"

#include <gtest/gtest.h>

namespace {

using hg::test::Cli;

// What is said, with the exit code: "2 headgate: ...".
std::string refused(Cli& cli, const std::string& line) {
    cli(line);
    EXPECT_EQ(cli.out, "") << line;
    EXPECT_TRUE(cli.host.kernel.changes.empty()) << line;
    return std::to_string(cli.code) + " " + cli.err;
}

std::string refused(const std::string& line) {
    Cli cli;
    return refused(cli, line);
}

TEST(Errors, of_the_module_not_loaded) {
    Cli cli;
    cli.host.loaded = false;
    EXPECT_EQ(refused(cli, "show"),
              "4 headgate: cannot reach the kernel module: headgate.ko is not loaded\n");
}

TEST(Errors, of_no_permission) {
    Cli cli;
    cli.host.kernel.refusals[HEADGATE_CMD_GET_SERVICE] = {EPERM, "", 0};
    EXPECT_EQ(refused(cli, "service list"),
              "1 headgate: cannot list the services: no permission: this needs CAP_NET_ADMIN in "
              "the network namespace (be root)\n");
}

TEST(Errors, of_an_unknown_scheduler) {
    Cli cli;
    cli.host.kernel.refusals[HEADGATE_CMD_NEW_SERVICE] = {ENOENT, "no scheduler \"foo\"", 0};
    EXPECT_EQ(refused(cli, "service add tcp://10.0.0.9:80 --scheduler foo"),
              "1 headgate: cannot add service tcp://10.0.0.9:80: unknown scheduler \"foo\" (there "
              "are: rr, wrr, lc, wlc, sh, mh)\n");
}

TEST(Errors, of_another_address_family) {
    EXPECT_EQ(refused("server add web 2001:db8::9"),
              "1 headgate: cannot add server [2001:db8::9]:80 to tcp://10.0.0.1:80: the server is "
              "IPv6 and the service IPv4: only the mode tunnel can forward from one family to the "
              "other, not nat\n");
}

TEST(Errors, of_a_port_that_cannot_be_changed) {
    EXPECT_EQ(refused("server add web 10.1.0.9:8080 --forward direct"),
              "1 headgate: cannot add server 10.1.0.9:8080 to tcp://10.0.0.1:80: port 8080 is not "
              "the service's port 80: only the mode nat can change the port, not direct\n");
    EXPECT_EQ(refused("server set web 10.1.0.2:8080 --forward direct"),
              "1 headgate: cannot change server 10.1.0.2:8080 of tcp://10.0.0.1:80: port 8080 is "
              "not the service's port 80: only the mode nat can change the port, not direct\n");
}

TEST(Errors, of_loopback) {
    EXPECT_EQ(refused("server add web 127.0.0.1:8080"),
              "1 headgate: cannot add server 127.0.0.1:8080 to tcp://10.0.0.1:80: server 127.0.0.1 "
              "is a loopback address: packets could not leave the director, use one of its other "
              "addresses\n");
    EXPECT_EQ(refused("service add tcp://127.0.0.1:80"),
              "1 headgate: cannot add service tcp://127.0.0.1:80: VIP 127.0.0.1 is a loopback "
              "address: packets could not leave the director, use one of its other addresses\n");
}

TEST(Errors, of_names_for_addresses) {
    EXPECT_EQ(refused("server add web www1:8080"),
              "2 headgate: \"www1\": numeric address needed: a name may change under live conns\n");
    EXPECT_EQ(refused("service add tcp://localhost:80"),
              "2 headgate: \"localhost\": numeric address needed: a name may change under live "
              "conns\n");
}

TEST(Errors, of_duplicates) {
    Cli cli;
    cli.host.kernel.refusals[HEADGATE_CMD_NEW_SERVICE] = {EEXIST, "there is this service", 0};
    cli.host.kernel.refusals[HEADGATE_CMD_NEW_SERVER] = {EEXIST, "", 0};
    EXPECT_EQ(refused(cli, "service add tcp://10.0.0.1:80"),
              "1 headgate: cannot add service tcp://10.0.0.1:80: there is this service\n");
    EXPECT_EQ(refused(cli, "server add web 10.1.0.2:8080"),
              "1 headgate: cannot add server 10.1.0.2:8080 to tcp://10.0.0.1:80: it exists "
              "already\n");
}

TEST(Errors, of_what_is_missing) {
    Cli cli;
    EXPECT_EQ(refused(cli, "show wbe"), "1 headgate: there is no service named \"wbe\"\n");
    EXPECT_EQ(refused(cli, "show tcp://10.9.9.9:1"),
              "1 headgate: cannot get service tcp://10.9.9.9:1: no service tcp://10.9.9.9:1\n");
    EXPECT_EQ(refused(cli, "server undrain web 10.9.9.9"),
              "1 headgate: cannot get server 10.9.9.9:80 of tcp://10.0.0.1:80: no server "
              "10.9.9.9:80 in this service\n");
    cli.host.kernel.refusals[HEADGATE_CMD_DEL_SERVER] = {ENOENT, "no such server", 0};
    EXPECT_EQ(refused(cli, "server del web 10.9.9.9"),
              "1 headgate: cannot delete server 10.9.9.9:80 of tcp://10.0.0.1:80: no such "
              "server\n");
}

TEST(Errors, of_numbers_out_of_range) {
    EXPECT_EQ(refused("server add web 10.1.0.9 --weight 65536"),
              "2 headgate: weight 65536 is out of range: 0 to 65535\n");
    EXPECT_EQ(refused("server add web 10.1.0.9 --weight 010"),
              "2 headgate: weight \"010\" has a leading zero, which some read as octal: leave it "
              "out\n");
    EXPECT_EQ(refused("server add web 10.1.0.9 --weight -1"),
              "2 headgate: weight \"-1\" is not a decimal number\n");
    EXPECT_EQ(refused("settings set timeout_udp=50ms"),
              "2 headgate: timeout_udp 50ms is out of range: 100ms to 10d\n");
    EXPECT_EQ(refused("settings set conn_limit=0"),
              "2 headgate: conn_limit 0 is out of range: 1 to 33554432\n");
    EXPECT_EQ(refused("conn list --limit x"), "2 headgate: limit \"x\" is not a decimal number\n");
}

TEST(Errors, of_a_module_older_than_the_tools) {
    Cli cli;
    cli.host.kernel.refusals[HEADGATE_CMD_GET_AFFINITY] = {EOPNOTSUPP, "", 0};
    EXPECT_EQ(refused(cli, "affinity list"),
              "1 headgate: cannot list the affinity entries: the module does not know this "
              "command: it is older than the tools\n");
}

TEST(Errors, of_the_kernel_name_the_attribute) {
    Cli cli;
    cli.host.kernel.refusals[HEADGATE_CMD_SET_SERVICE] = {EBUSY, "not now", 20};
    EXPECT_EQ(refused(cli, "service set web --scheduler rr"),
              "1 headgate: cannot change service tcp://10.0.0.1:80: not now (service)\n");
}

TEST(Errors, of_unknown_words_name_those_there_are) {
    EXPECT_EQ(refused("servce list").substr(0, 63),
              "2 headgate: unknown command \"servce\" (there are: show, service,");
    EXPECT_EQ(refused("service ad tcp://10.0.0.1:80"),
              "2 headgate: unknown command \"ad\" (there are: add, set, del, list)\n");
    EXPECT_EQ(refused("server add web 10.1.0.9 --forward dr"),
              "2 headgate: unknown forward mode \"dr\" (there are: nat, direct, tunnel, local)\n");
    EXPECT_EQ(refused("server add web 10.1.0.9 --forward tunnel --tunnel gre"),
              "2 headgate: unknown tunnel \"gre\" (there are: ipip)\n");
    EXPECT_EQ(refused("conn list --state open").substr(0, 37),
              "2 headgate: unknown state \"open\" (the");
    EXPECT_EQ(refused("settings set limit=1").substr(0, 42),
              "2 headgate: unknown setting \"limit\" (there");
    EXPECT_EQ(refused("settings set limit"), "2 headgate: \"limit\" is not KEY=VALUE\n");
}

TEST(Errors, of_what_is_too_much_name_the_first) {
    EXPECT_EQ(refused("show a b c"), "2 headgate: unexpected argument \"b\"\n");
    EXPECT_EQ(refused("service add tcp://10.0.0.9:80 --colour red"),
              "2 headgate: unexpected argument \"--colour\"\n");
}

TEST(Errors, of_usage_are_exit_code_2) {
    for (const auto* const line :
         {"service", "service add", "service add tcp://10.0.0.9:80 --colour red", "server add web",
          "service set web", "service set web --hash-port --no-hash-port",
          "server set web 10.1.0.2:8080", "server add web 10.1.0.9 --weight", "show a b c",
          "server add web 10.1.0.9 --tunnel ipip", "--netns"}) {
        EXPECT_EQ(refused(line)[0], '2') << line;
    }
}

} // namespace

#include "fake_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using hg::test::Cli;
using testing::ElementsAre;
using testing::IsEmpty;

// The one change that a command line asked for, as the kernel reads it.
hg::Server server_change(const std::string& line) {
    Cli cli;
    EXPECT_EQ(cli(line), "");
    EXPECT_EQ(cli.code, 0);
    EXPECT_EQ(cli.host.kernel.changes.size(), 1U) << line;
    return hg::decode_server(cli.host.kernel.changes.at(0).attributes).value();
}

TEST(ServiceAdd, sends_what_was_said) {
    Cli cli;
    EXPECT_EQ(cli("service add tcp://10.0.0.9:80 --scheduler mh --name shop --hash-port"), "");
    EXPECT_EQ(cli.code, 0);
    ASSERT_THAT(cli.host.kernel.asked(), ElementsAre("new_service tcp://10.0.0.9:80"));
    const auto sent = hg::decode_service(cli.host.kernel.changes[0].attributes).value().spec;
    EXPECT_EQ(sent, (hg::ServiceSpec{.key = hg::test::key("tcp://10.0.0.9:80"),
                                     .name = "shop",
                                     .scheduler = "mh",
                                     .hash_port = true}));
}

TEST(ServiceAdd, replaces_only_what_differs) {
    Cli cli;
    cli.host.kernel.refusals[HEADGATE_CMD_NEW_SERVICE] = {EEXIST, "", 0};
    EXPECT_EQ(cli("service add tcp://10.0.0.1:80 --name web --replace"), "");
    EXPECT_THAT(cli.host.kernel.asked(), IsEmpty()); // wlc is the default
    EXPECT_EQ(cli("service add tcp://10.0.0.1:80 --scheduler rr --replace"), "");
    EXPECT_THAT(cli.host.kernel.asked(), ElementsAre("set_service tcp://10.0.0.1:80"));
    EXPECT_EQ(cli.code, 0);
}

TEST(ServiceAdd, does_not_replace_another_service_of_its_name) {
    Cli cli;
    cli.host.kernel.refusals[HEADGATE_CMD_NEW_SERVICE] = {EEXIST, "the name is taken", 0};
    EXPECT_EQ(cli("service add tcp://10.0.0.9:80 --name web --replace"),
              "headgate: cannot add service tcp://10.0.0.9:80: the name is taken\n");
    EXPECT_EQ(cli.code, 1);
}

TEST(Service, is_changed_and_deleted_by_name) {
    Cli cli;
    EXPECT_EQ(cli("service set web --no-hash-port"), "");
    EXPECT_EQ(cli("service del web"), "");
    EXPECT_EQ(cli("service del udp://[2001:db8::1]:53"), "");
    EXPECT_EQ(cli("flush"), "");
    EXPECT_EQ(cli("conn sweep"), "");
    EXPECT_THAT(cli.host.kernel.asked(),
                ElementsAre("set_service tcp://10.0.0.1:80", "del_service tcp://10.0.0.1:80",
                            "del_service udp://[2001:db8::1]:53", "flush", "sweep"));
}

TEST(ServerAdd, sends_what_was_said) {
    const auto sent = server_change("server add web 2001:db8::9 --forward tunnel --weight 7");
    EXPECT_EQ(sent.service, hg::test::key("tcp://10.0.0.1:80"));
    EXPECT_EQ(sent.spec, (hg::ServerSpec{.endpoint = hg::test::endpoint("2001:db8::9"),
                                         .mode = hg::Mode::Tunnel,
                                         .weight = 7}));
}

TEST(ServerAdd, replaces_only_what_differs) {
    Cli cli;
    cli.host.kernel.refusals[HEADGATE_CMD_NEW_SERVER] = {EEXIST, "", 0};
    EXPECT_EQ(cli("server add web 10.1.0.2:8080 --weight 3 --replace"), "");
    EXPECT_THAT(cli.host.kernel.asked(), IsEmpty());
    EXPECT_EQ(cli("server add web 10.1.0.2:8080 --weight 4 --replace"), "");
    EXPECT_THAT(cli.host.kernel.asked(), ElementsAre("set_server tcp://10.0.0.1:80 10.1.0.2:8080"));
}

TEST(Server, changes_the_admins_state) {
    EXPECT_EQ(server_change("server drain web 10.1.0.2:8080").spec.admin_state,
              hg::AdminState::Drain);
    EXPECT_EQ(server_change("server maint web 10.1.0.2:8080").spec.admin_state,
              hg::AdminState::Maint);
    EXPECT_EQ(server_change("server ready web 10.1.0.2:8080").spec.admin_state,
              hg::AdminState::Ready);
    EXPECT_EQ(server_change("server undrain web 10.1.0.4").spec.admin_state, hg::AdminState::Ready);
}

TEST(Server, masks_with_the_admins_bit) {
    EXPECT_EQ(server_change("server down web 10.1.0.2:8080").down, HEADGATE_DOWN_ADMIN);
    EXPECT_EQ(server_change("server up web 10.1.0.2:8080").down, 0U);
}

TEST(Undrain, leaves_what_is_not_drained) {
    Cli cli;
    EXPECT_EQ(cli("server undrain web 10.1.0.2:8080"), "");
    EXPECT_THAT(cli.host.kernel.asked(), IsEmpty());
    cli.host.kernel.servers[0].spec.admin_state = hg::AdminState::Maint;
    EXPECT_EQ(cli("server undrain web 10.1.0.2:8080"),
              "headgate: cannot undrain server 10.1.0.2:8080 of tcp://10.0.0.1:80: it is in maint: "
              "\"server ready\" takes it back\n");
    EXPECT_EQ(cli.code, 1);
}

TEST(ServerSet, leaves_the_rest) {
    Cli cli;
    EXPECT_EQ(cli("server set web 10.1.0.4 --weight 0 --forward tunnel"), "");
    EXPECT_EQ(cli("server del web 10.1.0.4"), "");
    EXPECT_THAT(cli.host.kernel.asked(), ElementsAre("set_server tcp://10.0.0.1:80 10.1.0.4",
                                                     "del_server tcp://10.0.0.1:80 10.1.0.4"));
}

} // namespace

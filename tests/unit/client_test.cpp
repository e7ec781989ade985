#include "client.h"

#include "fake_kernel.h"
#include "samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

namespace test = hg::test;
using testing::ElementsAre;

class ClientTest : public testing::Test {
protected:
    ClientTest() {
        kernel.services = {test::web_service(), test::dns_service()};
        kernel.servers = test::web_servers();
        kernel.conns = test::conns();
        kernel.info = test::info();
        kernel.settings = test::settings();
    }

    test::FakeKernel kernel;
    hg::Client client{kernel};
};

TEST_F(ClientTest, reads_everything) {
    EXPECT_EQ(client.info().value(), test::info());
    EXPECT_EQ(client.settings().value(), test::settings());
    EXPECT_EQ(client.list_services().value(), kernel.services);
    EXPECT_EQ(client.list_servers().value(), kernel.servers);
    EXPECT_EQ(client.service(test::key("tcp://10.0.0.1:80")).value(), test::web_service());
    EXPECT_EQ(client.list_servers(test::key("udp://[2001:db8::1]:53")).value().size(), 0U);
}

TEST_F(ClientTest, repeats_a_dump_that_a_change_interrupted) {
    kernel.interruptions = 3;
    EXPECT_EQ(client.list_services().value().size(), 2U);
    EXPECT_EQ(kernel.dumps, 4);
}

TEST_F(ClientTest, gives_up_on_a_configuration_that_never_rests) {
    kernel.interruptions = 1000;
    EXPECT_EQ(client.list_servers().error().text(),
              "cannot list the servers: the configuration changed during each of 20 readings");
}

TEST_F(ClientTest, repeats_a_dump_that_was_lost) {
    kernel.losses = 1;
    EXPECT_EQ(client.list_services().value().size(), 2U);
    EXPECT_EQ(kernel.resets, 1);
}

TEST_F(ClientTest, says_that_a_change_may_have_been_made) {
    kernel.losses = 1;
    EXPECT_EQ(client.flush().error().text(),
              "cannot delete every service: the answer was lost: the change may have been made or "
              "not");
    EXPECT_EQ(kernel.resets, 1);
    EXPECT_TRUE(client.info());
}

TEST_F(ClientTest, passes_the_kernels_words_on) {
    kernel.refusals[HEADGATE_CMD_DEL_SERVICE] = {ENOENT, "no such service", 20};
    EXPECT_EQ(client.del_service(test::key("tcp://10.0.0.1:80")).error().text(),
              "cannot delete service tcp://10.0.0.1:80: no such service (service)");
}

TEST_F(ClientTest, says_that_the_module_was_unloaded) {
    kernel.refusals[HEADGATE_CMD_GET_INFO] = {ENOENT, "", 0};
    const auto error = client.info().error();
    EXPECT_EQ(error.kind, hg::Kind::Unreachable);
    EXPECT_EQ(error.text(), "cannot ask the module how it is: the kernel module was unloaded");
}

TEST_F(ClientTest, says_what_permission_is_missing) {
    kernel.refusals[HEADGATE_CMD_GET_SERVICE] = {EPERM, "", 0};
    EXPECT_EQ(client.list_services().error().text(),
              "cannot list the services: no permission: this needs CAP_NET_ADMIN in the network "
              "namespace (be root)");
}

TEST_F(ClientTest, lists_the_schedulers_there_are) {
    kernel.refusals[HEADGATE_CMD_NEW_SERVICE] = {ENOENT, "no scheduler \"wlv\"", 0};
    auto spec = test::web_service().spec;
    spec.scheduler = "wlv";
    const auto error = client.add_service(spec).error();
    EXPECT_EQ(error.text(), "cannot add service tcp://10.0.0.1:80: unknown scheduler \"wlv\" "
                            "(there are: rr, wrr, lc, wlc, sh, mh)");
    EXPECT_EQ(error.code, std::errc::no_such_file_or_directory);
}

TEST_F(ClientTest, keeps_other_refusals_of_a_scheduler_it_knows) {
    kernel.refusals[HEADGATE_CMD_SET_SERVICE] = {ENOENT, "no such service", 0};
    EXPECT_EQ(
        client.set_service(test::key("tcp://10.0.0.1:80"), {.scheduler = "rr"}).error().text(),
        "cannot change service tcp://10.0.0.1:80: no such service");
}

TEST_F(ClientTest, walks_the_conns_until_it_is_stopped) {
    int seen = 0;
    const auto walk = client.list_conns({}, [&](const hg::Conn&) {
        seen++;
        return seen == 2 ? hg::Client::Next::Stop : hg::Client::Next::Go;
    });
    EXPECT_TRUE(walk.value().stopped);
    EXPECT_EQ(seen, 2);
    EXPECT_EQ(kernel.resets, 1);
    EXPECT_TRUE(client.info()); // what was left of the dump does not get in the way
}

TEST_F(ClientTest, does_not_repeat_a_walk_over_conns) {
    kernel.interruptions = 1;
    const auto walk = client.list_conns({}, [](const hg::Conn&) { return hg::Client::Next::Go; });
    EXPECT_TRUE(walk.value().duplicates);
    EXPECT_EQ(kernel.dumps, 1);
}

TEST_F(ClientTest, asks_for_each_change_once) {
    const auto service = test::key("tcp://10.0.0.1:80");
    const auto server = test::endpoint("10.1.0.2:80");
    EXPECT_TRUE(client.add_service(test::web_service().spec));
    EXPECT_TRUE(client.set_service(service, {.name = "www"}));
    EXPECT_TRUE(client.add_server(service, {.endpoint = server}));
    EXPECT_TRUE(client.set_server(service, server, {.weight = 0}));
    EXPECT_TRUE(client.del_server(service, server));
    EXPECT_TRUE(client.del_service(service));
    EXPECT_TRUE(client.flush());
    EXPECT_TRUE(client.sweep());
    EXPECT_TRUE(client.set_settings({.conn_limit = 1}));
    EXPECT_THAT(kernel.asked(),
                ElementsAre("new_service tcp://10.0.0.1:80", "set_service tcp://10.0.0.1:80",
                            "new_server tcp://10.0.0.1:80 10.1.0.2:80",
                            "set_server tcp://10.0.0.1:80 10.1.0.2:80",
                            "del_server tcp://10.0.0.1:80 10.1.0.2:80",
                            "del_service tcp://10.0.0.1:80", "flush", "sweep", "set_settings"));
}

} // namespace

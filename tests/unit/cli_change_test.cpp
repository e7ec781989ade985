#include "fake_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
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

TEST(ServiceAdd, sends_what_holds_for_its_conns) {
    Cli cli;
    EXPECT_EQ(cli("service add --timeout established=1h --timeout fin_wait=1500ms "
                  "--slow-start 30s --on-down reset tcp://10.0.0.9:80"),
              "");
    const auto sent = hg::decode_service(cli.host.kernel.changes.at(0).attributes).value().spec;
    hg::ServiceSpec want{.key = hg::test::key("tcp://10.0.0.9:80"), .scheduler = "wlc"};
    want.timeouts[HEADGATE_A_TIMEOUT_TCP_ESTABLISHED - 1] = 1h;
    want.timeouts[HEADGATE_A_TIMEOUT_TCP_FIN_WAIT - 1] = 1500ms;
    want.slow_start = 30s;
    want.on_down = hg::OnDown::Reset;
    EXPECT_EQ(sent, want);
}

TEST(ServiceSet, takes_a_timeout_back) {
    Cli cli;
    cli.host.kernel.services[0].spec.timeouts[HEADGATE_A_TIMEOUT_UDP - 1] = 30s;
    EXPECT_EQ(cli("service add tcp://10.0.0.1:80 --name web"), "");
    cli.host.kernel.changes.clear();
    EXPECT_EQ(cli("service set web --timeout udp=default"), "");
    hg::AttributeWriter want;
    want.nest(HEADGATE_A_SERVICE, [](hg::AttributeWriter& nest) {
        nest.u8(HEADGATE_A_SERVICE_FAMILY, 2)
            .u8(HEADGATE_A_SERVICE_PROTOCOL, 6)
            .bytes(HEADGATE_A_SERVICE_ADDRESS, hg::test::endpoint("10.0.0.1").address.bytes())
            .u16(HEADGATE_A_SERVICE_PORT, 80)
            .nest(HEADGATE_A_SERVICE_TIMEOUTS,
                  [](hg::AttributeWriter& inner) { inner.u32(HEADGATE_A_TIMEOUT_UDP, 0); });
    });
    EXPECT_EQ(cli.host.kernel.changes.at(0).attributes, std::move(want).take());
}

TEST(ServiceSet, refuses_bad_words) {
    const auto refused = [](const std::string& options) {
        Cli cli;
        auto out = cli("service set web " + options);
        EXPECT_EQ(cli.code, 2);
        EXPECT_THAT(cli.host.kernel.asked(), IsEmpty());
        return out;
    };
    EXPECT_EQ(refused("--timeout udp"), "headgate: \"udp\" is not STATE=DURATION\n");
    EXPECT_EQ(refused("--timeout tcp=1s"),
              "headgate: unknown timeout \"tcp\" (there are: none, established, syn_sent, "
              "syn_recv, fin_wait, time_wait, close, close_wait, last_ack, listen, synack, udp)\n");
    EXPECT_EQ(refused("--timeout udp=11d"),
              "headgate: timeout 11d is out of range: 100ms to 10d\n");
    EXPECT_EQ(refused("--slow-start 61m"), "headgate: slow start 61m is out of range: 0s to 1h\n");
    EXPECT_EQ(refused("--on-down drop"),
              "headgate: unknown on_down \"drop\" (there are: keep, reset, reschedule)\n");
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

TEST(ServerAdd, sends_thresholds) {
    const auto sent = server_change("server add web 10.1.0.9 --upper 100 --lower 60").spec;
    EXPECT_EQ(sent.upper, 100U);
    EXPECT_EQ(sent.lower, 60U);
    Cli cli;
    EXPECT_EQ(cli("server add web 10.1.0.9 --upper 1 --lower 2"),
              "headgate: cannot add server 10.1.0.9:80 to tcp://10.0.0.1:80: the lower threshold, "
              "2, is over the upper one, 1\n");
    EXPECT_EQ(cli("server set web 10.1.0.9 --upper 67108864"),
              "headgate: upper 67108864 is out of range: 0 to 67108863\n");
}

TEST(ServerSet, takes_both_thresholds_back) {
    Cli cli;
    EXPECT_EQ(cli("server set web 10.1.0.4 --upper 0"), "");
    hg::AttributeWriter want;
    want.nest(HEADGATE_A_SERVICE, [](hg::AttributeWriter& nest) {
        nest.u8(HEADGATE_A_SERVICE_FAMILY, 2)
            .u8(HEADGATE_A_SERVICE_PROTOCOL, 6)
            .bytes(HEADGATE_A_SERVICE_ADDRESS, hg::test::endpoint("10.0.0.1").address.bytes())
            .u16(HEADGATE_A_SERVICE_PORT, 80);
    });
    want.nest(HEADGATE_A_SERVER, [](hg::AttributeWriter& nest) {
        nest.u8(HEADGATE_A_SERVER_FAMILY, 2)
            .bytes(HEADGATE_A_SERVER_ADDRESS, hg::test::endpoint("10.1.0.4").address.bytes())
            .u32(HEADGATE_A_SERVER_UPPER, 0)
            .u32(HEADGATE_A_SERVER_LOWER, 0);
    });
    EXPECT_EQ(cli.host.kernel.changes.at(0).attributes, std::move(want).take());
}

TEST(ServerReset, is_sent) {
    Cli cli;
    EXPECT_EQ(cli("server reset web 10.1.0.4"), "");
    EXPECT_THAT(cli.host.kernel.asked(), ElementsAre("reset_server tcp://10.0.0.1:80 10.1.0.4"));
}

TEST(ServerDrain, sends_what_is_to_happen_at_the_end) {
    const auto sent =
        server_change("server drain web 10.1.0.4 --deadline 60s --then reset --remove");
    EXPECT_EQ(sent.drain, (hg::Drain{.then = hg::Then::Reset, .remove = true}));
    Cli cli;
    EXPECT_EQ(cli("server drain web 10.1.0.4 --then reset"),
              "headgate: --then needs --deadline: it is what happens then\n");
    EXPECT_EQ(cli("server drain web 10.1.0.4 --deadline 0s"),
              "headgate: deadline 0s is out of range: 1ms to 10d\n");
}

// A kernel whose first server drains, one conn after the other.
class Draining : public testing::Test {
protected:
    Draining() {
        auto& server = cli.host.kernel.servers[0];
        server.spec.admin_state = hg::AdminState::Drain;
        server.active = 2;
        server.inactive = 0;
    }

    hg::Server& server() { return cli.host.kernel.servers[0]; }

    Cli cli;
};

TEST_F(Draining, is_waited_for) {
    cli.host.meanwhile = [this] {
        if (--server().active == 0) {
            server().status = HEADGATE_STATUS_DRAINED;
        }
    };
    EXPECT_EQ(cli("server drain web 10.1.0.2:8080 --wait"),
              "drained\n2 conns left\n1 conns left\n");
    EXPECT_EQ(cli.code, 0);
}

TEST_F(Draining, that_ends_with_its_deadline_says_so) {
    cli.host.meanwhile = [this] { server().status = HEADGATE_STATUS_DRAINED; };
    EXPECT_EQ(cli("server drain web 10.1.0.2:8080 --deadline 1s --wait"),
              "the deadline passed, 2 conns left\n2 conns left\n");
    EXPECT_EQ(cli.code, 3);
}

TEST_F(Draining, says_what_its_deadline_killed) {
    cli.host.meanwhile = [this] {
        if (cli.host.clock >= 400ms) {
            server().active = 0;
            server().inactive = 2; // killed ones are remembered
            cli.host.kernel.conns.clear();
        }
    };
    EXPECT_EQ(cli("server drain web 10.1.0.2:8080 --deadline 300ms --then reset --wait"),
              "the deadline passed, 2 conns were killed\n2 conns left\n");
    EXPECT_EQ(cli.code, 0);
}

TEST_F(Draining, with_removal_says_what_its_deadline_killed) {
    cli.host.meanwhile = [this] {
        auto& servers = cli.host.kernel.servers;
        if (cli.host.clock == 400ms) {
            servers.erase(servers.begin());
        } else if (cli.host.clock == 600ms) {
            cli.host.kernel.conns.clear(); // which takes the kernel its time
        }
    };
    EXPECT_EQ(
        cli("-j server drain web 10.1.0.2:8080 --deadline 300ms --then reset --remove --wait"),
        "{\n"
        "  \"schema\": 1,\n"
        "  \"drained\": false,\n"
        "  \"conns_left\": 0,\n"
        "  \"conns_killed\": 2\n"
        "}\n");
    EXPECT_EQ(cli.code, 0);
    EXPECT_EQ(cli.host.clock, 600ms);
}

TEST_F(Draining, that_is_over_before_its_deadline_has_killed_nothing) {
    cli.host.meanwhile = [this] {
        server().active = 0;
        server().status = HEADGATE_STATUS_DRAINED;
    };
    EXPECT_EQ(cli("server drain web 10.1.0.2:8080 --deadline 300ms --then reset --wait"),
              "drained\n2 conns left\n");
}

TEST_F(Draining, waits_for_clients_that_affinity_remembers) {
    cli.host.kernel.services[0].spec.affinity.timeout = 10min;
    server().active = 0;
    cli.host.meanwhile = [this] { server().status = HEADGATE_STATUS_DRAINED; };
    EXPECT_EQ(cli("server drain web 10.1.0.2:8080 --wait"),
              "drained\n0 conns left, waiting for clients that affinity remembers\n");
}

TEST_F(Draining, that_is_taken_back_is_an_error) {
    cli.host.meanwhile = [this] { server().spec.admin_state = hg::AdminState::Ready; };
    EXPECT_EQ(cli("server drain web 10.1.0.2:8080 --wait"),
              "2 conns left\nheadgate: cannot wait for the drain of 10.1.0.2:8080: the drain was "
              "taken back: the server is ready\n");
    EXPECT_EQ(cli.code, 1);
}

TEST_F(Draining, with_removal_ends_when_the_server_is_gone) {
    cli.host.meanwhile = [this] {
        auto& servers = cli.host.kernel.servers;
        servers.erase(servers.begin());
        cli.host.kernel.conns.clear();
    };
    EXPECT_EQ(cli("server drain web 10.1.0.2:8080 --remove --wait"), "drained\n2 conns left\n");
    EXPECT_EQ(cli.code, 0);
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
    EXPECT_EQ(server_change("server drain web 10.1.0.2:8080").drain, hg::Drain{});
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

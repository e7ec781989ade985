// The command and the module together: services, servers, connections, settings.
#include "command.h"
#include "director.h"
#include "eventually.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/socket.h>

namespace {

using namespace hg::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class Command : public CommandTest {
protected:
    // Two servers behind a service named web.
    void set_up_web() const {
        does("service add tcp://192.0.2.1:80 --name web --scheduler rr");
        does("server add web 10.0.0.11 --weight 3");
        does("server add web 10.0.0.12:8080");
    }

    // The words of the line that begins with this word.
    [[nodiscard]] static std::vector<std::string> row(const std::string& text,
                                                      const std::string& first) {
        for (const auto& line : lines(text)) {
            if (auto cells = words(line); !cells.empty() && cells[0] == first) {
                return cells;
            }
        }
        return {};
    }

    [[nodiscard]] std::vector<std::string> shown(const std::string& server) const {
        return row(output("show web"), server);
    }
};

TEST_F(Command, shows_that_there_are_no_services) {
    EXPECT_EQ(output("show"), "there are no services\n");
    EXPECT_EQ(output("service list"), "there are no services\n");
    EXPECT_EQ(output("server list"), "there are no servers\n");
    EXPECT_THAT(json("show").at("services"), IsEmpty());
}

TEST_F(Command, shows_services_with_their_servers_as_a_tree) {
    set_up_web();
    EXPECT_EQ(output("show"), output(""));
    const auto text = output("show");
    EXPECT_THAT(text, StartsWith("SERVICE"));
    EXPECT_THAT(row(text, "tcp://192.0.2.1:80"),
                ElementsAre("tcp://192.0.2.1:80", "(web)", "rr", "0", "0"));
    EXPECT_THAT(shown("10.0.0.11:80"), ElementsAre("10.0.0.11:80", "nat", "3", "ready", "0", "0"));
    EXPECT_THAT(shown("10.0.0.12:8080"),
                ElementsAre("10.0.0.12:8080", "nat", "1", "ready", "0", "0"));
}

TEST_F(Command, marks_a_vip_that_is_on_no_interface) {
    does("service add tcp://192.0.2.1:80");
    does("service add tcp://192.0.2.77:80");
    const auto text = output("show");
    EXPECT_THAT(row(text, "tcp://192.0.2.77:80"), testing::Contains("VIP"));
    EXPECT_THAT(row(text, "tcp://192.0.2.1:80"), testing::Not(testing::Contains("VIP")));
    const auto services = json("show").at("services");
    EXPECT_EQ(services.at(0).at("vip_missing"), false);
    EXPECT_EQ(services.at(1).at("vip_missing"), true);
}

TEST_F(Command, changes_a_service) {
    set_up_web();
    does("service set web --scheduler mh --hash-port --name shop");
    const auto service = json("service list").at("services").at(0);
    EXPECT_EQ(service.at("name"), "shop");
    EXPECT_EQ(service.at("scheduler"), "mh");
    EXPECT_EQ(service.at("hash_port"), true);
    does("service set shop --no-hash-port");
    EXPECT_EQ(json("service list").at("services").at(0).at("hash_port"), false);
}

TEST_F(Command, keeps_clients_on_their_servers) {
    does("service add tcp://192.0.2.1:80 --name web --affinity 5m --affinity-prefix 24");
    const auto affinity = [&] { return json("service list").at("services").at(0).at("affinity"); };
    EXPECT_EQ(affinity().at("timeout_ms"), 300000);
    EXPECT_EQ(affinity().at("prefix"), 24);
    EXPECT_EQ(affinity().at("drained"), "keep");
    does("service set web --affinity-drained lose");
    EXPECT_EQ(affinity().at("timeout_ms"), 300000);
    EXPECT_EQ(affinity().at("drained"), "lose");
    EXPECT_THAT(row(output("service list"), "tcp://192.0.2.1:80"), testing::Contains("5m/24,lose"));
    EXPECT_TRUE(json("affinity list").at("affinities").empty());
    EXPECT_EQ(json("affinity count").at("total"), 0);
    EXPECT_EQ(output("affinity flush --service web"), "flushed 0 entries\n");
    does("settings set affinity_limit=1000");
    EXPECT_EQ(json("info").at("info").at("affinity_limit"), 1000);
    does("service set web --affinity off");
    EXPECT_TRUE(affinity().is_null());
}

TEST_F(Command, deletes_a_service_with_its_servers) {
    set_up_web();
    does("service del tcp://192.0.2.1:80");
    EXPECT_EQ(output("show"), "there are no services\n");
    EXPECT_EQ(output("server list"), "there are no servers\n");
}

TEST_F(Command, flushes_everything_in_one_generation) {
    set_up_web();
    does("service add udp://[2001:db8::1]:53");
    const auto before = generation();
    does("flush");
    EXPECT_EQ(generation(), before + 1);
    EXPECT_EQ(output("show"), "there are no services\n");
}

TEST_F(Command, changes_and_deletes_a_server) {
    set_up_web();
    does("server set web 10.0.0.11 --weight 7");
    EXPECT_THAT(shown("10.0.0.11:80"), ElementsAre("10.0.0.11:80", "nat", "7", "ready", "0", "0"));
    does("server set web 10.0.0.11 --forward tunnel");
    EXPECT_THAT(shown("10.0.0.11:80"), testing::Contains(StartsWith("tunnel")));
    does("server del web 10.0.0.11");
    EXPECT_THAT(shown("10.0.0.11:80"), IsEmpty());
    EXPECT_EQ(json("server list web").at("servers").size(), 1U);
}

TEST_F(Command, takes_a_server_out_and_back) {
    set_up_web();
    const auto state = [&] { return json("server list").at("servers").at(0); };
    does("server drain web 10.0.0.11");
    EXPECT_EQ(state().at("state"), "drain");
    EXPECT_EQ(state().at("effective_weight"), 0);
    does("server undrain web 10.0.0.11");
    EXPECT_EQ(state().at("state"), "ready");
    does("server maint web 10.0.0.11");
    EXPECT_EQ(state().at("state"), "maint");
    does("server ready web 10.0.0.11");
    EXPECT_EQ(state().at("effective_weight"), 3);
}

TEST_F(Command, masks_a_server_with_the_admins_bit_alone) {
    set_up_web();
    const hg::MaskedBits check{HEADGATE_DOWN_CHECK, HEADGATE_DOWN_CHECK};
    Kernel kernel(*place);
    const hg::ServiceKey key{hg::Protocol::Tcp, {address("192.0.2.1"), 80}};
    must(kernel->set_server(key, {address("10.0.0.11"), 80}, {.down = check}));
    does("server down web 10.0.0.11");
    EXPECT_THAT(shown("10.0.0.11:80"), testing::Contains(HasSubstr("down(admin+check)")));
    does("server up web 10.0.0.11");
    EXPECT_THAT(shown("10.0.0.11:80"), testing::Contains(HasSubstr("down(check)")));
}

TEST_F(Command, says_what_holds_for_the_conns_of_a_service) {
    set_up_web();
    does("service set web --timeout established=1h --timeout udp=30s --slow-start 20s "
         "--on-down reset");
    auto service = json("service list").at("services").at(0);
    EXPECT_EQ(service.at("timeouts"),
              nlohmann::json({{"established_ms", 3600000}, {"udp_ms", 30000}}));
    EXPECT_EQ(service.at("slow_start_ms"), 20000);
    EXPECT_EQ(service.at("on_down"), "reset");
    does("service set web --timeout established=default --slow-start 0s --on-down keep");
    service = json("service list").at("services").at(0);
    EXPECT_EQ(service.at("timeouts"), nlohmann::json({{"udp_ms", 30000}}));
    EXPECT_EQ(service.at("slow_start_ms"), 0);
    EXPECT_EQ(service.at("on_down"), "keep");
}

TEST_F(Command, shows_a_slow_start) {
    set_up_web();
    does("service set web --slow-start 1h");
    does("server add web 10.0.0.13");
    EXPECT_LT(json("server list").at("servers").at(2).at("ramp"), 0.1);
    EXPECT_THAT(output("show web"), HasSubstr("slow start 0%"));
}

TEST_F(Command, bounds_the_conns_of_a_server) {
    set_up_web();
    does("server set web 10.0.0.11 --upper 100 --lower 60");
    const auto server = json("server list").at("servers").at(0);
    EXPECT_EQ(server.at("upper"), 100);
    EXPECT_EQ(server.at("lower"), 60);
    EXPECT_EQ(server.at("overloaded"), false);
    refuses("server set web 10.0.0.11 --lower 101", 1,
            "cannot change server 10.0.0.11:80 of tcp://192.0.2.1:80: the lower threshold, 101, is "
            "over the upper one, 100 (server.lower)");
}

TEST_F(Command, takes_back_what_was_done_by_hand) {
    set_up_web();
    does("server down web 10.0.0.11");
    does("server drain web 10.0.0.11");
    does("server reset web 10.0.0.11");
    EXPECT_THAT(shown("10.0.0.11:80"), ElementsAre("10.0.0.11:80", "nat", "3", "ready", "0", "0"));
}

TEST_F(Command, replaces_only_when_asked) {
    set_up_web();
    does("server add web 10.0.0.11 --weight 4 --replace");
    EXPECT_EQ(json("server list").at("servers").at(0).at("weight"), 4);
    const auto before = generation();
    does("server add web 10.0.0.11 --weight 4 --replace");
    does("service add tcp://192.0.2.1:80 --scheduler rr --replace");
    EXPECT_EQ(generation(), before);
}

TEST_F(Command, works_in_the_namespace_it_is_told) {
    set_up_web();
    const auto got = run(words("headgate --netns command-test service list"));
    EXPECT_EQ(got.code, 0) << got.err;
    EXPECT_THAT(got.out, HasSubstr("tcp://192.0.2.1:80"));
    EXPECT_THAT(run(words("headgate service list")).out, testing::Not(HasSubstr("192.0.2.1:80")));
}

TEST_F(Command, says_that_a_namespace_is_not_there) {
    const auto got = run(words("headgate --netns nowhere show"));
    EXPECT_EQ(got.code, 1);
    EXPECT_EQ(got.err,
              "headgate: cannot enter network namespace \"nowhere\": there is none of this "
              "name (\"ip netns list\" has them)\n");
}

TEST_F(Command, refuses_what_is_no_name_of_a_namespace) {
    for (const auto* const name : {"..", "a/b"}) {
        const auto got = run({"headgate", "--netns", name, "show"});
        EXPECT_EQ(got.code, 2);
        EXPECT_EQ(got.err, fmt::format("headgate: cannot enter network namespace \"{}\": this "
                                       "cannot be a namespace's name\n",
                                       name));
    }
}

TEST_F(Command, gives_each_setting_and_changes_all_or_none) {
    does("settings set conn_limit=5000 timeout_udp=90s check_mark_first=0x10000 "
         "check_mark_last=0x1ffff");
    EXPECT_THAT(
        lines(output("settings get")),
        testing::IsSupersetOf({"conn_limit=5000", "timeout_udp=90s", "check_mark_first=0x10000",
                               "check_mark_last=0x1ffff", "timeout_tcp_established=15m"}));
    EXPECT_EQ(json("settings get").at("settings").at("timeouts").at("udp_ms"), 90000);
    const auto got = headgate("settings set conn_limit=7 check_mark_first=9 check_mark_last=8");
    EXPECT_EQ(got.code, 1) << got.err;
    EXPECT_THAT(lines(output("settings get")), testing::Contains("conn_limit=5000"));
}

TEST_F(Command, says_what_the_module_is_and_has) {
    set_up_web();
    const auto text = output("info");
    EXPECT_THAT(row(text, "schedulers"),
                ElementsAre("schedulers", "rr", "wrr", "lc", "wlc", "sh", "mh"));
    EXPECT_THAT(row(text, "servers"), ElementsAre("servers", "2"));
    EXPECT_THAT(row(text, "generation"), ElementsAre("generation", std::to_string(generation())));
    EXPECT_EQ(json("info").at("info").at("services"), 1);
}

TEST_F(Command, hints_at_accept_local_when_a_check_would_need_it) {
    place->ip("link add wire0 type veth peer name wire1\nlink set wire0 up\n");
    set_up_web();
    EXPECT_THAT(output("info"), testing::Not(HasSubstr("accept_local")));
    does("server add web 10.0.0.13 --forward direct");
    // Among them the tunnel devices that a kernel may have by itself.
    EXPECT_THAT(output("info"),
                testing::AllOf(HasSubstr("accept_local=1: "), HasSubstr("wire0 wire1\n")));
    place->sysctl("net/ipv4/conf/all/accept_local", "1");
    EXPECT_THAT(output("info"), testing::Not(HasSubstr("accept_local")));
    place->sysctl("net/ipv4/conf/all/accept_local", "0");
    place->ip("link del wire0\n");
}

TEST_F(Command, hints_at_send_redirects_of_one_arm) {
    place->ip("link add wire0 type veth peer name wire1\nlink set wire0 up\n"
              "address add 10.0.0.1/24 dev wire0\n");
    set_up_web();
    place->sysctl("net/ipv4/conf/all/send_redirects", "1");
    EXPECT_THAT(output("info"), testing::Not(HasSubstr("send_redirects"))); // the VIP is elsewhere
    place->ip("address add 192.0.2.1/32 dev wire0\n");
    EXPECT_THAT(output("info"), HasSubstr("conf.wire0.send_redirects=0)"));
    EXPECT_EQ(json("info").at("info").at("redirecting").at(0), "wire0");
    place->sysctl("net/ipv4/conf/all/send_redirects", "0");
    EXPECT_THAT(output("info"), HasSubstr("send_redirects")); // the interface's own
    place->sysctl("net/ipv4/conf/wire0/send_redirects", "0");
    EXPECT_THAT(output("info"), testing::Not(HasSubstr("send_redirects")));
    place->ip("link del wire0\n");
}

TEST_F(Command, tells_its_version_without_the_module) {
    EXPECT_THAT(output("version"), StartsWith("headgate "));
    EXPECT_TRUE(json("version").at("version").is_string());
}

// A client and a server on the director itself, so that there are connections to look at.
class CommandConns : public Command {
protected:
    CommandConns() {
        const auto inside = place->enter();
        listener_ = hg::Fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        client_ = hg::Fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        EXPECT_EQ(bind(listener_.get(), to_vip(), sizeof(vip_)), 0);
        EXPECT_EQ(listen(listener_.get(), 8), 0);
        does("service add tcp://192.0.2.1:80 --name web");
        does("server add web 192.0.2.1 --forward local");
        EXPECT_EQ(connect(client_.get(), to_vip(), sizeof(vip_)), 0);
    }

    const sockaddr* to_vip() {
        vip_.sin_family = AF_INET;
        vip_.sin_port = htons(80);
        inet_pton(AF_INET, "192.0.2.1", &vip_.sin_addr);
        return reinterpret_cast<const sockaddr*>(&vip_);
    }

    sockaddr_in vip_{};
    hg::Fd listener_;
    hg::Fd client_;
};

TEST_F(CommandConns, leave_entries_of_affinity) {
    does("service set web --affinity 5m");
    const auto inside = place->enter();
    const hg::Fd again(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(connect(again.get(), to_vip(), sizeof(vip_)), 0);
    const auto all = lines(output("affinity list"));
    ASSERT_EQ(all.size(), 2U);
    EXPECT_THAT(words(all[1]),
                testing::IsSupersetOf({"192.0.2.1/32", "tcp://192.0.2.1:80", "192.0.2.1:80"}));
    EXPECT_EQ(json("affinity list").at("affinities").size(), 1U);
    EXPECT_EQ(json("affinity count").at("total"), 1);
    EXPECT_EQ(output("affinity flush --service tcp://192.0.2.1:81"), "flushed 0 entries\n");
    EXPECT_EQ(output("affinity flush --service web"), "flushed 1 entry\n");
    EXPECT_EQ(json("affinity count").at("total"), 0);
}

TEST_F(CommandConns, are_listed) {
    const auto all = lines(output("conn list"));
    ASSERT_EQ(all.size(), 2U);
    const auto cells = words(all[1]);
    EXPECT_EQ(cells.at(1), "tcp://192.0.2.1:80");
    EXPECT_EQ(cells.at(2), "192.0.2.1:80");
    EXPECT_EQ(cells.at(3), "local");
    const auto conn = json("conn list").at("conns").at(0);
    EXPECT_EQ(conn.at("service"), "tcp://192.0.2.1:80");
    EXPECT_EQ(conn.at("forward"), "local");
}

TEST_F(CommandConns, are_listed_as_the_filters_say) {
    EXPECT_EQ(json("conn list --service web --server 192.0.2.1:80").at("listed"), 1);
    EXPECT_EQ(json("conn list --server 192.0.2.2").at("listed"), 0);
    EXPECT_EQ(json("conn list --client 192.0.2.9").at("listed"), 0);
    EXPECT_EQ(json("conn list --state udp").at("listed"), 0);
}

TEST_F(CommandConns, are_counted_by_service_server_and_state) {
    const auto count = json("conn count");
    EXPECT_EQ(count.at("total"), 1);
    EXPECT_EQ(count.at("groups").at(0).at("service"), "tcp://192.0.2.1:80");
    EXPECT_EQ(count.at("groups").at(0).at("server"), "192.0.2.1:80");
}

TEST_F(CommandConns, are_in_the_statistics) {
    const auto service = json("stats web").at("services").at(0);
    EXPECT_EQ(service.at("counters").at("conns"), 1);
    EXPECT_GE(service.at("counters").at("in_packets"), 2);
    EXPECT_GE(service.at("counters").at("in_bytes"), 2 * 40);
    const auto cells = row(output("stats"), "192.0.2.1:80");
    ASSERT_EQ(cells.size(), 6U);
    EXPECT_EQ(cells[1], "1");
    EXPECT_EQ(json("stats --rate --interval 100ms").at("services").at(0).at("service"),
              "tcp://192.0.2.1:80");
}

TEST_F(CommandConns, are_freed_by_a_sweep_when_they_are_over) {
    does("settings set timeout_tcp_close=100ms timeout_tcp_established=100ms "
         "timeout_tcp_syn_sent=100ms");
    const linger abort{.l_onoff = 1, .l_linger = 0};
    setsockopt(client_.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
    client_ = hg::Fd(); // by a RST
    EXPECT_TRUE(eventually([&] {
        does("conn sweep");
        return json("info").at("info").at("conns") == 0;
    }));
    does("settings set timeout_tcp_close=10s timeout_tcp_established=15m timeout_tcp_syn_sent=2m");
}

TEST_F(CommandConns, hold_up_a_drain_to_its_deadline) {
    const auto got = headgate("server drain web 192.0.2.1 --deadline 300ms --wait");
    EXPECT_EQ(got.code, 3);
    EXPECT_EQ(got.out, "the deadline passed, 1 conns left\n");
    EXPECT_EQ(got.err, "1 conns left\n");
    EXPECT_THAT(shown("192.0.2.1:80"), testing::Contains("drained"));
    EXPECT_EQ(json("server list").at("servers").at(0).at("drained"), true);
    does("server undrain web 192.0.2.1");
    EXPECT_THAT(shown("192.0.2.1:80"), testing::Contains("ready"));
}

TEST_F(CommandConns, outlive_a_server_that_is_removed_at_the_deadline) {
    const auto end = json("server drain web 192.0.2.1 --deadline 300ms --remove --wait", 3);
    EXPECT_EQ(end.at("drained"), false);
    EXPECT_EQ(end.at("conns_left"), 1);
    EXPECT_EQ(json("conn count").at("total"), 1);
    EXPECT_EQ(output("server list"), "there are no servers\n");
}

TEST_F(CommandConns, are_killed_by_a_deadline_that_says_so) {
    const auto got = headgate("server drain web 192.0.2.1 --deadline 300ms --then reset --wait");
    EXPECT_EQ(got.code, 0) << got.err;
    EXPECT_EQ(got.out, "the deadline passed, 1 conns were killed\n");
    EXPECT_EQ(got.err, "1 conns left\n");
}

TEST_F(CommandConns, are_killed_by_a_deadline_that_removes_their_server) {
    const auto end =
        json("server drain web 192.0.2.1 --deadline 300ms --then reset --remove --wait");
    EXPECT_EQ(end.at("drained"), false);
    EXPECT_EQ(end.at("conns_left"), 0);
    EXPECT_EQ(end.at("conns_killed"), 1);
    EXPECT_EQ(output("server list"), "there are no servers\n");
}

TEST_F(CommandConns, have_a_server_whose_thresholds_are_taken_back_as_one) {
    does("server set web 192.0.2.1 --upper 10 --lower 5");
    does("server set web 192.0.2.1 --upper 0");
    EXPECT_EQ(json("server list").at("servers").at(0).at("lower"), 0);
}

TEST_F(CommandConns, end_a_drain_with_their_end) {
    does("service set web --timeout close=100ms --timeout established=100ms");
    const linger abort{.l_onoff = 1, .l_linger = 0};
    setsockopt(client_.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
    client_ = hg::Fd(); // by a RST
    const auto got = headgate("server drain web 192.0.2.1 --wait");
    EXPECT_EQ(got.code, 0) << got.err;
    EXPECT_EQ(got.out, "drained\n");
}

TEST_F(CommandConns, end_with_their_service) {
    does("service del web");
    EXPECT_TRUE(eventually([&] { return json("conn count").at("total") == 0; }));
}

} // namespace

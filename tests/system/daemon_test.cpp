// headgated in the cluster: what it keeps of the kernel, when it ends, when its file changes.
#include "headgated.h"

#include "director.h"
#include "eventually.h"

#include <filesystem>
#include <fmt/format.h>
#include <future>
#include <gmock/gmock.h>
#include <poll.h>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using testing::HasSubstr;

const Way kNat{hg::Mode::Nat, hg::Family::V4};

constexpr const char* kReloadModule =
    "headgate module reload --lose-conns --file /opt/headgate/module/headgate.ko --back "
    "/opt/headgate/module/headgate.ko";

// A client's socket on its way to a VIP.
class Client {
public:
    Client(const Place& where, const hg::Endpoint& to) {
        const auto inside = where.enter();
        const auto address = to_sockaddr(to);
        fd_ = hg::Fd(socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        (void)connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    }

    [[nodiscard]] bool is_connected() const {
        pollfd end{.fd = fd_.get(), .events = POLLOUT, .revents = 0};
        return poll(&end, 1, 0) == 1 && (end.revents & (POLLERR | POLLHUP)) == 0;
    }

private:
    hg::Fd fd_;
};

TEST_F(Headgated, does_not_empty_the_pool_when_all_checks_fail) {
    start(kNat, "    panic_threshold: 50%\n");
    const Partitioned one(kNat.host(1));
    const Partitioned two(kNat.host(2));
    const Partitioned three(kNat.host(3));
    ASSERT_TRUE(eventually([] { return status()["services"][0]["panic"] == true; }, 30s));
    ASSERT_TRUE(eventually([] { return status()["services"][0]["healthy_weight"] == 0; }, 30s));
    EXPECT_TRUE(eventually([&] { return up() == kServers; }));
}

TEST_F(Headgated, sends_clients_to_the_fallback_while_no_server_is_left) {
    const Way other{hg::Mode::Direct, hg::Family::V4};
    start(kNat,
          fmt::format("    fallback: [{{ address: {}, forward: nat }}]\n", other.server(1).text()));
    {
        const Hung one(kNat.host(1));
        const Hung two(kNat.host(2));
        const Hung three(kNat.host(3));
        ASSERT_TRUE(eventually(
            [&] { return must(lab.kernel->list_servers()).size() == kServers + 1U; }, 30s));
        EXPECT_EQ(up(), 1);
        const auto servers = must(lab.kernel->list_servers());
        EXPECT_EQ(servers.back().spec.endpoint.address, other.server(1));
        EXPECT_EQ(servers.back().down, 0U);
    }
    EXPECT_TRUE(eventually([&] { return up() == kServers; }, 30s));
    EXPECT_TRUE(eventually([&] { return must(lab.kernel->list_servers()).size() == kServers; }));
}

TEST_F(Headgated, tells_when_the_quorum_is_lost_and_there_again) {
    const auto has_quorum = [] { return status()["services"][0]["quorum"] == true; };
    start(kNat, "    quorum: 3\n");
    EXPECT_TRUE(has_quorum());
    {
        const Hung one(kNat.host(1));
        EXPECT_TRUE(eventually([&] { return !has_quorum(); }, 30s));
    }
    EXPECT_TRUE(eventually(has_quorum, 30s));
}

TEST_F(Headgated, leaves_the_kernel_as_it_is_when_it_is_killed_and_started_again) {
    start(kNat);
    const auto before = generation();
    kill(SIGKILL);
    daemon = {};
    EXPECT_EQ(up(), kServers);
    EXPECT_EQ(generation(), before);
    start();
    EXPECT_TRUE(eventually([&] { return ask("status").code == 0; }));
    EXPECT_EQ(generation(), before);
}

TEST_F(Headgated, takes_over_the_mask_of_a_server_that_died_before) {
    start(kNat);
    const Hung hung(kNat.host(1));
    ASSERT_TRUE(eventually([&] { return up() == kServers - 1; }, 30s));
    const auto before = generation();
    kill(SIGKILL);
    daemon = {};
    start();
    const auto server = status()["services"][0]["servers"][0];
    EXPECT_EQ(server["health"], "down");
    EXPECT_EQ(generation(), before);
}

TEST_F(Headgated, ends_by_a_signal_and_changes_nothing) {
    start(kNat);
    const auto before = generation();
    daemon = {}; // SIGTERM
    EXPECT_EQ(generation(), before);
    EXPECT_FALSE(std::filesystem::exists(path("sock")));
}

TEST_F(Headgated, tells_the_parsers_text_when_a_reload_is_refused) {
    start(kNat);
    const auto before = generation();
    write("services:\n  - listen: tcp://10.1.0.100:80\n    sheduler: rr\n");
    const auto refused = ask("reload");
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err, HasSubstr("headgate.yaml:3:5: unknown key \"sheduler\""));
    EXPECT_EQ(generation(), before);
    EXPECT_EQ(up(), kServers);
}

TEST_F(Headgated, takes_a_new_file_with_a_reload) {
    start(kNat);
    configure(kNat, "    panic_threshold: 20%\n");
    EXPECT_EQ(ask("reload").code, 0);
    EXPECT_EQ(up(), kServers); // with their health
    write("services: []\n");
    EXPECT_EQ(ask("reload").code, 0);
    EXPECT_EQ(must(lab.kernel->info()).services, 0U);
}

TEST_F(Headgated, keeps_what_was_done_by_hand_until_a_reload_takes_it_back) {
    start(kNat);
    const hg::ServiceKey web{hg::Protocol::Tcp, {kNat.vip(), 80}};
    const auto server = [&](int number) {
        return must(lab.kernel->server(web, {kNat.server(number), 80}));
    };
    must(lab.kernel->set_server(web, {kNat.server(1), 80}, {.weight = 7}));
    must(lab.kernel->set_server(web, {kNat.server(2), 80}, {.admin_state = hg::AdminState::Maint}));
    must(
        lab.kernel->set_server(web, {kNat.server(3), 80},
                               {.down = hg::MaskedBits{HEADGATE_DOWN_ADMIN, HEADGATE_DOWN_ADMIN}}));
    EXPECT_EQ(ask("reload").code, 0);
    EXPECT_EQ(server(1).spec.weight, 7U);
    EXPECT_EQ(server(2).spec.admin_state, hg::AdminState::Maint);
    EXPECT_EQ(server(3).down, std::uint32_t{HEADGATE_DOWN_ADMIN});
    const auto before = generation();
    EXPECT_EQ(ask("reload --reset-overrides").code, 0);
    EXPECT_EQ(generation(), before + 1) << "at one moment";
    for (int i = 1; i <= kServers; i++) {
        EXPECT_EQ(server(i).spec.weight, 1U);
        EXPECT_EQ(server(i).spec.admin_state, hg::AdminState::Ready);
        EXPECT_EQ(server(i).overrides, 0U);
        EXPECT_EQ(server(i).down, 0U);
    }
    EXPECT_EQ(ask("reload --reset-overrides").code, 0);
    EXPECT_EQ(generation(), before + 1) << "there is nothing more to take back";
}

TEST_F(Headgated, has_its_configuration_and_the_admin_s_back_after_another_module) {
    start(kNat);
    const hg::ServiceKey web{hg::Protocol::Tcp, {kNat.vip(), 80}};
    must(lab.kernel->set_server(web, {kNat.server(1), 80}, {.weight = 7}));
    const auto reloaded = lab.director.run(words(kReloadModule));
    EXPECT_EQ(reloaded.code, 0) << reloaded.err;
    lab.kernel.open(lab.director);
    EXPECT_EQ(up(), kServers);
    const auto server = must(lab.kernel->server(web, {kNat.server(1), 80}));
    EXPECT_EQ(server.spec.weight, 7U);
    EXPECT_EQ(server.managed, hg::Managed{});
    // The daemon finds it as it is to be.
    EXPECT_TRUE(eventually([] { return status()["module"] == "present"; }, 30s));
    EXPECT_TRUE(eventually([&] { return must(lab.kernel->info()).heartbeat.has_value(); }, 30s));
    EXPECT_EQ(must(lab.kernel->server(web, {kNat.server(1), 80})).spec.weight, 7U);
    EXPECT_EQ(up(), kServers);
}

// Real stacks: a SYN that meets the gap is sent again a second later.
TEST_F(Headgated, loses_no_client_that_connects_while_the_module_is_replaced) {
    start(kNat);
    auto command =
        std::async(std::launch::async, [&] { return lab.director.run(words(kReloadModule)); });
    std::vector<Client> clients;
    while (command.wait_for(10ms) != std::future_status::ready) {
        clients.emplace_back(lab.client, hg::Endpoint{kNat.vip(), 80});
    }
    const auto reloaded = command.get();
    EXPECT_EQ(reloaded.code, 0) << reloaded.err;
    for (const auto& client : clients) {
        EXPECT_TRUE(eventually([&] { return client.is_connected(); }, 30s));
    }
}

TEST_F(Headgated, takes_a_new_file_with_a_signal) {
    start(kNat);
    write("services: nonsense\n");
    kill(SIGHUP);
    EXPECT_TRUE(eventually(
        [] { return log().find("the configuration stays as it was: ") != std::string::npos; }));
    EXPECT_EQ(up(), kServers);
    write("services: []\n");
    kill(SIGHUP);
    EXPECT_TRUE(eventually([&] { return must(lab.kernel->info()).services == 0; }));
}

TEST_F(Headgated, is_the_only_one_in_its_namespace) {
    start(kNat);
    const auto second = lab.director.run(
        {"headgated", "--config", path("headgate.yaml"), "--socket", "/run/elsewhere.sock"});
    EXPECT_EQ(second.code, 1);
    EXPECT_THAT(second.err, HasSubstr(fmt::format("another headgated, pid {}, has this network "
                                                  "namespace",
                                                  daemon.pid())));
}

TEST_F(Headgated, is_said_to_be_gone_when_it_is) {
    start(kNat);
    EXPECT_THAT(lab.director.run(words("headgate info")).out, HasSubstr("kept by headgated"));
    daemon = {};
    EXPECT_TRUE(eventually(
        [&] {
            const auto shown = lab.director.run(words("headgate show")).out;
            return shown.find("daemon gone") != std::string::npos;
        },
        30s));
}

TEST_F(Headgated, says_how_soon_a_failure_is_seen) {
    write(
        "services:\n  - listen: tcp://10.1.0.100:80\n    check: { type: tcp, interval: 1s, "
        "timeout: 500ms, fast_interval: 200ms, fall: 2 }\n    servers: [{ address: 10.1.1.11 }]\n");
    const auto checked =
        lab.director.run({"headgated", "--config", path("headgate.yaml"), "--check-config"});
    EXPECT_EQ(checked.code, 0) << checked.err;
    EXPECT_EQ(checked.out, "tcp://10.1.0.100:80: tcp check, a failure is seen within 2300 ms\n");
}

} // namespace

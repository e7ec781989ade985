// headgated follows the load: a busy server gets fewer of the clients' connections, and gets them
// back.
#include "director.h"
#include "eventually.h"
#include "headgated.h"

#include <arpa/inet.h>
#include <atomic>
#include <deque>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <thread>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::uint16_t kLoadPort = 8777;
constexpr Way kWay{hg::Mode::Nat, hg::Family::V4};

void check(int result, const char* what) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
}

// Tells something to each who connects to a host, on the load's port.
class Teller {
public:
    using Answer = std::function<std::string()>;

    // What comes is read up to REQUEST_END before.
    Teller(const std::string& host, Answer answer, std::string request_end = "")
        : answer_(std::move(answer)), request_end_(std::move(request_end)),
          listener_(listen_at(host)), thread_([this] { serve(); }) {}

    Teller(const Teller&) = delete;
    Teller& operator=(const Teller&) = delete;

    ~Teller() {
        shutdown(listener_.get(), SHUT_RDWR); // whoever accepts is woken by that
        thread_.join();
    }

private:
    static hg::Fd listen_at(const std::string& host) {
        const auto place = Place::existing(host);
        const auto inside = place.enter();
        hg::Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const int yes = 1;
        check(setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)), "setsockopt");
        const auto at = to_sockaddr({address("0.0.0.0"), kLoadPort});
        check(bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(sockaddr_in)), "bind");
        check(listen(fd.get(), SOMAXCONN), "listen");
        return fd;
    }

    void serve() {
        for (;;) {
            const hg::Fd peer(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!peer.valid()) {
                return;
            }
            read_request(peer);
            const auto text = answer_();
            (void)send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL);
        }
    }

    void read_request(const hg::Fd& peer) const {
        std::string request;
        std::array<char, 1024> bytes{};
        while (!request.ends_with(request_end_)) {
            const auto size = recv(peer.get(), bytes.data(), bytes.size(), 0);
            if (size <= 0) {
                return;
            }
            request.append(bytes.data(), static_cast<std::size_t>(size));
        }
    }

    Answer answer_;
    std::string request_end_;
    hg::Fd listener_;
    std::thread thread_;
};

// An agent that says how many per cent it is told to.
struct Agent {
    explicit Agent(int number)
        : teller(kWay.host(number),
                 [this] { return fmt::format("up ready {}% maxconn:30\n", percent.load()); }) {}

    std::atomic<int> percent{100};
    Teller teller;
};

// What a node_exporter says of a host with one CPU, of which that share is used.
struct Exporter {
    explicit Exporter(int number)
        : teller(
              kWay.host(number), [this] { return reply(); }, "\r\n\r\n") {}

    std::string reply() {
        idle += 1 - busy.load();
        used += busy.load();
        return fmt::format("HTTP/1.0 200 OK\r\n\r\n# HELP node_load1 1m load average.\n"
                           "node_load1 0\n"
                           "node_cpu_seconds_total{{cpu=\"0\",mode=\"idle\"}} {}\n"
                           "node_cpu_seconds_total{{cpu=\"0\",mode=\"user\"}} {}\n",
                           idle, used);
    }

    std::atomic<double> busy{0.1};
    double idle = 0;
    double used = 0;
    Teller teller;
};

class Load : public Headgated {
protected:
    void start(std::string_view scheduler, std::string_view source,
               std::string_view times = "interval: 500ms, timeout: 400ms") {
        auto text = fmt::format("services:\n  - name: web\n    listen: tcp://{}:80\n"
                                "    scheduler: {}\n    hash_port: true\n"
                                "    load: {{ type: {}, port: {}, {} }}\n    servers:\n",
                                kWay.vip().text(), scheduler, source, kLoadPort, times);
        for (int i = 1; i <= kServers; i++) {
            text += fmt::format("      - {{ address: {}:80 }}\n", kWay.server(i).text());
        }
        write(text);
        start_daemon();
    }

    // It has heard of each server.
    void start_daemon() {
        Headgated::start();
        ASSERT_TRUE(eventually([&] { return is_heard(); }, kLong));
    }

    [[nodiscard]] bool is_heard() const {
        const auto status = nlohmann::json::parse(ask("-j status").out, nullptr, false);
        if (!status.is_object()) {
            return false;
        }
        const auto& servers = status["services"][0]["servers"];
        return std::all_of(servers.begin(), servers.end(),
                           [](const auto& each) { return each["load"].contains("age_ms"); });
    }

    static hg::Endpoint server(int number) { return {kWay.server(number), 80}; }

    [[nodiscard]] std::uint32_t factor(int number) const {
        return must(lab.kernel->server(kKey, server(number))).factor;
    }

    [[nodiscard]] std::uint32_t down(int number) const {
        return must(lab.kernel->server(kKey, server(number))).down;
    }

    // At a tenth of the whole weight a second.
    [[nodiscard]] bool becomes(int number, std::uint32_t least, std::uint32_t most) const {
        return eventually(
            [&] {
                const auto now = factor(number);
                return now >= least && now <= most;
            },
            kLong);
    }

    [[nodiscard]] std::vector<std::uint64_t> conns() const {
        std::vector<std::uint64_t> out;
        for (int i = 1; i <= kServers; i++) {
            out.push_back(must(lab.kernel->server(kKey, server(i))).counters.conns);
        }
        return out;
    }

    // How many of the client's next connections go to the first server, in per cent.
    [[nodiscard]] double share_of_first() const {
        const auto before = conns();
        const auto inside = lab.client.enter();
        const auto vip = to_sockaddr({kWay.vip(), 80});
        for (int i = 0; i < kConns; i++) {
            const hg::Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
            check(connect(fd.get(), reinterpret_cast<const sockaddr*>(&vip), sizeof(sockaddr_in)),
                  "connect");
        }
        return 100.0 * static_cast<double>(conns()[0] - before[0]) / kConns;
    }

    static constexpr int kConns = 300;
    static constexpr std::chrono::milliseconds kLong{40s};
    const hg::ServiceKey kKey{hg::Protocol::Tcp, {kWay.vip(), 80}};
};

class LoadBy : public Load, public testing::WithParamInterface<const char*> {};

// By mh a client's port decides, so chance has a part: three deviations of a share are 8 per cent.
TEST_P(LoadBy, takes_connections_from_a_busy_server_and_gives_them_back) {
    std::deque<Agent> agents;
    for (int i = 1; i <= kServers; i++) {
        agents.emplace_back(i);
    }
    start(GetParam(), "agent");
    EXPECT_NEAR(share_of_first(), 33.3, 8);
    EXPECT_THAT(ask("status").out, HasSubstr("agent: up ready 100% maxconn:30"));
    agents[0].percent = 25;
    ASSERT_TRUE(becomes(1, 250, 250));
    EXPECT_NEAR(share_of_first(), 11.1, 6);
    EXPECT_EQ(factor(2), 1000U);
    agents[0].percent = 100;
    ASSERT_TRUE(becomes(1, 1000, 1000));
    EXPECT_NEAR(share_of_first(), 33.3, 8);
}

INSTANTIATE_TEST_SUITE_P(Schedulers, LoadBy, testing::Values("wrr", "mh"),
                         [](const auto& scheduler) { return std::string(scheduler.param); });

TEST_F(Load, follows_what_node_exporters_say_beside_the_mean) {
    std::deque<Exporter> exporters;
    for (int i = 1; i <= kServers; i++) {
        exporters.emplace_back(i);
    }
    exporters[0].busy = 1; // the mean is 0.4
    start("wrr", "node_exporter");
    ASSERT_TRUE(becomes(1, 400, 450));
    EXPECT_EQ(factor(2), 1000U);
    EXPECT_NEAR(share_of_first(), 16.7, 4);
    EXPECT_THAT(ask("status").out, HasSubstr("10.1.1.12:8777"));
    exporters[0].busy = 0.1;
    EXPECT_TRUE(becomes(1, 600, 1000));
}

TEST_F(Load, leaves_the_factors_as_they_are_when_it_is_killed_and_started_again) {
    std::deque<Agent> agents;
    for (int i = 1; i <= kServers; i++) {
        agents.emplace_back(i);
    }
    agents[0].percent = 50;
    start("wrr", "agent");
    ASSERT_TRUE(becomes(1, 500, 500));
    const auto before = generation();
    kill(SIGKILL);
    daemon = {};
    EXPECT_EQ(factor(1), 500U);
    start_daemon();
    EXPECT_EQ(ask("reload").code, 0);
    EXPECT_EQ(factor(1), 500U);
    EXPECT_EQ(generation(), before);
}

// The agent that comes with Headgate, run for each connection as its socket unit does.
TEST_F(Load, does_what_headgate_agent_s_admin_wants) {
    std::deque<Background> agents;
    for (int i = 1; i <= kServers; i++) {
        agents.push_back(
            Place::existing(kWay.host(i))
                .start({"socat", fmt::format("TCP-LISTEN:{},fork,reuseaddr", kLoadPort),
                        fmt::format("EXEC:headgate-agent --drain {}{} --maint {}{}", path("drain"),
                                    i, path("maint"), i)}));
    }
    start("wrr", "agent", "interval: 3s, timeout: 2500ms"); // it measures for 200 ms
    EXPECT_GT(factor(1), 0U);
    std::ofstream(path("drain1")) << "kernel update\n";
    EXPECT_TRUE(becomes(1, 0, 0));
    std::filesystem::rename(path("drain1"), path("maint1"));
    EXPECT_TRUE(eventually([&] { return down(1) == HEADGATE_DOWN_AGENT; }, kLong));
    const auto status = ask("status");
    EXPECT_EQ(status.code, 3);
    EXPECT_THAT(status.out, HasSubstr("masked by its agent"));
    EXPECT_THAT(status.out, HasSubstr("#kernel update"));
    std::filesystem::remove(path("maint1"));
    EXPECT_TRUE(eventually([&] { return down(1) == 0; }, kLong));
    EXPECT_TRUE(becomes(1, 1, 1000));
}

} // namespace

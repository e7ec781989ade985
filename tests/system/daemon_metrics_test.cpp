// What headgated tells those who watch: /metrics, /healthz, on_change, the lines at its socket.
#include "prometheus_text.h"

#include "eventually.h"
#include "headgated.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

const Way kNat{hg::Mode::Nat, hg::Family::V4};

class Watched : public Headgated {
protected:
    [[nodiscard]] Outcome get(const std::string& path) const {
        return lab.director.run(
            words("curl -sS -m 20 -w %{http_code} http://127.0.0.1:10469" + path));
    }

    [[nodiscard]] PrometheusText scrape() const {
        const auto got = get("/metrics").out;
        const auto end = got.rfind('\n');
        EXPECT_EQ(got.substr(end + 1), "200");
        return read_prometheus(got.substr(0, end + 1));
    }

    static std::string server(int number) {
        return fmt::format(R"({{namespace="director",service="web",server="{}:80"}})",
                           kNat.server(number).text());
    }
};

TEST_F(Watched, metrics_say_what_the_kernel_does) {
    start(kNat);
    for (int i = 0; i < 2 * kServers; i++) {
        ASSERT_EQ(lab.client.run(words("curl -gsS -m 5 -o /dev/null " + kNat.url(""))).code, 0);
    }
    const auto got = scrape();
    EXPECT_THAT(got.faults, IsEmpty());
    for (int i = 1; i <= kServers; i++) {
        EXPECT_EQ(got.at("headgate_server_connections_total" + server(i)), 2);
        EXPECT_GT(got.at("headgate_server_out_bytes_total" + server(i)), 1000);
        EXPECT_EQ(got.at("headgate_server_up" + server(i)), 1);
        EXPECT_EQ(got.at("headgate_check_healthy" + server(i)), 1);
    }
    EXPECT_EQ(got.at(R"(headgate_service_connections_total{namespace="director",service="web"})"),
              2 * kServers);
    EXPECT_EQ(got.at(R"(headgate_module_loaded{namespace="director"})"), 1);
    EXPECT_LT(got.at(R"(headgate_heartbeat_age_seconds{namespace="director"})"), 15);
    EXPECT_EQ(get("/healthz").out, "ok\n200");
}

TEST_F(Watched, metrics_follow_a_failure) {
    start(kNat);
    const Hung hung(kNat.host(2));
    ASSERT_TRUE(eventually([&] { return up() == kServers - 1; }, 30s));
    const auto got = scrape();
    EXPECT_EQ(got.at("headgate_server_up" + server(2)), 0);
    EXPECT_EQ(got.at("headgate_check_healthy" + server(2)), 0);
    EXPECT_EQ(got.at(R"(headgate_changes_total{namespace="director",change="server_down"})"), 1);
}

TEST_F(Watched, metrics_are_where_the_file_says) {
    configure(kNat, "daemon: { metrics: 10.1.0.1:8080 }\n");
    start();
    EXPECT_EQ(lab.client.run(words("curl -sS -m 5 http://10.1.0.1:8080/healthz")).out, "ok\n");
    EXPECT_NE(get("/healthz").code, 0);
    configure(kNat, "daemon: { metrics: none }\n");
    ASSERT_EQ(ask("reload").code, 0);
    EXPECT_NE(lab.client.run(words("curl -sS -m 5 http://10.1.0.1:8080/healthz")).code, 0);
}

TEST_F(Watched, healthz_says_that_the_module_is_gone) {
    start(kNat);
    {
        const WithoutModule without;
        EXPECT_TRUE(eventually(
            [&] { return get("/healthz").out == "the kernel module is not there\n503"; }, 30s));
        EXPECT_EQ(scrape().at(R"(headgate_module_loaded{namespace="director"})"), 0);
    }
    lab.kernel.open(lab.director);
    EXPECT_TRUE(eventually([&] { return get("/healthz").out == "ok\n200"; }, 30s));
}

// By the command, as a program would read it.
TEST_F(Watched, socket_tells_of_a_server_that_fails_and_of_the_daemon_s_end) {
    start(kNat);
    const auto watcher =
        lab.director.start({"sh", "-c", "exec headgate -j status --watch --socket \"$0\" >\"$1\"",
                            path("sock"), path("lines")});
    const auto wanted = fmt::format("{}:80", kNat.server(2).text());
    // What the lines say of that server, in their order.
    const auto heard = [&] {
        std::ifstream file(path("lines"));
        std::vector<std::string> out;
        const auto add = [&](const std::string& word) {
            if (out.empty() || out.back() != word) {
                out.push_back(word);
            }
        };
        for (std::string text; std::getline(file, text);) {
            const auto line = nlohmann::json::parse(text, nullptr, false);
            if (line.contains("status")) {
                add(line["status"]["services"][0]["servers"][1]["health"]);
            } else if (line.contains("error")) {
                add(line["error"]["reason"]);
            } else if (line.value("server", "") == wanted) {
                add(line.value("event", ""));
            }
        }
        return out;
    };
    ASSERT_TRUE(eventually([&] { return heard() == std::vector<std::string>{"up"}; }, 30s));
    const Hung hung(kNat.host(2));
    const std::vector<std::string> failed{"up", "server_down", "down"};
    EXPECT_TRUE(eventually([&] { return heard() == failed; }, 30s));
    daemon = {};
    EXPECT_TRUE(eventually([&] { return heard().back() == "it has hung up"; }, 30s));
}

TEST_F(Watched, on_change_hears_of_failures) {
    configure(kNat,
              fmt::format("daemon: {{ on_change: [ /bin/sh, -c, 'cat >>\"$1\"', sh, {} ] }}\n",
                          path("events")));
    start();
    ASSERT_TRUE(eventually([&] { return up() == kServers; }, 30s));
    const Hung hung(kNat.host(2));
    const auto heard = [&] {
        std::ifstream file(path("events"));
        std::vector<std::string> out;
        for (std::string line; std::getline(file, line);) {
            const auto event = nlohmann::json::parse(line, nullptr, false);
            out.push_back(event.value("event", "") + " " + event.value("server", ""));
        }
        return out;
    };
    const auto wanted = fmt::format("server_down {}:80", kNat.server(2).text());
    EXPECT_TRUE(eventually(
        [&] {
            const auto events = heard();
            return std::find(events.begin(), events.end(), wanted) != events.end();
        },
        30s));
}

} // namespace

#include "metrics.h"

#include "daemon_kernel.h"
#include "notes.h"
#include "prometheus_text.h"
#include "snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

using namespace std::chrono_literals;
using hg::test::PrometheusText;
using test::FakeKernel;
using testing::Contains;
using testing::IsEmpty;
using testing::Not;

Config config_of(int services, int servers) {
    Config out;
    for (int i = 0; i < services; i++) {
        PoolConfig pool;
        pool.service.key.endpoint.address =
            *parse_address("10.0." + std::to_string(i / 200) + "." + std::to_string(1 + i % 200));
        pool.service.key.endpoint.port = 80;
        pool.service.scheduler = "wlc";
        pool.service.name = i == 0 ? "web" : "";
        HealthCheck check;
        check.rise = check.fall = 1;
        pool.care.check = check;
        for (int j = 1; j <= servers; j++) {
            ServerSpec server;
            server.endpoint = *parse_endpoint("10.1.0." + std::to_string(j) + ":80");
            server.weight = 3;
            pool.servers.push_back(server);
        }
        out.services.push_back(pool);
    }
    return out;
}

Config followed_by(LoadSource source) {
    auto out = config_of(1, 2);
    out.services[0].care.load = LoadSpec{.source = source, .interval = 1s, .timeout = 500ms};
    return out;
}

std::string text_of(Exposition exposition) {
    std::string out;
    while (const auto piece = exposition.next()) {
        out += *piece;
    }
    return out;
}

class MetricsTest : public testing::Test {
protected:
    void load(const Config& config) { ASSERT_TRUE(engine.load(config, now)); }

    [[nodiscard]] Observed observed() {
        auto running = *kernel.read();
        Info info;
        info.version = "2.0";
        info.generation = running.generation;
        info.services = static_cast<std::uint32_t>(running.services.size());
        info.conns = 12;
        info.conn_limit = 1000;
        info.drops = {{1, "no_server", 5}};
        info.heartbeat = Heartbeat{5s, 1500ms};
        return {info, std::move(running)};
    }

    [[nodiscard]] std::string scrape(std::optional<Observed> seen, const char* netns = "") {
        const Moment moment{now, std::chrono::system_clock::time_point(1000s)};
        return text_of(Exposition(snapshot_of(engine, std::move(seen), own, netns, moment)));
    }

    [[nodiscard]] PrometheusText read(const char* netns = "") {
        auto out = hg::test::read_prometheus(scrape(observed(), netns));
        EXPECT_THAT(out.faults, IsEmpty());
        return out;
    }

    FakeKernel kernel;
    test::Silent silent;
    Engine engine{kernel, silent};

    [[nodiscard]] LoadFeed& feed(std::size_t member) {
        return *engine.watch().pools[0].members[member].feed;
    }

    // A reading of one CPU that is used by that share, a second after the one before.
    void scraped(LoadFeed& of, double busy) {
        clock.total += 1;
        clock.idle += 1 - busy;
        engine.scraped(
            of, NodeMetrics{.load1 = 0.5, .cpus = {{"0", clock}}, .memory_available = 0.75}, now);
    }

    CpuTime clock;
    WholeRow own{.labels = {}, .version = "1.0"};
    TimePoint now{100s};
};

TEST_F(MetricsTest, have_names_and_units_as_prometheus_wants_them) {
    load(config_of(2, 2));
    const auto got = read();
    for (const auto& name : metric_names()) {
        EXPECT_TRUE(name.starts_with("headgate_")) << name;
    }
    EXPECT_GT(got.types.size(), 40U);
}

TEST_F(MetricsTest, say_what_the_kernel_counts_of_each_server_and_service) {
    load(config_of(2, 2));
    kernel.servers[0].counters = {7, 70, 7000, 60, 6000};
    kernel.servers[0].active = 4;
    kernel.servers[0].inactive = 3;
    kernel.servers[0].effective_weight = 640;
    kernel.servers[0].factor = 833;
    kernel.services[0].counters.in_bytes = 9007199254740991;
    const auto got = read();
    const std::string labels = R"({service="web",server="10.1.0.1:80"})";
    EXPECT_EQ(got.at("headgate_server_connections_total" + labels), 7);
    EXPECT_EQ(got.at("headgate_server_in_packets_total" + labels), 70);
    EXPECT_EQ(got.at("headgate_server_in_bytes_total" + labels), 7000);
    EXPECT_EQ(got.at("headgate_server_out_packets_total" + labels), 60);
    EXPECT_EQ(got.at("headgate_server_out_bytes_total" + labels), 6000);
    EXPECT_EQ(got.at("headgate_server_active_connections" + labels), 4);
    EXPECT_EQ(got.at("headgate_server_inactive_connections" + labels), 3);
    EXPECT_EQ(got.at("headgate_server_weight" + labels), 3);
    EXPECT_EQ(got.at("headgate_server_factor_ratio" + labels), 0.833);
    EXPECT_EQ(got.at("headgate_server_effective_weight" + labels), 2.5);
    EXPECT_EQ(got.at(R"(headgate_service_in_bytes_total{service="web"})"), 9007199254740991);
    EXPECT_EQ(got.at(R"(headgate_service_info{service="tcp://10.0.0.2:80",)"
                     R"(listen="tcp://10.0.0.2:80",scheduler="wlc"})"),
              1);
}

TEST_F(MetricsTest, say_who_masks_a_server) {
    load(config_of(1, 2));
    kernel.servers[0].down = HEADGATE_DOWN_ADMIN | HEADGATE_DOWN_AGENT;
    kernel.servers[1].down = 0;
    const auto got = read();
    const auto masked = [&](const std::string& by) {
        return got.at(R"(headgate_server_masked{service="web",server="10.1.0.1:80",by=")" + by +
                      "\"}");
    };
    EXPECT_EQ(masked("admin"), 1);
    EXPECT_EQ(masked("check"), 0);
    EXPECT_EQ(masked("agent"), 1);
    EXPECT_EQ(masked("outlier"), 0);
    EXPECT_EQ(got.at(R"(headgate_server_overridden{service="web",server="10.1.0.1:80"})"), 1);
    EXPECT_EQ(got.at(R"(headgate_server_overridden{service="web",server="10.1.0.2:80"})"), 0);
    EXPECT_EQ(got.at(R"(headgate_server_up{service="web",server="10.1.0.1:80"})"), 0);
    EXPECT_EQ(got.at(R"(headgate_server_up{service="web",server="10.1.0.2:80"})"), 1);
}

TEST_F(MetricsTest, say_what_became_of_checks) {
    load(config_of(1, 2));
    auto& probe = *engine.watch().pools[0].members[0].probe;
    const std::string labels = R"(service="web",server="10.1.0.1:80")";
    EXPECT_EQ(read().count("headgate_check_healthy{" + labels), 0U); // not known yet
    engine.result(probe, {true, ""}, 5ms, now);
    engine.result(probe, {true, ""}, 30ms, now);
    engine.result(probe, {false, ""}, 1200ms, now - 10s);
    const auto got = read();
    EXPECT_EQ(got.at("headgate_check_healthy{" + labels + "}"), 0);
    EXPECT_EQ(got.at("headgate_check_results_total{" + labels + R"(,result="success"})"), 2);
    EXPECT_EQ(got.at("headgate_check_results_total{" + labels + R"(,result="failure"})"), 1);
    EXPECT_EQ(got.at("headgate_check_transitions_total{" + labels + R"(,to="up"})"), 1);
    EXPECT_EQ(got.at("headgate_check_transitions_total{" + labels + R"(,to="down"})"), 1);
    EXPECT_EQ(got.at("headgate_check_last_timestamp_seconds{" + labels + "}"), 990);
    EXPECT_EQ(got.at("headgate_check_last_duration_seconds{" + labels + "}"), 1.2);
    const auto bucket = [&](const std::string& bound) {
        return got.at("headgate_check_duration_seconds_bucket{" + labels + ",le=\"" + bound +
                      "\"}");
    };
    EXPECT_EQ(bucket("0.001"), 0);
    EXPECT_EQ(bucket("0.005"), 1); // the bound is in it
    EXPECT_EQ(bucket("0.05"), 2);
    EXPECT_EQ(bucket("1"), 2);
    EXPECT_EQ(bucket("5"), 3);
    EXPECT_EQ(bucket("+Inf"), 3);
    EXPECT_EQ(got.at("headgate_check_duration_seconds_count{" + labels + "}"), 3);
    EXPECT_NEAR(got.at("headgate_check_duration_seconds_sum{" + labels + "}"), 1.235, 1e-9);
}

TEST_F(MetricsTest, say_how_nodes_are) {
    auto config = config_of(1, 1);
    config.nodes.push_back({"storage", *parse_address("10.9.0.10"), HealthCheck{}});
    load(config);
    engine.result(*engine.watch().nodes[0].probe, {true, ""}, 5ms, now);
    EXPECT_EQ(read().at(R"(headgate_check_healthy{node="storage"})"), 1);
}

TEST_F(MetricsTest, say_what_the_daemon_did) {
    load(config_of(1, 1));
    own.changes[static_cast<std::size_t>(ChangeKind::ServerDown)] = 3;
    own.commits.stale = 2;
    own.hooks = {.successes = 4, .failures = 3, .dropped = 2};
    own.lateness.add(3ms);
    const auto got = read();
    EXPECT_EQ(got.at(R"(headgate_changes_total{change="server_down"})"), 3);
    EXPECT_EQ(got.at(R"(headgate_transactions_total{result="stale"})"), 2);
    EXPECT_EQ(got.at(R"(headgate_on_change_runs_total{result="dropped"})"), 2);
    EXPECT_EQ(got.at(R"(headgate_check_lateness_seconds_bucket{le="0.005"})"), 1);
    EXPECT_EQ(got.at(R"(headgate_build_info{version="1.0",module_version="2.0"})"), 1);
    EXPECT_EQ(got.at("headgate_connections"), 12);
    EXPECT_EQ(got.at("headgate_connections_limit"), 1000);
    EXPECT_EQ(got.at(R"(headgate_dropped_packets_total{reason="no_server"})"), 5);
    EXPECT_EQ(got.at("headgate_heartbeat_age_seconds"), 1.5);
}

TEST_F(MetricsTest, say_what_node_exporters_tell_of_servers_and_nodes) {
    auto config = followed_by(LoadSource::NodeExporter);
    config.nodes.push_back(
        {"storage", *parse_address("10.9.0.10"), {}, config.services[0].care.load});
    load(config);
    for (auto* each : {&feed(0), engine.watch().nodes[0].feed.get()}) {
        scraped(*each, 0);
        scraped(*each, 0.75);
    }
    now += 2s;
    const auto got = read();
    for (const std::string labels :
         {R"(service="web",server="10.1.0.1:80")", R"(node="storage")"}) {
        EXPECT_EQ(got.at("headgate_load_cpu_ratio{" + labels + "}"), 0.75);
        EXPECT_EQ(got.at("headgate_load_per_core{" + labels + "}"), 0.5);
        EXPECT_EQ(got.at("headgate_load_memory_available_ratio{" + labels + "}"), 0.75);
        EXPECT_EQ(got.at("headgate_load_lost{" + labels + "}"), 0);
        EXPECT_EQ(got.at("headgate_load_last_timestamp_seconds{" + labels + "}"), 998);
    }
    EXPECT_EQ(got.at(R"(headgate_load_info{service="web",server="10.1.0.1:80",)"
                     R"(source="node_exporter",from="10.1.0.1:9100"})"),
              1);
}

TEST_F(MetricsTest, say_nothing_of_a_load_that_is_not_known) {
    load(followed_by(LoadSource::NodeExporter));
    scraped(feed(0), 0);
    scraped(feed(0), 0.75);
    now += 3001ms;
    engine.settle(now);
    const auto got = read();
    EXPECT_EQ(got.at(R"(headgate_load_lost{service="web",server="10.1.0.1:80"})"), 1);
    EXPECT_EQ(got.count("headgate_load_cpu_ratio"), 0U);
    EXPECT_EQ(got.count("headgate_load_per_core"), 0U);
    EXPECT_EQ(got.count("headgate_load_memory_available_ratio"), 0U);
    EXPECT_EQ(got.count("headgate_load_last_timestamp_seconds"), 1U); // the other never told it
}

TEST_F(MetricsTest, say_what_agents_ask_for) {
    load(followed_by(LoadSource::Agent));
    engine.heard(feed(0), parse_agent_answer("up 40%\n"), now);
    engine.heard(feed(1), parse_agent_answer("up\n"), now);
    const auto got = read();
    EXPECT_EQ(got.at(R"(headgate_load_agent_ratio{service="web",server="10.1.0.1:80"})"), 0.4);
    EXPECT_EQ(got.count("headgate_load_agent_ratio"), 1U);
    EXPECT_EQ(got.count("headgate_load_cpu_ratio"), 0U);
}

TEST_F(MetricsTest, say_nothing_of_loads_that_are_not_followed) {
    load(config_of(1, 2));
    EXPECT_EQ(read().count("headgate_load_"), 0U);
}

TEST_F(MetricsTest, go_with_their_server) {
    auto before = config_of(2, 2);
    before.services[0].care.load = LoadSpec{};
    load(before);
    EXPECT_EQ(read().count("headgate_load_info{"), 2U);
    auto after = config_of(1, 1);
    after.services[0].care.load = LoadSpec{};
    load(after);
    EXPECT_EQ(read().count("headgate_load_info{"), 1U);
    const auto text = scrape(observed());
    EXPECT_EQ(text.find("10.1.0.2:80"), std::string::npos);
    EXPECT_EQ(text.find("tcp://10.0.0.2:80"), std::string::npos);
}

TEST_F(MetricsTest, name_the_network_namespace_where_it_has_a_name) {
    load(config_of(1, 1));
    const auto got = read("blue");
    EXPECT_EQ(got.at(R"(headgate_module_loaded{namespace="blue"})"), 1);
    EXPECT_EQ(got.at(R"(headgate_server_weight{namespace="blue",service="web",)"
                     R"(server="10.1.0.1:80"})"),
              3);
}

TEST_F(MetricsTest, go_on_without_the_module) {
    load(config_of(1, 2));
    const auto got = hg::test::read_prometheus(scrape(std::nullopt));
    EXPECT_THAT(got.faults, IsEmpty());
    EXPECT_EQ(got.at("headgate_module_loaded"), 0);
    EXPECT_EQ(got.count("headgate_server_"), 0U);
    EXPECT_EQ(got.count("headgate_check_results_total{"), 4U);
}

TEST_F(MetricsTest, are_one_text_however_many_pieces) {
    load(config_of(60, 10));
    const auto got = read();
    EXPECT_EQ(got.count("headgate_server_weight{"), 600U);
    EXPECT_EQ(got.count("headgate_service_active_connections{"), 60U);
}

// Heads are said once even where the first rows have nothing to say.
TEST_F(MetricsTest, begin_a_family_with_its_first_series) {
    load(config_of(60, 10));
    auto& last = *engine.watch().pools.back().members.back().probe;
    engine.result(last, {true, ""}, 5ms, now);
    EXPECT_GT(read().count("headgate_check_healthy{"), 0U);
}

} // namespace
} // namespace hg::daemon

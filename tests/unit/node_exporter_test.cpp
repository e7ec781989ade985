#include "node_exporter.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

// Two CPUs, of which the second waits for its disk.
constexpr std::string_view kScrape = R"(# HELP node_cpu_seconds_total Seconds the CPUs spent.
# TYPE node_cpu_seconds_total counter
node_cpu_guest_seconds_total{cpu="0",mode="user"} 7
node_cpu_seconds_total{cpu="0",mode="idle"} 1000.5
node_cpu_seconds_total{cpu="0",mode="user"} 99.5
node_cpu_seconds_total{cpu="1",mode="idle"} 900
node_cpu_seconds_total{cpu="1",mode="iowait"} 100
node_cpu_seconds_total{cpu="1",mode="system"} 1e2
# HELP node_load1 1m load average.
node_load1 0.5
node_load15 3
node_memory_MemAvailable_bytes 2.5e+08
node_memory_MemTotal_bytes 1e+09
go_gc_duration_seconds{quantile="0"} NaN
)";

NodeMetrics read(std::string_view text) {
    auto out = parse_node_metrics(text);
    EXPECT_TRUE(out) << out.error().text();
    return out ? std::move(*out) : NodeMetrics{};
}

NodeMetrics host(double load1, std::initializer_list<CpuTime> cpus) {
    NodeMetrics out{.load1 = load1};
    for (const auto& cpu : cpus) {
        out.cpus.emplace(std::to_string(out.cpus.size()), cpu);
    }
    return out;
}

TEST(NodeExporter, reads_what_it_needs) {
    const auto metrics = read(kScrape);
    EXPECT_DOUBLE_EQ(metrics.load1, 0.5);
    EXPECT_DOUBLE_EQ(metrics.memory_available, 0.25);
    ASSERT_EQ(metrics.cpus.size(), 2U);
    EXPECT_EQ(metrics.cpus.at("0"), (CpuTime{.idle = 1000.5, .total = 1100}));
    EXPECT_EQ(metrics.cpus.at("1"), (CpuTime{.idle = 1000, .total = 1100}));
}

TEST(NodeExporter, reads_spaces_timestamps_other_labels_and_line_ends) {
    const auto metrics =
        read("  node_load1\t1.5 1700000000000\r\n"
             "node_cpu_seconds_total { job = \"a\\\"},b\", mode=\"idle\" , cpu=\"3\", } 5\r\n");
    EXPECT_DOUBLE_EQ(metrics.load1, 1.5);
    EXPECT_EQ(metrics.cpus.at("3"), (CpuTime{.idle = 5, .total = 5}));
}

TEST(NodeExporter, says_what_is_missing) {
    EXPECT_EQ(parse_node_metrics("node_load15 1\n").error().text(),
              "there is no node_load1 in what came");
    EXPECT_EQ(parse_node_metrics("node_load1 1\n").error().text(),
              "there is no node_cpu_seconds_total{cpu=...,mode=...} in what came");
    EXPECT_FALSE(parse_node_metrics(""));
    EXPECT_FALSE(parse_node_metrics("<html><body>login</body></html>"));
}

TEST(NodeExporter, passes_over_garbage) {
    const auto metrics = read("node_load1\n"
                              "node_load1 \n"
                              "node_load1 x\n"
                              "node_load1 1x\n"
                              "node_load1 -1\n"
                              "node_load1 NaN\n"
                              "node_load1 +Inf\n"
                              "node_load1 1e999\n"
                              "node_load1{ 9\n"
                              "node_load1{a=\"}\" 9\n"
                              "node_load1{a=\"\\\"} 9\n"
                              "node_load1}9\n"
                              "node_cpu_seconds_total 9\n"
                              "node_cpu_seconds_total{cpu=\"0\"} 9\n"
                              "node_cpu_seconds_total{cpu=\"\",mode=\"idle\"} 9\n"
                              "node_cpu_seconds_total{cpu=\"0,mode=\"idle\"} 9\n"
                              "node_cpu_seconds_total{cpu=0,mode=idle} 9\n"
                              "node_cpu_seconds_total{=\"\"} 9\n"
                              "node_memory_MemTotal_bytes 0\n"
                              "node_memory_MemAvailable_bytes 7\n"
                              "\xff\x80 9\n"
                              "{\n}\n \n\n" +
                              std::string(kScrape.substr(0, kScrape.find("node_memory"))));
    EXPECT_DOUBLE_EQ(metrics.load1, 0.5);
    EXPECT_EQ(metrics.cpus.size(), 2U);
    EXPECT_EQ(metrics.memory_available, 1);
}

TEST(NodeExporter, reads_a_text_that_breaks_off) {
    for (std::size_t size = 0; size <= kScrape.size(); ++size) {
        (void)parse_node_metrics(kScrape.substr(0, size));
    }
}

TEST(NodeExporter, bounds_the_number_of_cpus) {
    std::string text = "node_load1 1\n";
    for (std::size_t i = 0; i < kCpusMax + 10; ++i) {
        text += fmt::format("node_cpu_seconds_total{{cpu=\"{}\",mode=\"idle\"}} 1\n", i);
    }
    EXPECT_EQ(read(text).cpus.size(), kCpusMax);
}

TEST(NodeExporter, takes_the_busy_share_between_two_readings) {
    const auto before = host(0, {{.idle = 10, .total = 20}, {.idle = 10, .total = 20}});
    const auto after = host(0.4, {{.idle = 10, .total = 25}, {.idle = 14, .total = 25}});
    const auto load = load_between(before, after);
    ASSERT_TRUE(load);
    EXPECT_DOUBLE_EQ(load->cpu, 0.6);
    EXPECT_DOUBLE_EQ(load->load_per_core, 0.2);
    EXPECT_EQ(load->memory_available, 1);
}

TEST(NodeExporter, takes_the_run_queue_where_that_is_longer) {
    const auto before = host(0, {{.idle = 10, .total = 20}});
    const auto after = host(0.9, {{.idle = 15, .total = 25}});
    EXPECT_DOUBLE_EQ(load_between(before, after)->sample().busy, 0.9);
}

TEST(NodeExporter, leaves_out_a_cpu_that_is_new_or_began_anew) {
    const auto before = host(0, {{.idle = 10, .total = 20}, {.idle = 90, .total = 100}});
    const auto after =
        host(0, {{.idle = 15, .total = 30}, {.idle = 1, .total = 2}, {.idle = 0, .total = 9}});
    EXPECT_DOUBLE_EQ(load_between(before, after)->cpu, 0.5);
}

TEST(NodeExporter, refuses_two_readings_without_time_between) {
    const auto once = host(1, {{.idle = 10, .total = 20}});
    const auto load = load_between(once, once);
    ASSERT_FALSE(load);
    EXPECT_EQ(load.error().text(), "no CPU's time has advanced since the reading before");
}

} // namespace
} // namespace hg::daemon

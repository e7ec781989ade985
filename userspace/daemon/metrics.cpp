#include "metrics.h"

#include "plan.h"

#include <algorithm>
#include <prometheus/text_serializer.h>
#include <sstream>

namespace hg::daemon {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::size_t kRowsAtOnce = 200;

template <class Row> struct Metric {
    const char* name;
    const char* help;
    MetricType type;
    void (*add)(const Row& row, Series& out);
};

constexpr auto kCounter = MetricType::Counter;
constexpr auto kGauge = MetricType::Gauge;
constexpr auto kHistogram = MetricType::Histogram;

double bit(std::uint32_t bits, std::uint32_t which) { return (bits & which) != 0 ? 1 : 0; }

constexpr auto kWhole = std::to_array<Metric<WholeRow>>({
    {"headgate_build_info", "1, with the version of headgated and of the module.", kGauge,
     [](const WholeRow& row, Series& out) {
         out.gauge(1, {{"version", row.version},
                       {"module_version", row.info ? row.info->version : ""}});
     }},
    {"headgate_start_time_seconds", "When headgated was started.", kGauge,
     [](const WholeRow& row, Series& out) { out.gauge(row.started.count()); }},
    {"headgate_module_loaded", "Whether the kernel module is there.", kGauge,
     [](const WholeRow& row, Series& out) { out.gauge(row.info ? 1 : 0); }},
    {"headgate_generation", "The generation of the kernel's configuration.", kGauge,
     [](const WholeRow& row, Series& out) {
         if (row.info) {
             out.gauge(row.info->generation);
         }
     }},
    {"headgate_services", "Services in the kernel.", kGauge,
     [](const WholeRow& row, Series& out) {
         if (row.info) {
             out.gauge(row.info->services);
         }
     }},
    {"headgate_servers", "Servers in the kernel.", kGauge,
     [](const WholeRow& row, Series& out) {
         if (row.info) {
             out.gauge(row.info->servers);
         }
     }},
    {"headgate_connections", "Entries in the table of connections.", kGauge,
     [](const WholeRow& row, Series& out) {
         if (row.info) {
             out.gauge(row.info->conns);
         }
     }},
    {"headgate_connections_limit", "The most entries in the table of connections.", kGauge,
     [](const WholeRow& row, Series& out) {
         if (row.info) {
             out.gauge(row.info->conn_limit);
         }
     }},
    {"headgate_affinities", "Entries in the table of affinity.", kGauge,
     [](const WholeRow& row, Series& out) {
         if (row.info) {
             out.gauge(row.info->affinities);
         }
     }},
    {"headgate_affinities_limit", "The most entries in the table of affinity.", kGauge,
     [](const WholeRow& row, Series& out) {
         if (row.info) {
             out.gauge(row.info->affinity_limit);
         }
     }},
    {"headgate_dropped_packets_total", "Packets dropped, by reason; see headgate(8), info.",
     kCounter,
     [](const WholeRow& row, Series& out) {
         if (row.info) {
             for (const auto& drop : row.info->drops) {
                 out.counter(drop.packets, {{"reason", drop.name}});
             }
         }
     }},
    {"headgate_heartbeat_age_seconds", "Since the kernel was last told that health is kept.",
     kGauge,
     [](const WholeRow& row, Series& out) {
         if (row.info && row.info->heartbeat) {
             out.gauge(Seconds(row.info->heartbeat->age).count());
         }
     }},
    {"headgate_changes_total", "Changes that were told in the log, by what they were.", kCounter,
     [](const WholeRow& row, Series& out) {
         for (std::size_t i = 0; i < row.changes.size(); i++) {
             out.counter(row.changes.at(i),
                         {{"change", std::string(name(static_cast<ChangeKind>(i)))}});
         }
     }},
    {"headgate_check_lateness_seconds", "How late checks began.", kHistogram,
     [](const WholeRow& row, Series& out) { out.histogram(row.lateness); }},
    {"headgate_transactions_total", "Changes put to the kernel, by what became of them.", kCounter,
     [](const WholeRow& row, Series& out) {
         out.counter(row.commits.done, {{"result", "done"}});
         out.counter(row.commits.stale, {{"result", "stale"}});
         out.counter(row.commits.refused, {{"result", "refused"}});
     }},
    {"headgate_transaction_duration_seconds", "How long changes of the kernel took.", kHistogram,
     [](const WholeRow& row, Series& out) { out.histogram(row.commits.took); }},
    {"headgate_on_change_runs_total", "Events for the on_change command, by what became of them.",
     kCounter,
     [](const WholeRow& row, Series& out) {
         out.counter(row.hooks.successes, {{"result", "success"}});
         out.counter(row.hooks.failures, {{"result", "failure"}});
         out.counter(row.hooks.dropped, {{"result", "dropped"}});
     }},
    {"headgate_config_last_reload_successful", "Whether the file was good when last read.", kGauge,
     [](const WholeRow& row, Series& out) { out.gauge(row.last_reload_is_good ? 1 : 0); }},
    {"headgate_config_last_reload_success_timestamp_seconds", "When a good file was last read.",
     kGauge, [](const WholeRow& row, Series& out) { out.gauge(row.last_good_reload.count()); }},
});

constexpr auto kServices = std::to_array<Metric<ServiceRow>>({
    {"headgate_service_info", "1, with the URL of the service and its scheduler.", kGauge,
     [](const ServiceRow& row, Series& out) {
         const auto& spec = row.service.spec;
         out.gauge(1, {{"listen", spec.key.text()}, {"scheduler", spec.scheduler}});
     }},
    {"headgate_service_servers", "Servers of the service.", kGauge,
     [](const ServiceRow& row, Series& out) { out.gauge(row.service.servers); }},
    {"headgate_service_active_connections", "Connections under way.", kGauge,
     [](const ServiceRow& row, Series& out) { out.gauge(row.service.active); }},
    {"headgate_service_inactive_connections",
     "Connections that are not yet, or no more, under way.", kGauge,
     [](const ServiceRow& row, Series& out) { out.gauge(row.service.inactive); }},
    {"headgate_service_connections_total", "Connections begun.", kCounter,
     [](const ServiceRow& row, Series& out) { out.counter(row.service.counters.conns); }},
    {"headgate_service_in_packets_total", "Packets from clients.", kCounter,
     [](const ServiceRow& row, Series& out) { out.counter(row.service.counters.in_packets); }},
    {"headgate_service_in_bytes_total", "Bytes from clients.", kCounter,
     [](const ServiceRow& row, Series& out) { out.counter(row.service.counters.in_bytes); }},
    {"headgate_service_out_packets_total", "Packets to clients; seen in the mode nat only.",
     kCounter,
     [](const ServiceRow& row, Series& out) { out.counter(row.service.counters.out_packets); }},
    {"headgate_service_out_bytes_total", "Bytes to clients; seen in the mode nat only.", kCounter,
     [](const ServiceRow& row, Series& out) { out.counter(row.service.counters.out_bytes); }},
});

constexpr auto kServers = std::to_array<Metric<ServerRow>>({
    {"headgate_server_info", "1, with the way to the server.", kGauge,
     [](const ServerRow& row, Series& out) {
         out.gauge(1, {{"forward", std::string(name(row.server.spec.mode))}});
     }},
    {"headgate_server_up", "Whether nothing masks the server.", kGauge,
     [](const ServerRow& row, Series& out) { out.gauge(row.server.down == 0 ? 1 : 0); }},
    {"headgate_server_masked", "Whether the server is masked, by whom.", kGauge,
     [](const ServerRow& row, Series& out) {
         const auto down = row.server.down;
         out.gauge(bit(down, HEADGATE_DOWN_ADMIN), {{"by", "admin"}});
         out.gauge(bit(down, HEADGATE_DOWN_CHECK), {{"by", "check"}});
         out.gauge(bit(down, HEADGATE_DOWN_AGENT), {{"by", "agent"}});
         out.gauge(bit(down, HEADGATE_DOWN_OUTLIER), {{"by", "outlier"}});
     }},
    {"headgate_server_admin_state", "The admin's word: 0 ready, 1 drain, 2 maint.", kGauge,
     [](const ServerRow& row, Series& out) {
         out.gauge(static_cast<double>(row.server.spec.admin_state));
     }},
    {"headgate_server_overridden", "Whether the admin changed by hand what the file says.", kGauge,
     [](const ServerRow& row, Series& out) { out.gauge(is_overridden(row.server) ? 1 : 0); }},
    {"headgate_server_overloaded", "Whether the server has as many connections as it may.", kGauge,
     [](const ServerRow& row, Series& out) {
         out.gauge(bit(row.server.status, HEADGATE_STATUS_OVERLOADED));
     }},
    {"headgate_server_weight", "The admin's weight.", kGauge,
     [](const ServerRow& row, Series& out) { out.gauge(row.server.spec.weight); }},
    {"headgate_server_factor_ratio", "What its load leaves of the weight.", kGauge,
     [](const ServerRow& row, Series& out) { out.gauge(row.server.factor / 1000.0); }},
    {"headgate_server_ramp_ratio", "What the slow start leaves of the weight.", kGauge,
     [](const ServerRow& row, Series& out) { out.gauge(row.server.ramp / 1000.0); }},
    {"headgate_server_effective_weight", "What the scheduler goes by.", kGauge,
     [](const ServerRow& row, Series& out) { out.gauge(row.server.effective_weight / 256.0); }},
    {"headgate_server_active_connections", "Connections under way.", kGauge,
     [](const ServerRow& row, Series& out) { out.gauge(row.server.active); }},
    {"headgate_server_inactive_connections", "Connections that are not yet, or no more, under way.",
     kGauge, [](const ServerRow& row, Series& out) { out.gauge(row.server.inactive); }},
    {"headgate_server_connections_total", "Connections begun.", kCounter,
     [](const ServerRow& row, Series& out) { out.counter(row.server.counters.conns); }},
    {"headgate_server_in_packets_total", "Packets from clients.", kCounter,
     [](const ServerRow& row, Series& out) { out.counter(row.server.counters.in_packets); }},
    {"headgate_server_in_bytes_total", "Bytes from clients.", kCounter,
     [](const ServerRow& row, Series& out) { out.counter(row.server.counters.in_bytes); }},
    {"headgate_server_out_packets_total", "Packets to clients; seen in the mode nat only.",
     kCounter,
     [](const ServerRow& row, Series& out) { out.counter(row.server.counters.out_packets); }},
    {"headgate_server_out_bytes_total", "Bytes to clients; seen in the mode nat only.", kCounter,
     [](const ServerRow& row, Series& out) { out.counter(row.server.counters.out_bytes); }},
});

constexpr auto kPools = std::to_array<Metric<PoolRow>>({
    {"headgate_service_panic", "Whether too few servers are healthy, so that all are used.", kGauge,
     [](const PoolRow& row, Series& out) { out.gauge(row.verdict.panic ? 1 : 0); }},
    {"headgate_service_fallback", "Whether no server is left, so that the fallback is used.",
     kGauge, [](const PoolRow& row, Series& out) { out.gauge(row.verdict.fallback ? 1 : 0); }},
    {"headgate_service_quorum", "Whether the service has its quorum.", kGauge,
     [](const PoolRow& row, Series& out) { out.gauge(row.verdict.has_quorum ? 1 : 0); }},
    {"headgate_service_healthy_weight", "The weight of the servers that are healthy.", kGauge,
     [](const PoolRow& row, Series& out) { out.gauge(row.verdict.healthy); }},
    {"headgate_service_weight", "The weight of the servers that have a result of their check.",
     kGauge, [](const PoolRow& row, Series& out) { out.gauge(row.verdict.total); }},
});

constexpr auto kChecks = std::to_array<Metric<CheckRow>>({
    {"headgate_check_healthy", "What is believed; absent until there is a result.", kGauge,
     [](const CheckRow& row, Series& out) {
         if (row.health != HealthState::Unknown) {
             out.gauge(row.health == HealthState::Up ? 1 : 0);
         }
     }},
    {"headgate_check_last_transition_timestamp_seconds", "Since when that is believed.", kGauge,
     [](const CheckRow& row, Series& out) { out.gauge(row.since.count()); }},
    {"headgate_check_transitions_total", "How often it was found to be up, and down.", kCounter,
     [](const CheckRow& row, Series& out) {
         out.counter(row.tally.ups, {{"to", "up"}});
         out.counter(row.tally.downs, {{"to", "down"}});
     }},
    {"headgate_check_results_total", "Results of the check.", kCounter,
     [](const CheckRow& row, Series& out) {
         out.counter(row.tally.successes, {{"result", "success"}});
         out.counter(row.tally.failures, {{"result", "failure"}});
     }},
    {"headgate_check_last_timestamp_seconds", "When the last result came.", kGauge,
     [](const CheckRow& row, Series& out) {
         if (row.last_at) {
             out.gauge(row.last_at->count());
         }
     }},
    {"headgate_check_last_duration_seconds", "How long the last result took.", kGauge,
     [](const CheckRow& row, Series& out) {
         if (row.last_at) {
             out.gauge(row.last_took.count());
         }
     }},
    {"headgate_check_duration_seconds", "How long the check took.", kHistogram,
     [](const CheckRow& row, Series& out) { out.histogram(row.tally.took); }},
});

// What is not known is absent: before the first answer, and after a silence that is too long.
constexpr auto kLoads = std::to_array<Metric<LoadRow>>({
    {"headgate_load_info", "1, with who is asked for the load, and how.", kGauge,
     [](const LoadRow& row, Series& out) {
         out.gauge(1, {{"source", row.source}, {"from", row.from}});
     }},
    {"headgate_load_lost", "Whether its load was not told for more than three intervals.", kGauge,
     [](const LoadRow& row, Series& out) { out.gauge(row.is_lost ? 1 : 0); }},
    {"headgate_load_last_timestamp_seconds", "When its load was last told.", kGauge,
     [](const LoadRow& row, Series& out) {
         if (row.heard_at) {
             out.gauge(row.heard_at->count());
         }
     }},
    {"headgate_load_agent_ratio", "The share of the weight that its agent asks for.", kGauge,
     [](const LoadRow& row, Series& out) {
         if (row.percent) {
             out.gauge(*row.percent / 100.0);
         }
     }},
    {"headgate_load_cpu_ratio", "The share of CPU time that is used.", kGauge,
     [](const LoadRow& row, Series& out) {
         if (row.host) {
             out.gauge(row.host->cpu);
         }
     }},
    {"headgate_load_per_core", "Tasks that run or want to, over a minute, for each core.", kGauge,
     [](const LoadRow& row, Series& out) {
         if (row.host) {
             out.gauge(row.host->load_per_core);
         }
     }},
    {"headgate_load_memory_available_ratio", "The share of memory that is available.", kGauge,
     [](const LoadRow& row, Series& out) {
         if (row.host) {
             out.gauge(row.host->memory_available);
         }
     }},
});

// A family whatever its rows are.
struct Family {
    const char* name;
    const char* help;
    MetricType type;
    std::function<std::size_t(const Snapshot&)> rows;
    std::function<void(const Snapshot&, std::size_t row, Series&)> add;
};

template <class Row, std::size_t N>
void append(std::vector<Family>& out, const std::array<Metric<Row>, N>& metrics,
            std::vector<Row> Snapshot::*rows) {
    for (const auto& metric : metrics) {
        out.push_back(
            {metric.name, metric.help, metric.type,
             [rows](const Snapshot& snapshot) { return (snapshot.*rows).size(); },
             [rows, add = metric.add](const Snapshot& snapshot, std::size_t at, Series& series) {
                 const auto& row = (snapshot.*rows).at(at);
                 series.set_labels(row.labels);
                 add(row, series);
             }});
    }
}

const std::vector<Family>& families() {
    static const std::vector<Family> all = [] {
        std::vector<Family> out;
        append(out, kWhole, &Snapshot::whole);
        append(out, kServices, &Snapshot::services);
        append(out, kPools, &Snapshot::pools);
        append(out, kServers, &Snapshot::servers);
        append(out, kChecks, &Snapshot::checks);
        append(out, kLoads, &Snapshot::loads);
        return out;
    }();
    return all;
}

// "# HELP" and "# TYPE" are said once a family.
std::string without_comments(std::string text) {
    std::size_t begin = 0;
    while (begin < text.size() && text[begin] == '#') {
        begin = text.find('\n', begin) + 1;
    }
    return text.substr(begin);
}

} // namespace

ClientMetric& Series::add(const Labels& more) {
    auto& metric = out_.emplace_back();
    metric.label = *labels_;
    metric.label.insert(metric.label.end(), more.begin(), more.end());
    return metric;
}

void Series::counter(std::uint64_t value, const Labels& more) {
    add(more).counter.value = static_cast<double>(value);
}

void Series::gauge(double value, const Labels& more) { add(more).gauge.value = value; }

void Series::histogram(const Durations& durations) {
    auto& histogram = add({}).histogram;
    std::uint64_t so_far = 0;
    for (std::size_t i = 0; i < Durations::kBounds.size(); i++) {
        so_far += durations.counts.at(i);
        histogram.bucket.push_back({so_far, Durations::kBounds.at(i)});
    }
    histogram.sample_count = durations.count();
    histogram.sample_sum = durations.sum;
}

Exposition::Exposition(Snapshot snapshot) : snapshot_(std::move(snapshot)) {}

std::optional<std::string> Exposition::next() {
    if (family_ == families().size()) {
        return std::nullopt;
    }
    const auto& family = families()[family_];
    const auto rows = family.rows(snapshot_);
    const auto end = std::min(row_ + kRowsAtOnce, rows);
    std::vector<MetricFamily> one(1);
    one[0].name = family.name;
    one[0].help = family.help;
    one[0].type = family.type;
    Series series(one[0].metric);
    for (; row_ < end; row_++) {
        family.add(snapshot_, row_, series);
    }
    std::string text;
    if (!one[0].metric.empty()) {
        std::ostringstream out;
        prometheus::TextSerializer().Serialize(out, one);
        text = is_begun_ ? without_comments(std::move(out).str()) : std::move(out).str();
        is_begun_ = true;
    }
    if (row_ == rows) {
        family_++;
        row_ = 0;
        is_begun_ = false;
    }
    return text;
}

std::vector<std::string> metric_names() {
    std::vector<std::string> out;
    for (const auto& family : families()) {
        out.emplace_back(family.name);
    }
    return out;
}

} // namespace hg::daemon

// What /metrics says, in Prometheus' text format. Pure: from values that were read at one moment
// to text, a piece at a time.
#pragma once

#include "apply.h"
#include "journal.h"
#include "judge.h"
#include "load.h"
#include "tally.h"

#include <functional>
#include <prometheus/metric_family.h>
#include <string>
#include <vector>

namespace hg::daemon {

using Labels = std::vector<prometheus::ClientMetric::Label>;
using Seconds = std::chrono::duration<double>;

// Each row with the labels of its series.
struct ServiceRow {
    Labels labels;
    Service service;
};

struct ServerRow {
    Labels labels;
    Server server;
};

struct PoolRow {
    Labels labels;
    Verdict verdict;
};

// Of a server or a node.
struct CheckRow {
    Labels labels;
    HealthState health = HealthState::Unknown;
    Seconds since{}; // of the epoch
    std::optional<Seconds> last_at = {};
    Seconds last_took{};
    CheckTally tally = {};
};

// What is asked for the load of a server or a node.
struct LoadRow {
    Labels labels;
    std::string source; // agent, node_exporter
    std::string from;   // who is asked
    bool is_lost = false;
    std::optional<Seconds> heard_at = {}; // of the epoch
    std::optional<std::uint32_t> percent = {};
    std::optional<HostLoad> host = {};
};

struct WholeRow {
    Labels labels;
    std::string version;
    std::optional<Info> info = {}; // empty: the module is not there
    std::array<std::uint64_t, kChangeKinds> changes{};
    Durations lateness = {};
    CommitTally commits = {};
    HookTally hooks = {};
    bool last_reload_is_good = false;
    Seconds last_good_reload{}; // of the epoch
    Seconds started{};
};

struct Snapshot {
    std::vector<WholeRow> whole; // one
    std::vector<ServiceRow> services = {};
    std::vector<ServerRow> servers = {};
    std::vector<PoolRow> pools = {};
    std::vector<CheckRow> checks = {};
    std::vector<LoadRow> loads = {};
};

// The series of a family that were made of some rows.
class Series {
public:
    explicit Series(std::vector<prometheus::ClientMetric>& out) : out_(out) {}

    // What comes next has these.
    void set_labels(const Labels& labels) { labels_ = &labels; }

    void counter(std::uint64_t value, const Labels& more = {});
    void gauge(double value, const Labels& more = {});
    void histogram(const Durations& durations);

private:
    prometheus::ClientMetric& add(const Labels& more);

    std::vector<prometheus::ClientMetric>& out_;
    const Labels* labels_ = nullptr;
};

class Exposition {
public:
    explicit Exposition(Snapshot snapshot);

    // The next piece, of a few milliseconds' work; nothing at the end.
    [[nodiscard]] std::optional<std::string> next();

private:
    Snapshot snapshot_;
    std::size_t family_ = 0;
    std::size_t row_ = 0;
    bool is_begun_ = false; // something of the family was said
};

// The names of all families, without the suffixes of histograms.
[[nodiscard]] std::vector<std::string> metric_names();

} // namespace hg::daemon

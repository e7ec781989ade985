// What a node_exporter says of its host, in Prometheus' text format. Pure.
//
// Read are node_load1, node_cpu_seconds_total, node_memory_MemAvailable_bytes and
// node_memory_MemTotal_bytes; every other line is passed over, whatever it holds.
#pragma once

#include "load.h"

namespace hg::daemon {

inline constexpr std::size_t kCpusMax = 4096;

// Seconds since the host's start.
struct CpuTime {
    double idle = 0; // waiting for a disk is idle too: there is CPU to be had
    double total = 0;

    bool operator==(const CpuTime&) const = default;
};

struct NodeMetrics {
    double load1 = 0;
    std::map<std::string, CpuTime, std::less<>> cpus = {};
    double memory_available = 1; // as a share; 1 where the host does not say

    bool operator==(const NodeMetrics&) const = default;
};

[[nodiscard]] Result<NodeMetrics> parse_node_metrics(std::string_view text);

// The load between two readings. Refused when no CPU has got older: the same reading twice, or a
// host that started anew.
[[nodiscard]] Result<HostLoad> load_between(const NodeMetrics& before, const NodeMetrics& after);

} // namespace hg::daemon

// How busy this host is, from the texts in /proc. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hg::agent {

// The first line of /proc/stat, in ticks since the start.
struct CpuTicks {
    std::uint64_t idle = 0; // waiting for a disk is idle too
    std::uint64_t total = 0;

    bool operator==(const CpuTicks&) const = default;
};

// Nothing where a text is not as it should be.
[[nodiscard]] std::optional<CpuTicks> read_stat(std::string_view text);
[[nodiscard]] std::optional<double> read_loadavg(std::string_view text); // of the last minute
// What is available, as a share of all.
[[nodiscard]] std::optional<double> read_meminfo(std::string_view text);

struct HostLoad {
    double cpu = 0;              // the share of time that was used, 0..1
    double load1 = 0;            // programs that run or want to
    unsigned cores = 1;          // that they may run on
    double memory_available = 1; // 0..1
};

// 0 when no time has passed.
[[nodiscard]] double used_share(const CpuTicks& before, const CpuTicks& after);

// 0..1: the CPU or the queue for it, whichever is busier.
[[nodiscard]] double busy_of(const HostLoad& load);

} // namespace hg::agent

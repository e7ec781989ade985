#include "host_load.h"

#include <algorithm>
#include <charconv>

namespace hg::agent {

namespace {

constexpr std::string_view kBlanks = " \t";
// Of the numbers in /proc/stat: user nice system idle iowait irq softirq steal. Those behind, of
// guests, are in user and nice already.
constexpr std::size_t kIdle = 3;
constexpr std::size_t kIowait = 4;
constexpr std::size_t kTimes = 8;

// The next word of TEXT, which is left without it.
std::string_view take_word(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    const auto word = text.substr(0, text.find_first_of(" \t\n"));
    text.remove_prefix(word.size());
    return word;
}

template <class T> std::optional<T> number(std::string_view word) {
    T out{};
    const auto* const end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, out);
    return error == std::errc() && stop == end ? std::optional(out) : std::nullopt;
}

// The number behind KEY at the start of a line.
std::optional<std::uint64_t> value_of(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.starts_with(key)) {
            line.remove_prefix(key.size());
            return number<std::uint64_t>(take_word(line));
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<CpuTicks> read_stat(std::string_view text) {
    if (take_word(text) != "cpu") {
        return std::nullopt;
    }
    CpuTicks out;
    for (std::size_t i = 0; i < kTimes; ++i) {
        const auto ticks = number<std::uint64_t>(take_word(text));
        if (!ticks) {
            return std::nullopt;
        }
        out.total += *ticks;
        out.idle += i == kIdle || i == kIowait ? *ticks : 0;
    }
    return out;
}

std::optional<double> read_loadavg(std::string_view text) {
    const auto load = number<double>(take_word(text));
    return load && *load >= 0 ? load : std::nullopt;
}

std::optional<double> read_meminfo(std::string_view text) {
    const auto total = value_of(text, "MemTotal:");
    const auto available = value_of(text, "MemAvailable:");
    if (!total || !available || *total == 0) {
        return std::nullopt;
    }
    return std::min(1.0, static_cast<double>(*available) / static_cast<double>(*total));
}

double used_share(const CpuTicks& before, const CpuTicks& after) {
    if (after.total <= before.total) {
        return 0;
    }
    const auto total = static_cast<double>(after.total - before.total);
    // The kernel's idle time of a CPU may go back a little.
    const auto idle = after.idle > before.idle ? static_cast<double>(after.idle - before.idle) : 0;
    return 1 - std::min(1.0, idle / total);
}

double busy_of(const HostLoad& load) {
    const auto queue = load.load1 / std::max(load.cores, 1U);
    return std::clamp(std::max(load.cpu, queue), 0.0, 1.0);
}

} // namespace hg::agent

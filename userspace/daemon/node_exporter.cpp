#include "node_exporter.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace hg::daemon {

namespace {

constexpr std::string_view kBlanks = " \t\r";

// NAME{LABELS} VALUE [TIME]
struct Line {
    std::string_view name;
    std::string_view labels;
    double value = 0;
};

std::string_view trimmed(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// Where CHARACTER first stands that is not within a quoted value.
std::size_t find_unquoted(std::string_view text, char character) {
    bool is_quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_quoted && text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            is_quoted = !is_quoted;
        } else if (text[i] == character && !is_quoted) {
            return i;
        }
    }
    return std::string_view::npos;
}

// A quantity: finite, and not below 0.
std::optional<double> read_value(std::string_view text) {
    text = trimmed(text);
    text = text.substr(0, text.find_first_of(kBlanks));
    double value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end || !std::isfinite(value) || value < 0) {
        return std::nullopt;
    }
    return value;
}

std::optional<Line> read_line(std::string_view text) {
    text = trimmed(text);
    const auto end = std::min(text.find_first_of("{ \t"), text.size());
    Line line{.name = text.substr(0, end), .labels = {}};
    if (!line.name.starts_with("node_")) { // comments and all other series
        return std::nullopt;
    }
    text = trimmed(text.substr(end));
    if (text.starts_with('{')) {
        text.remove_prefix(1);
        const auto close = find_unquoted(text, '}');
        if (close == std::string_view::npos) {
            return std::nullopt;
        }
        line.labels = text.substr(0, close);
        text.remove_prefix(close + 1);
    }
    const auto value = read_value(text);
    line.value = value.value_or(0);
    return value ? std::optional(line) : std::nullopt;
}

// The value in KEY="VALUE", as it is written; empty when there is none.
std::string_view label(std::string_view labels, std::string_view key) {
    while (!labels.empty()) {
        const auto end = std::min(find_unquoted(labels, ','), labels.size());
        const auto pair = trimmed(labels.substr(0, end));
        labels.remove_prefix(std::min(end + 1, labels.size()));
        const auto sign = std::min(pair.find('='), pair.size());
        const auto value = trimmed(pair.substr(std::min(sign + 1, pair.size())));
        if (trimmed(pair.substr(0, sign)) == key && value.size() > 2 && value.front() == '"' &&
            value.back() == '"') {
            return value.substr(1, value.size() - 2);
        }
    }
    return {};
}

class Reader {
public:
    void take(const Line& line);
    [[nodiscard]] Result<NodeMetrics> finish();

private:
    void take_cpu(const Line& line);

    NodeMetrics out_;
    std::optional<double> load1_;
    std::optional<double> available_;
    std::optional<double> total_;
};

void Reader::take_cpu(const Line& line) {
    const auto cpu = label(line.labels, "cpu");
    const auto mode = label(line.labels, "mode");
    if (cpu.empty() || mode.empty()) {
        return;
    }
    auto found = out_.cpus.find(cpu);
    if (found == out_.cpus.end()) {
        if (out_.cpus.size() >= kCpusMax) {
            return;
        }
        found = out_.cpus.emplace(std::string(cpu), CpuTime{}).first;
    }
    found->second.total += line.value;
    found->second.idle += mode == "idle" || mode == "iowait" ? line.value : 0;
}

void Reader::take(const Line& line) {
    if (line.name == "node_cpu_seconds_total") {
        take_cpu(line);
    } else if (line.name == "node_load1") {
        load1_ = line.value;
    } else if (line.name == "node_memory_MemAvailable_bytes") {
        available_ = line.value;
    } else if (line.name == "node_memory_MemTotal_bytes") {
        total_ = line.value;
    }
}

Result<NodeMetrics> Reader::finish() {
    if (!load1_) {
        return refusal("there is no node_load1 in what came", std::errc::bad_message);
    }
    if (out_.cpus.empty()) {
        return refusal("there is no node_cpu_seconds_total{cpu=...,mode=...} in what came",
                       std::errc::bad_message);
    }
    out_.load1 = *load1_;
    if (available_ && total_ && *total_ > 0) {
        out_.memory_available = std::min(1.0, *available_ / *total_);
    }
    return std::move(out_);
}

} // namespace

Result<NodeMetrics> parse_node_metrics(std::string_view text) {
    Reader reader;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        if (const auto line = read_line(text.substr(0, end))) {
            reader.take(*line);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return reader.finish();
}

Result<HostLoad> load_between(const NodeMetrics& before, const NodeMetrics& after) {
    double idle = 0;
    double total = 0;
    for (const auto& [name, now] : after.cpus) {
        const auto then = before.cpus.find(name);
        if (then == before.cpus.end() || now.total <= then->second.total) {
            continue; // new, or begun anew
        }
        total += now.total - then->second.total;
        idle += std::max(0.0, now.idle - then->second.idle);
    }
    if (!(total > 0) || !std::isfinite(total)) {
        return refusal("no CPU's time has advanced since the reading before",
                       std::errc::bad_message);
    }
    return HostLoad{.cpu = 1 - std::min(1.0, idle / total),
                    .load_per_core = after.load1 / static_cast<double>(after.cpus.size()),
                    .memory_available = after.memory_available};
}

} // namespace hg::daemon

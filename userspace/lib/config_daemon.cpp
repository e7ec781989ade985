#include "config_daemon.h"

#include "config_value.h"

#include <array>

namespace hg {

namespace {

constexpr std::string_view kDefaultMetrics = "127.0.0.1:10469";

} // namespace

Endpoint default_metrics() { return *parse_endpoint(kDefaultMetrics); }

const std::array<DaemonReader::Field, 2> DaemonReader::kFields{
    {{"metrics", &DaemonReader::metrics}, {"on_change", &DaemonReader::on_change}}};

DaemonConfig DaemonReader::read(const YamlNode& map) {
    DaemonConfig daemon;
    read_fields(source_, *this, map, "daemon", kFields, daemon);
    return daemon;
}

void DaemonReader::metrics(const YamlEntry& entry, DaemonConfig& daemon) {
    if (is_none(entry.value)) {
        daemon.metrics.reset();
        return;
    }
    const auto word = read_word(source_, entry);
    auto endpoint = word ? accept(source_, entry.value, parse_endpoint(*word)) : std::nullopt;
    if (!endpoint) {
        return;
    }
    if (endpoint->port == 0) {
        endpoint->port = default_metrics().port;
    }
    daemon.metrics = endpoint;
}

void DaemonReader::on_change(const YamlEntry& entry, DaemonConfig& daemon) {
    daemon.on_change = read_command(source_, entry).value_or(daemon.on_change);
}

} // namespace hg

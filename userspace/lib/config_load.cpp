// load: { type: agent, port: 8777 }
#include "config_check.h"
#include "config_value.h"
#include "number.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace hg {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kLoadIntervalMin{500};
constexpr milliseconds kLoadIntervalMax{std::chrono::hours(1)};
constexpr milliseconds kLoadTimeoutMin{10};
constexpr std::uint32_t kGainMax = 400; // per cent
constexpr std::uint32_t kPerMillePerCent = 10;

const std::array kSources{name(LoadSource::Agent), name(LoadSource::NodeExporter)};

class LoadReader {
public:
    explicit LoadReader(ConfigSource& source) : source_(source) {}

    [[nodiscard]] std::optional<LoadSpec> read(const YamlNode& map,
                                               const std::optional<LoadSpec>& base);

private:
    using Field = ConfigField<LoadReader, LoadSpec>;

    static const std::array<Field, 7> kFields;

    [[nodiscard]] std::optional<LoadSpec> begin(const YamlNode& map,
                                                const std::optional<LoadSpec>& base);

    void type(const YamlEntry& /*entry*/, LoadSpec& /*load*/) {} // read before the others

    void port(const YamlEntry& entry, LoadSpec& load) {
        load.port = read_port(source_, entry).value_or(load.port);
    }

    void path(const YamlEntry& entry, LoadSpec& load);

    void interval(const YamlEntry& entry, LoadSpec& load) {
        load.interval = read_duration(source_, entry, kLoadIntervalMin, kLoadIntervalMax)
                            .value_or(load.interval);
    }

    void timeout(const YamlEntry& entry, LoadSpec& load) {
        load.timeout =
            read_duration(source_, entry, kLoadTimeoutMin, kLoadIntervalMax).value_or(load.timeout);
    }

    void gain(const YamlEntry& entry, LoadSpec& load) {
        if (const auto share = read_percent(source_, entry, 0, kGainMax)) {
            load.gain = *share * kPerMillePerCent;
        }
    }

    void floor(const YamlEntry& entry, LoadSpec& load) {
        if (const auto share = read_percent(source_, entry, 1, 100)) {
            load.floor = *share * kPerMillePerCent;
        }
    }

    ConfigSource& source_;
};

const std::array<LoadReader::Field, 7> LoadReader::kFields{{{"type", &LoadReader::type},
                                                            {"port", &LoadReader::port},
                                                            {"path", &LoadReader::path},
                                                            {"interval", &LoadReader::interval},
                                                            {"timeout", &LoadReader::timeout},
                                                            {"gain", &LoadReader::gain},
                                                            {"floor", &LoadReader::floor}}};

void LoadReader::path(const YamlEntry& entry, LoadSpec& load) {
    if (load.source != LoadSource::NodeExporter) {
        source_.fault(entry.key, "path is for the type node_exporter, and this one is agent");
        return;
    }
    load.path = read_request_path(source_, entry).value_or(load.path);
}

// Another type has another port and path than the base's.
std::optional<LoadSpec> LoadReader::begin(const YamlNode& map,
                                          const std::optional<LoadSpec>& base) {
    const auto [key, value] = find_key(map, "type");
    if (key == nullptr) {
        if (!base) {
            source_.fault(map, "a load needs a type: agent or node_exporter");
        }
        return base;
    }
    const auto word = read_choice(source_, {*key, *value}, kSources);
    if (!word) {
        return std::nullopt;
    }
    const auto source = *word == kSources[0] ? LoadSource::Agent : LoadSource::NodeExporter;
    auto load = base.value_or(LoadSpec{});
    if (load.source != source) {
        load.source = source;
        load.port = 0;
        load.path = LoadSpec{}.path;
    }
    return load;
}

std::optional<LoadSpec> LoadReader::read(const YamlNode& map, const std::optional<LoadSpec>& base) {
    const auto before = source_.total();
    auto load = begin(map, base);
    if (!load) {
        return std::nullopt;
    }
    read_fields(source_, *this, map, "a load", kFields, *load);
    const auto [key, value] = find_key(map, "timeout");
    if (source_.total() == before && key != nullptr && load->timeout > load->interval) {
        source_.fault(*value,
                      fmt::format("timeout {} is longer than the interval, {}",
                                  duration_text(load->timeout), duration_text(load->interval)));
    }
    load->timeout = std::min(load->timeout, load->interval);
    return source_.total() == before ? load : std::nullopt;
}

} // namespace

std::optional<LoadSpec> read_load(ConfigSource& source, const YamlEntry& entry,
                                  const std::optional<LoadSpec>& base) {
    if (is_none(entry.value)) {
        return std::nullopt;
    }
    if (entry.value.kind != YamlNode::Kind::Map) {
        source.fault(entry.at(),
                     "load " + expected_instead(entry.value, "a map like { type: agent }, or "
                                                             "none"));
        return std::nullopt;
    }
    return LoadReader(source).read(entry.value, base);
}

} // namespace hg

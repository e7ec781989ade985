#include "config_check.h"

#include "check.h"
#include "config_check_kind.h"
#include "config_value.h"
#include "number.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hg {

using std::chrono::milliseconds;

namespace {

constexpr std::uint32_t kJitterMax = 50;

constexpr CheckTypes kNoPort = kIcmpCheck | kExecCheck;
// What goes to a port, so that it can go the way of a client's packet.
constexpr CheckTypes kWithPort =
    kTcpCheck | kHttpCheck | kHttpsCheck | kDnsCheck | kSmtpCheck | kFtpCheck | kUdpCheck;
constexpr CheckTypes kAll = kNoPort | kWithPort;

void type(ConfigSource& /*source*/, const YamlEntry& /*entry*/, HealthCheck& /*check*/) {
    // Read already: it says what the other keys may be.
}

void interval(ConfigSource& source, const YamlEntry& entry, HealthCheck& check) {
    check.interval =
        read_duration(source, entry, kCheckIntervalMin, kCheckIntervalMax).value_or(check.interval);
}

void timeout(ConfigSource& source, const YamlEntry& entry, HealthCheck& check) {
    check.timeout =
        read_duration(source, entry, kCheckTimeoutMin, kCheckIntervalMax).value_or(check.timeout);
}

void fast_interval(ConfigSource& source, const YamlEntry& entry, HealthCheck& check) {
    check.fast_interval = read_duration(source, entry, kCheckIntervalMin, kCheckIntervalMax)
                              .value_or(check.fast_interval);
}

void rise(ConfigSource& source, const YamlEntry& entry, HealthCheck& check) {
    check.rise = read_number(source, entry, 1, kRiseFallMax).value_or(check.rise);
}

void fall(ConfigSource& source, const YamlEntry& entry, HealthCheck& check) {
    check.fall = read_number(source, entry, 1, kRiseFallMax).value_or(check.fall);
}

void jitter(ConfigSource& source, const YamlEntry& entry, HealthCheck& check) {
    check.jitter = read_percent(source, entry, 0, kJitterMax).value_or(check.jitter);
}

void port(ConfigSource& source, const YamlEntry& entry, HealthCheck& check) {
    check.port = read_port(source, entry).value_or(check.port);
}

void source_address(ConfigSource& source, const YamlEntry& entry, HealthCheck& check) {
    const auto word = read_word(source, entry);
    const auto address = word ? accept(source, entry.value, parse_address(*word)) : std::nullopt;
    if (!address) {
        return;
    }
    if (const auto good = check_unicast(*address, "source"); !good) {
        source.fault(entry.value, good.error().reason);
        return;
    }
    check.source = address;
}

void through(ConfigSource& source, const YamlEntry& entry, HealthCheck& check) {
    constexpr std::array<std::string_view, 2> kWords{"service", "none"};
    if (const auto word = read_choice(source, entry, kWords)) {
        check.through_service = *word == kWords[0];
    }
}

void initial(ConfigSource& source, const YamlEntry& entry, HealthCheck& check) {
    const std::array kWords{name(InitialHealth::Wait), name(InitialHealth::Up),
                            name(InitialHealth::Down)}; // as InitialHealth
    if (const auto word = read_choice(source, entry, kWords)) {
        check.initial = static_cast<InitialHealth>(std::find(kWords.begin(), kWords.end(), *word) -
                                                   kWords.begin());
    }
}

constexpr std::array<CheckKey, 11> kCommonKeys{{{"type", kAll, type},
                                                {"interval", kAll, interval},
                                                {"timeout", kAll, timeout},
                                                {"rise", kAll, rise},
                                                {"fall", kAll, fall},
                                                {"jitter", kAll, jitter},
                                                {"fast_interval", kAll, fast_interval},
                                                {"source", kAll & ~kExecCheck, source_address},
                                                {"port", kAll & ~kIcmpCheck, port},
                                                {"through", kWithPort, through},
                                                {"initial", kAll, initial}}};

const CheckKey* find_check_key(std::string_view name) {
    for (const auto keys : {std::span<const CheckKey>(kCommonKeys), http_keys(), kind_keys()}) {
        const auto found = std::find_if(keys.begin(), keys.end(),
                                        [&](const CheckKey& key) { return key.name == name; });
        if (found != keys.end()) {
            return &*found;
        }
    }
    return nullptr;
}

void refuse_unknown(ConfigSource& source, const YamlNode& key, CheckTypes type) {
    std::vector<std::string_view> known;
    for (const auto keys : {std::span<const CheckKey>(kCommonKeys), http_keys(), kind_keys()}) {
        for (const auto& candidate : keys) {
            if ((candidate.types & type) != 0) {
                known.push_back(candidate.name);
            }
        }
    }
    refuse_key(source, key, "a check", known);
}

void read_keys(ConfigSource& source, const YamlNode& map, HealthCheck& check) {
    const auto type = type_of(check);
    for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
        const YamlEntry entry{map.items[i], map.items[i + 1]};
        const auto* const key = find_check_key(entry.key.text);
        if (key == nullptr) {
            refuse_unknown(source, entry.key, type);
        } else if ((key->types & type) == 0) {
            source.fault(entry.key,
                         fmt::format("{} is for checks of the type {}, and this one is "
                                     "{}",
                                     key->name, type_list(key->types), type_name(check)));
        } else {
            key->read(source, entry, check);
        }
    }
}

// The check before its keys are read: the base, or another type with what all have of the base.
std::optional<HealthCheck> begin(ConfigSource& source, const YamlNode& map,
                                 const std::optional<HealthCheck>& base) {
    const auto [key, value] = find_key(map, "type");
    if (key == nullptr) {
        if (!base) {
            source.fault(map, fmt::format("a check needs a type (there are: {})",
                                          fmt::join(check_type_names(), ", ")));
        }
        return base;
    }
    const auto names = check_type_names();
    const auto word = read_choice(source, {*key, *value}, names);
    if (!word) {
        return std::nullopt;
    }
    const auto at = std::find(names.begin(), names.end(), *word) - names.begin();
    const auto type = static_cast<CheckTypes>(1U << static_cast<unsigned>(at));
    auto check = base.value_or(HealthCheck{});
    if (!base || type_of(check) != type) {
        check.kind = kind_of(type);
        check.port = 0;
    }
    if ((type & kNoPort) != 0) {
        check.through_service = false;
    }
    if (type == kExecCheck) {
        check.source.reset();
    }
    return check;
}

void check_times(ConfigSource& source, const YamlNode& map, const HealthCheck& check) {
    const auto compare = [&](std::string_view name, milliseconds time) {
        const auto [key, value] = find_key(map, name);
        if (key != nullptr && time > check.interval) {
            source.fault(*value, fmt::format("{} {} is longer than the interval, {}", name,
                                             duration_text(time), duration_text(check.interval)));
        }
    };
    compare("timeout", check.timeout);
    compare("fast_interval", check.fast_interval);
}

} // namespace

std::optional<HealthCheck> read_check(ConfigSource& source, const YamlEntry& entry,
                                      const std::optional<HealthCheck>& base) {
    if (is_none(entry.value)) {
        return std::nullopt;
    }
    if (entry.value.kind != YamlNode::Kind::Map) {
        source.fault(entry.at(),
                     "check " + expected_instead(entry.value, "a map like { type: tcp }, or none"));
        return std::nullopt;
    }
    const auto& map = entry.value;
    const auto before = source.total();
    auto check = begin(source, map, base);
    if (!check) {
        return std::nullopt;
    }
    read_keys(source, map, *check);
    if (source.total() != before) {
        return std::nullopt; // what it says together would be guesswork
    }
    check_times(source, map, *check);
    check_kind(source, map, *check);
    if (check->through_service && check->port != 0) {
        source.fault(map, "through: service goes to the service's port: take the port out");
    }
    // A timeout that was not given for this interval gives way to it.
    check->timeout = std::min(check->timeout, check->interval);
    return source.total() == before ? check : std::nullopt;
}

} // namespace hg

#include "config_service.h"

#include "check.h"
#include "config_words.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace hg {

const std::array<ServiceReader::Field<ConfigDefaults>, 5> ServiceReader::kDefaultsFields{
    {{"scheduler", &ServiceReader::default_scheduler},
     {"forward", &ServiceReader::default_forward},
     {"weight", &ServiceReader::default_weight},
     {"check", &ServiceReader::default_check},
     {"load", &ServiceReader::default_load}}};

const std::array<ServiceReader::Field<ServiceReader::ServiceDraft>, 14>
    ServiceReader::kServiceFields{{{"name", &ServiceReader::service_name},
                                   {"listen", &ServiceReader::service_listen},
                                   {"scheduler", &ServiceReader::service_scheduler},
                                   {"hash_port", &ServiceReader::service_hash_port},
                                   {"timeouts", &ServiceReader::service_timeouts},
                                   {"slow_start", &ServiceReader::service_slow_start},
                                   {"on_down", &ServiceReader::service_on_down},
                                   {"affinity", &ServiceReader::service_affinity},
                                   {"servers", &ServiceReader::service_servers},
                                   {"check", &ServiceReader::service_check},
                                   {"load", &ServiceReader::service_load},
                                   {"fallback", &ServiceReader::service_fallback},
                                   {"panic_threshold", &ServiceReader::service_panic_threshold},
                                   {"quorum", &ServiceReader::service_quorum}}};

const std::array<ServiceReader::Field<ServiceReader::ServerDraft>, 7> ServiceReader::kServerFields{
    {{"address", &ServiceReader::server_address},
     {"weight", &ServiceReader::server_weight},
     {"forward", &ServiceReader::server_forward},
     {"tunnel", &ServiceReader::server_tunnel},
     {"state", &ServiceReader::server_state},
     {"upper", &ServiceReader::server_upper},
     {"lower", &ServiceReader::server_lower}}};

const std::array<ServiceReader::Field<ServiceReader::ServerDraft>, 4>
    ServiceReader::kFallbackFields{{{"address", &ServiceReader::server_address},
                                    {"weight", &ServiceReader::server_weight},
                                    {"forward", &ServiceReader::server_forward},
                                    {"tunnel", &ServiceReader::server_tunnel}}};

void ServiceReader::read_defaults(const YamlNode& map) {
    if (map.kind == YamlNode::Kind::Map) {
        read_fields(source_, *this, map, "defaults", kDefaultsFields, defaults_);
    }
}

void ServiceReader::default_scheduler(const YamlEntry& entry, ConfigDefaults& defaults) {
    defaults.scheduler = read_scheduler(entry).value_or(defaults.scheduler);
}

void ServiceReader::default_forward(const YamlEntry& entry, ConfigDefaults& defaults) {
    defaults.forward = read_forward(entry).value_or(defaults.forward);
}

void ServiceReader::default_weight(const YamlEntry& entry, ConfigDefaults& defaults) {
    defaults.weight = read_number(source_, entry, 0, HEADGATE_WEIGHT_MAX).value_or(defaults.weight);
}

void ServiceReader::read_services(const YamlNode& list, std::vector<PoolConfig>& out) {
    for (const auto& node : list.items) {
        read_service(node, out);
    }
    check_totals(list, out.size());
}

void ServiceReader::read_service(const YamlNode& node, std::vector<PoolConfig>& out) {
    if (node.kind != YamlNode::Kind::Map) {
        source_.fault(node, "a service " + expected_instead(node, "a map with listen and servers"));
        return;
    }
    ServiceDraft draft;
    draft.node = &node;
    draft.spec.scheduler = defaults_.scheduler;
    draft.care.check = defaults_.check;
    draft.care.load = defaults_.load;
    read_fields(source_, *this, node, "a service", kServiceFields, draft);
    if (!draft.has_listen) {
        source_.fault(node, "a service needs listen: tcp://ADDRESS:PORT or udp://ADDRESS:PORT");
    }
    check_affinity(draft);
    check_care(draft);
    finish(draft, out);
}

void ServiceReader::service_name(const YamlEntry& entry, ServiceDraft& draft) {
    const auto word = read_word(source_, entry);
    if (!word) {
        return;
    }
    if (const auto good = check_name(*word); !good) {
        source_.fault(entry.value, good.error().reason);
        return;
    }
    draft.spec.name = *word;
    draft.name_node = &entry.value;
}

void ServiceReader::service_listen(const YamlEntry& entry, ServiceDraft& draft) {
    draft.has_listen = true;
    if (entry.value.kind != YamlNode::Kind::Sequence) {
        if (entry.value.kind == YamlNode::Kind::Null) {
            source_.fault(entry.key, "listen has to be a URL or a list of URLs, not nothing");
        } else {
            read_listen(entry.value, draft);
        }
        return;
    }
    if (entry.value.items.empty()) {
        source_.fault(entry.value, "listen needs at least one tcp://ADDRESS:PORT");
    }
    for (const auto& node : entry.value.items) {
        read_listen(node, draft);
    }
}

void ServiceReader::read_listen(const YamlNode& node, ServiceDraft& draft) {
    const auto word = word_of(source_, node, "listen");
    if (!word) {
        return;
    }
    if (const auto later = later_listen(*word)) {
        source_.fault(node, *later);
        return;
    }
    const auto key = accept(source_, node, parse_service_key(*word));
    if (!key) {
        return;
    }
    if (const auto good = check_key(*key); !good) {
        source_.fault(node, good.error().reason);
        return;
    }
    const Listen listen{*key, &node};
    check_unique(listen);
    draft.listens.push_back(listen);
}

void ServiceReader::check_unique(const Listen& listen) {
    const auto [first, is_new] = keys_.emplace(listen.key, source_.place_of(*listen.node));
    if (!is_new) {
        source_.fault(*listen.node, fmt::format("{} is here a second time, the first is at {}",
                                                listen.key.text(), source_.text_of(first->second)));
    }
}

void ServiceReader::service_scheduler(const YamlEntry& entry, ServiceDraft& draft) {
    draft.spec.scheduler = read_scheduler(entry).value_or(draft.spec.scheduler);
}

void ServiceReader::service_hash_port(const YamlEntry& entry, ServiceDraft& draft) {
    draft.spec.hash_port = read_bool(source_, entry).value_or(false);
}

void ServiceReader::service_timeouts(const YamlEntry& entry, ServiceDraft& draft) {
    if (!is_kind(source_, entry, YamlNode::Kind::Map)) {
        return;
    }
    const auto names = timeout_names();
    const auto& items = entry.value.items;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        const auto found = std::find(names.begin(), names.end(), items[i].text);
        if (found == names.end()) {
            refuse_key(source_, items[i], "timeouts", names);
            continue;
        }
        auto& timeout = draft.spec.timeouts[static_cast<std::size_t>(found - names.begin())];
        timeout = read_duration(source_, {items[i], items[i + 1]}, kTimeoutMin, kTimeoutMax)
                      .value_or(timeout);
    }
}

void ServiceReader::service_slow_start(const YamlEntry& entry, ServiceDraft& draft) {
    const auto window =
        read_duration(source_, entry, std::chrono::milliseconds::zero(), kSlowStartMax);
    draft.spec.slow_start = window.value_or(draft.spec.slow_start);
}

void ServiceReader::service_on_down(const YamlEntry& entry, ServiceDraft& draft) {
    if (const auto word = read_word(source_, entry)) {
        const auto on_down = accept(source_, entry.value, parse_on_down(*word));
        draft.spec.on_down = on_down.value_or(draft.spec.on_down);
    }
}

void ServiceReader::service_servers(const YamlEntry& entry, ServiceDraft& draft) {
    if (!is_kind(source_, entry, YamlNode::Kind::Sequence)) {
        return;
    }
    draft.servers.reserve(entry.value.items.size());
    for (const auto& node : entry.value.items) {
        read_server(node, "a server", kServerFields, draft.servers);
    }
}

template <std::size_t N>
void ServiceReader::read_server(const YamlNode& node, std::string_view map,
                                const std::array<Field<ServerDraft>, N>& fields,
                                std::vector<ServerDraft>& out) {
    if (node.kind != YamlNode::Kind::Map) {
        source_.fault(node, fmt::format("{} {}", map,
                                        expected_instead(node, "a map like { address: "
                                                               "10.0.0.1:80 }")));
        return;
    }
    ServerDraft server;
    server.node = &node;
    server.spec.mode = defaults_.forward;
    server.spec.weight = defaults_.weight;
    if (!has_key(node, "address")) {
        source_.fault(node, fmt::format("{} needs an address: ADDRESS or ADDRESS:PORT", map));
    }
    read_fields(source_, *this, node, map, fields, server);
    if (server.tunnel_key != nullptr && server.spec.mode != Mode::Tunnel) {
        source_.fault(*server.tunnel_key,
                      fmt::format("tunnel goes with \"forward: tunnel\", and this server's is {}",
                                  name(server.spec.mode)));
    }
    out.push_back(server);
}

// A word is the address alone.
void ServiceReader::read_fallback(const YamlNode& node, std::vector<ServerDraft>& out) {
    if (node.kind != YamlNode::Kind::Scalar) {
        read_server(node, "a fallback", kFallbackFields, out);
        return;
    }
    if (const auto word = word_of(source_, node, "a fallback")) {
        ServerDraft server;
        server.spec.mode = defaults_.forward;
        server.spec.weight = defaults_.weight;
        read_address(node, *word, server);
        out.push_back(server);
    }
}

void ServiceReader::server_address(const YamlEntry& entry, ServerDraft& draft) {
    if (const auto word = read_word(source_, entry)) {
        read_address(entry.value, *word, draft);
    }
}

void ServiceReader::read_address(const YamlNode& node, std::string_view word, ServerDraft& draft) {
    draft.node = &node;
    if (const auto two_ways = ambiguous_port(word)) {
        source_.fault(node, *two_ways);
        return;
    }
    draft.endpoint = accept(source_, node, parse_endpoint(word));
}

void ServiceReader::server_weight(const YamlEntry& entry, ServerDraft& draft) {
    const auto weight = read_number(source_, entry, 0, HEADGATE_WEIGHT_MAX);
    draft.spec.weight = weight.value_or(draft.spec.weight);
}

void ServiceReader::server_forward(const YamlEntry& entry, ServerDraft& draft) {
    draft.spec.mode = read_forward(entry).value_or(draft.spec.mode);
}

void ServiceReader::server_tunnel(const YamlEntry& entry, ServerDraft& draft) {
    draft.tunnel_key = &entry.key;
    const auto word = read_word(source_, entry);
    if (!word) {
        return;
    }
    if (const auto later = later_tunnel(*word)) {
        source_.fault(entry.value, *later);
    } else if (const auto tunnel = accept(source_, entry.value, parse_tunnel(*word))) {
        draft.spec.tunnel = *tunnel;
    }
}

void ServiceReader::server_state(const YamlEntry& entry, ServerDraft& draft) {
    if (const auto word = read_word(source_, entry)) {
        const auto state = accept(source_, entry.value, parse_admin_state(*word));
        draft.spec.admin_state = state.value_or(draft.spec.admin_state);
    }
}

void ServiceReader::server_upper(const YamlEntry& entry, ServerDraft& draft) {
    const auto bound = read_number(source_, entry, 0, HEADGATE_THRESHOLD_MAX);
    draft.spec.upper = bound.value_or(draft.spec.upper);
}

void ServiceReader::server_lower(const YamlEntry& entry, ServerDraft& draft) {
    const auto bound = read_number(source_, entry, 0, HEADGATE_THRESHOLD_MAX);
    draft.spec.lower = bound.value_or(draft.spec.lower);
}

std::optional<std::string> ServiceReader::read_scheduler(const YamlEntry& entry) {
    const auto word = read_word(source_, entry);
    return word ? accept(source_, entry.value, parse_scheduler(*word)) : std::nullopt;
}

std::optional<Mode> ServiceReader::read_forward(const YamlEntry& entry) {
    const auto word = read_word(source_, entry);
    return word ? accept(source_, entry.value, parse_mode(*word)) : std::nullopt;
}

} // namespace hg

// What headgated does for a service: its check, load, fallback, panic threshold and quorum.
#include "config_check.h"
#include "config_check_kind.h"
#include "config_service.h"
#include "config_value.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace hg {

namespace {

constexpr std::size_t kFallbackMax = 64;
constexpr std::uint32_t kPanicMax = 90; // per cent: it is left at 10 more

// What a check goes to the server's port by; nothing where it does not go there.
std::optional<Protocol> protocol_of(const HealthCheck& check) {
    const auto type = type_of(check);
    if ((type & (kIcmpCheck | kExecCheck)) != 0) {
        return std::nullopt;
    }
    return (type & (kUdpCheck | kDnsCheck)) != 0 ? Protocol::Udp : Protocol::Tcp;
}

} // namespace

const std::array<ServiceReader::Field<Quorum>, 2> ServiceReader::kQuorumFields{
    {{"weight", &ServiceReader::quorum_weight}, {"hysteresis", &ServiceReader::quorum_hysteresis}}};

void ServiceReader::default_check(const YamlEntry& entry, ConfigDefaults& defaults) {
    defaults.check = read_check(source_, entry, std::nullopt);
}

void ServiceReader::default_load(const YamlEntry& entry, ConfigDefaults& defaults) {
    defaults.load = read_load(source_, entry, std::nullopt);
}

void ServiceReader::service_check(const YamlEntry& entry, ServiceDraft& draft) {
    draft.check_node = &entry.value;
    draft.care.check = read_check(source_, entry, defaults_.check);
}

void ServiceReader::service_load(const YamlEntry& entry, ServiceDraft& draft) {
    draft.care.load = read_load(source_, entry, defaults_.load);
}

void ServiceReader::service_fallback(const YamlEntry& entry, ServiceDraft& draft) {
    if (!is_kind(source_, entry, YamlNode::Kind::Sequence)) {
        return;
    }
    if (entry.value.items.size() > kFallbackMax) {
        source_.fault(entry.value, fmt::format("fallback has {} servers: up to {}",
                                               entry.value.items.size(), kFallbackMax));
        return;
    }
    for (const auto& node : entry.value.items) {
        read_fallback(node, draft.fallback);
    }
}

void ServiceReader::service_panic_threshold(const YamlEntry& entry, ServiceDraft& draft) {
    draft.care.panic_threshold = read_percent(source_, entry, 0, kPanicMax).value_or(0);
}

// A number is the weight alone.
void ServiceReader::service_quorum(const YamlEntry& entry, ServiceDraft& draft) {
    const auto before = source_.total();
    Quorum quorum;
    if (entry.value.kind == YamlNode::Kind::Map) {
        if (!has_key(entry.value, "weight")) {
            source_.fault(entry.value, "a quorum needs a weight: how much has to be up");
        }
        read_fields(source_, *this, entry.value, "a quorum", kQuorumFields, quorum);
    } else {
        quorum_weight(entry, quorum);
    }
    if (source_.total() != before) {
        return;
    }
    if (quorum.hysteresis >= quorum.weight) {
        source_.fault(entry.value, fmt::format("the hysteresis, {}, has to be less than the "
                                               "weight, {}: else the quorum is never lost",
                                               quorum.hysteresis, quorum.weight));
        return;
    }
    draft.care.quorum = quorum;
    draft.quorum_node = &entry.value;
}

void ServiceReader::quorum_weight(const YamlEntry& entry, Quorum& quorum) {
    quorum.weight = read_number(source_, entry, 1, kQuorumMax).value_or(quorum.weight);
}

void ServiceReader::quorum_hysteresis(const YamlEntry& entry, Quorum& quorum) {
    quorum.hysteresis = read_number(source_, entry, 0, kQuorumMax).value_or(quorum.hysteresis);
}

void ServiceReader::check_care(const ServiceDraft& draft) {
    if (draft.care.check) {
        check_protocol(draft, *draft.care.check);
        check_source(draft, *draft.care.check);
    }
    if (draft.care.quorum && !draft.servers.empty()) {
        check_quorum(draft);
    }
}

// A check of a protocol that nobody listens to would take all servers down.
void ServiceReader::check_protocol(const ServiceDraft& draft, const HealthCheck& check) {
    const auto protocol = protocol_of(check);
    const auto is_same = [&](const Listen& listen) { return listen.key.protocol == protocol; };
    const auto& listens = draft.listens;
    if (!protocol || listens.empty() || std::all_of(listens.begin(), listens.end(), is_same)) {
        return;
    }
    const auto* const at = draft.check_node != nullptr ? draft.check_node : draft.node;
    const auto name_of_check = fmt::format("the {} check{}", type_name(check),
                                           draft.check_node != nullptr ? "" : " of defaults");
    if (check.through_service) {
        source_.fault(*at, fmt::format("{} cannot go through this service: it needs {}://",
                                       name_of_check, name(*protocol)));
        return;
    }
    // Where both are listened to, the one stands for the other; names are asked for over UDP
    // whatever the service is.
    if (check.port == 0 && !std::holds_alternative<DnsCheck>(check.kind) &&
        std::none_of(listens.begin(), listens.end(), is_same)) {
        source_.fault(*at,
                      fmt::format("{} needs a port: the service has no {}://, so nobody may listen "
                                  "for it at the servers' own; another type, or \"check: none\"?",
                                  name_of_check, name(*protocol)));
    }
}

void ServiceReader::check_source(const ServiceDraft& draft, const HealthCheck& check) {
    if (!check.source) {
        return;
    }
    const auto compare = [&](const YamlNode& at, const Address& address, std::string_view what) {
        if (address.family() != check.source->family()) {
            source_.fault(at, fmt::format("the check's source {} is {}, and {} is {}",
                                          check.source->text(), name(check.source->family()), what,
                                          name(address.family())));
        }
    };
    if (check.through_service) {
        for (const auto& listen : draft.listens) {
            compare(*listen.node, listen.key.endpoint.address, "the service");
        }
        return;
    }
    for (const auto& server : draft.servers) {
        if (server.endpoint) {
            compare(*server.node, server.endpoint->address, "this server");
        }
    }
}

void ServiceReader::check_quorum(const ServiceDraft& draft) {
    std::uint64_t all = 0;
    for (const auto& server : draft.servers) {
        all += server.spec.weight;
    }
    const auto& quorum = *draft.care.quorum;
    if (std::uint64_t{quorum.weight} + quorum.hysteresis > all) {
        source_.fault(*draft.quorum_node,
                      fmt::format("the quorum is never had: it wants the weight {}, and all "
                                  "servers together have {}",
                                  std::uint64_t{quorum.weight} + quorum.hysteresis, all));
    }
}

} // namespace hg

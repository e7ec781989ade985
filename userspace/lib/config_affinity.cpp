// Affinity in the configuration file: affinity: { timeout: 5m, mask: 24 }
#include "config_service.h"
#include "number.h"

#include <algorithm>
#include <array>

namespace hg {

const std::array<ServiceReader::Field<ServiceReader::AffinityDraft>, 4>
    ServiceReader::kAffinityFields{{{"timeout", &ServiceReader::affinity_timeout},
                                    {"mask", &ServiceReader::affinity_mask},
                                    {"prefix", &ServiceReader::affinity_prefix},
                                    {"drained", &ServiceReader::affinity_drained}}};

void ServiceReader::service_affinity(const YamlEntry& entry, ServiceDraft& draft) {
    if (!is_kind(source_, entry, YamlNode::Kind::Map)) {
        return;
    }
    draft.affinity.node = &entry.value;
    if (!has_key(entry.value, "timeout")) {
        source_.fault(entry.value, "affinity needs a timeout: how long a client may stay away");
    }
    read_fields(source_, *this, entry.value, "an affinity", kAffinityFields, draft.affinity);
}

void ServiceReader::affinity_timeout(const YamlEntry& entry, AffinityDraft& draft) {
    if (const auto word = read_word(source_, entry)) {
        const auto timeout =
            accept(source_, entry.value,
                   parse_duration(*word, "affinity timeout", kTimeoutMin, kTimeoutMax));
        draft.spec.timeout = timeout.value_or(draft.spec.timeout);
    }
}

void ServiceReader::affinity_mask(const YamlEntry& entry, AffinityDraft& draft) {
    draft.mask_key = &entry.key;
    draft.mask =
        static_cast<std::uint8_t>(read_number(source_, entry, 1, bits_of(Family::V4)).value_or(0));
}

void ServiceReader::affinity_prefix(const YamlEntry& entry, AffinityDraft& draft) {
    draft.prefix_key = &entry.key;
    draft.prefix =
        static_cast<std::uint8_t>(read_number(source_, entry, 1, bits_of(Family::V6)).value_or(0));
}

void ServiceReader::affinity_drained(const YamlEntry& entry, AffinityDraft& draft) {
    if (const auto word = read_word(source_, entry)) {
        draft.spec.drained =
            accept(source_, entry.value, parse_drained(*word)).value_or(draft.spec.drained);
    }
}

// Each of mask and prefix has a listener that it is for.
void ServiceReader::check_affinity(const ServiceDraft& draft) {
    const auto listens_to = [&](Family family) {
        return draft.listens.empty() || // which is told
               std::any_of(draft.listens.begin(), draft.listens.end(), [&](const Listen& listen) {
                   return listen.key.endpoint.address.family() == family;
               });
    };
    const auto& affinity = draft.affinity;
    if (affinity.mask_key != nullptr && !listens_to(Family::V4)) {
        source_.fault(*affinity.mask_key,
                      "mask is for IPv4, and the service listens to IPv6 only: prefix?");
    }
    if (affinity.prefix_key != nullptr && !listens_to(Family::V6)) {
        source_.fault(*affinity.prefix_key,
                      "prefix is for IPv6, and the service listens to IPv4 only: mask?");
    }
}

AffinitySpec ServiceReader::affinity_for(const AffinityDraft& draft, Family family) {
    auto out = draft.spec;
    const auto bits = family == Family::V4 ? draft.mask : draft.prefix;
    out.prefix = bits == bits_of(family) ? std::uint8_t{0} : bits;
    return out;
}

} // namespace hg

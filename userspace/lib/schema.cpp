#include "schema.h"

#include "message.h"

#include <array>
#include <headgate.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <optional>

namespace hg {

namespace {

using Names = std::span<const AttributeName>;

constexpr std::size_t kHeaders = sizeof(nlmsghdr) + sizeof(genlmsghdr);

Names timeout_attributes() {
    static constexpr std::array<AttributeName, HEADGATE_A_TIMEOUT_MAX + 1> kNames{{
        {""},
        {"tcp_none"},
        {"tcp_established"},
        {"tcp_syn_sent"},
        {"tcp_syn_recv"},
        {"tcp_fin_wait"},
        {"tcp_time_wait"},
        {"tcp_close"},
        {"tcp_close_wait"},
        {"tcp_last_ack"},
        {"tcp_listen"},
        {"tcp_synack"},
        {"udp"},
    }};
    return kNames;
}

Names settings_attributes() {
    static constexpr std::array<AttributeName, HEADGATE_A_SETTINGS_MAX + 1> kNames{{
        {""},
        {"conn_limit"},
        {"check_mark_first"},
        {"check_mark_last"},
        {"timeouts", timeout_attributes},
        {"affinity_limit"},
    }};
    return kNames;
}

Names affinity_conf_attributes() {
    static constexpr std::array<AttributeName, HEADGATE_A_AFFINITY_CONF_MAX + 1> kNames{{
        {""},
        {"timeout"},
        {"prefix"},
        {"drained"},
    }};
    return kNames;
}

Names service_attributes() {
    static constexpr std::array<AttributeName, HEADGATE_A_SERVICE_MAX + 1> kNames{{
        {""},
        {"family"},
        {"protocol"},
        {"address"},
        {"port"},
        {"name"},
        {"scheduler"},
        {"flags"},
        {"servers"},
        {"active"},
        {"inactive"},
        {"counters"},
        {"timeouts", timeout_attributes},
        {"slow_start"},
        {"on_down"},
        {"affinity", affinity_conf_attributes},
    }};
    return kNames;
}

Names transaction_attributes() {
    static constexpr std::array<AttributeName, HEADGATE_A_TRANSACTION_MAX + 1> kNames{{
        {""},
        {"generation"},
        {"messages"},
    }};
    return kNames;
}

Names drain_attributes() {
    static constexpr std::array<AttributeName, HEADGATE_A_DRAIN_MAX + 1> kNames{{
        {""},
        {"deadline"},
        {"then"},
        {"remove"},
        {"left"},
    }};
    return kNames;
}

Names filter_attributes() {
    static constexpr std::array<AttributeName, HEADGATE_A_FILTER_MAX + 1> kNames{{
        {""},
        {"flags"},
        {"family"},
        {"protocol"},
        {"service_address"},
        {"service_port"},
        {"server_family"},
        {"server_address"},
        {"server_port"},
        {"client_address"},
        {"client_prefix"},
        {"client_port"},
        {"states"},
        {"age_min"},
        {"age_max"},
    }};
    return kNames;
}

Names server_attributes() {
    static constexpr std::array<AttributeName, HEADGATE_A_SERVER_MAX + 1> kNames{{
        {""},
        {"family"},
        {"address"},
        {"port"},
        {"mode"},
        {"tunnel"},
        {"weight"},
        {"admin_state"},
        {"down"},
        {"factor"},
        {"ramp"},
        {"effective_weight"},
        {"check_mark"},
        {"active"},
        {"inactive"},
        {"counters"},
        {"upper"},
        {"lower"},
        {"drain", drain_attributes},
        {"managed"},
        {"managed_weight"},
        {"managed_state"},
        {"overrides"},
        {"status"},
    }};
    return kNames;
}

AttributeName name_of(Names names, std::size_t type) {
    return type < names.size() ? names[type] : AttributeName{"unknown"};
}

std::string joined(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : path + "." + std::string(name);
}

// A nest of the request: where its attributes begin in the message, what they are called.
struct Nest {
    std::span<const std::byte> attributes;
    std::size_t start = 0;
    Names names;
    std::string path;
};

struct Found {
    std::string path;
    Names names; // of the attributes inside
};

std::optional<Found> find(const Nest& nest, std::size_t offset) {
    std::optional<Found> found;
    // Our own request is well-formed: the walk cannot fail.
    (void)for_each_attribute(nest.attributes, [&](const Attribute& attribute) -> Result<> {
        const auto at =
            static_cast<std::size_t>(attribute.payload.data() - nest.attributes.data()) +
            nest.start;
        const auto entry = name_of(nest.names, static_cast<std::size_t>(attribute.type));
        const auto path = joined(nest.path, entry.name);
        const auto inside = entry.child != nullptr ? entry.child() : Names{};
        if (at - sizeof(nlattr) == offset) {
            found = Found{path, inside};
        } else if (!inside.empty() && !found) {
            found = find({attribute.payload, at, inside, path}, offset);
        }
        return {};
    });
    return found;
}

std::optional<Found> find_in(std::span<const std::byte> message, std::size_t offset) {
    if (message.size() < kHeaders) {
        return std::nullopt;
    }
    return find({message.subspan(kHeaders), kHeaders, top_attributes(), {}}, offset);
}

} // namespace

Names top_attributes() {
    static constexpr std::array<AttributeName, HEADGATE_A_MAX + 1> kNames{{
        {""},
        {"info"},
        {"settings", settings_attributes},
        {"service", service_attributes},
        {"server", server_attributes},
        {"conn"},
        {"transaction", transaction_attributes},
        {"event"},
        {"filter", filter_attributes},
        {"counts"},
        {"killed"},
        {"affinity"},
        {"flushed"},
        {"heartbeat"},
    }};
    return kNames;
}

std::string attribute_at(std::span<const std::byte> message, std::size_t offset) {
    const auto found = find_in(message, offset);
    return found ? found->path : "";
}

std::string missing_attribute(std::span<const std::byte> message, std::size_t offset,
                              std::size_t type) {
    if (offset == 0) {
        return std::string(name_of(top_attributes(), type).name);
    }
    const auto nest = find_in(message, offset);
    return nest ? joined(nest->path, name_of(nest->names, type).name) : "";
}

} // namespace hg

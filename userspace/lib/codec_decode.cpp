// Answers to values; codec.cpp has the way there.
#include "codec_parts.h"

namespace hg {

namespace {

Result<Counters> decode_counters(const Attribute& nest) {
    Counters out;
    HG_TRY(for_each_attribute(nest.payload, [&](const Attribute& a) -> Result<> {
        switch (a.type) {
        case HEADGATE_A_COUNTERS_CONNS:
            out.conns = HG_TRY(a.u64());
            break;
        case HEADGATE_A_COUNTERS_IN_PACKETS:
            out.in_packets = HG_TRY(a.u64());
            break;
        case HEADGATE_A_COUNTERS_IN_BYTES:
            out.in_bytes = HG_TRY(a.u64());
            break;
        case HEADGATE_A_COUNTERS_OUT_PACKETS:
            out.out_packets = HG_TRY(a.u64());
            break;
        case HEADGATE_A_COUNTERS_OUT_BYTES:
            out.out_bytes = HG_TRY(a.u64());
            break;
        default:
            break;
        }
        return {};
    }));
    return out;
}

// A service's key while its attributes come in.
struct ServiceParts {
    AddressParts address;
    std::optional<std::uint8_t> protocol;
    std::uint16_t port = 0;

    // Whether the attribute was one of the key's.
    Result<bool> take(const Attribute& a) {
        switch (a.type) {
        case HEADGATE_A_SERVICE_FAMILY:
            address.family = HG_TRY(a.u8());
            return true;
        case HEADGATE_A_SERVICE_PROTOCOL:
            protocol = HG_TRY(a.u8());
            return true;
        case HEADGATE_A_SERVICE_ADDRESS:
            address.bytes = a.payload;
            return true;
        case HEADGATE_A_SERVICE_PORT:
            port = HG_TRY(a.u16());
            return true;
        default:
            return false;
        }
    }

    [[nodiscard]] Result<ServiceKey> join() const {
        if (!protocol) {
            return lacks("service protocol");
        }
        ServiceKey key;
        key.protocol = HG_TRY(protocol_of(*protocol));
        key.endpoint.address = HG_TRY(address.join("service address"));
        key.endpoint.port = port;
        return key;
    }
};

Result<> take_timeouts(const Attribute& nest, Timeouts& out) {
    return for_each_attribute(nest.payload, [&](const Attribute& a) -> Result<> {
        if (a.type >= 1 && static_cast<std::size_t>(a.type) <= kTimeouts) {
            out[static_cast<std::size_t>(a.type) - 1] = HG_TRY(ms(a));
        }
        return {};
    });
}

void take_service_flags(std::uint32_t flags, Service& out) {
    out.spec.hash_port = (flags & HEADGATE_SERVICE_F_HASH_PORT) != 0;
    out.managed = (flags & HEADGATE_SERVICE_F_MANAGED) != 0;
}

Result<> take_service(const Attribute& a, Service& out) {
    switch (a.type) {
    case HEADGATE_A_SERVICE_TIMEOUTS:
        return take_timeouts(a, out.spec.timeouts);
    case HEADGATE_A_SERVICE_SLOW_START:
        out.spec.slow_start = HG_TRY(ms(a));
        break;
    case HEADGATE_A_SERVICE_ON_DOWN:
        out.spec.on_down = static_cast<OnDown>(HG_TRY(a.u8()));
        break;
    case HEADGATE_A_SERVICE_NAME:
        out.spec.name = HG_TRY(a.text());
        break;
    case HEADGATE_A_SERVICE_SCHEDULER:
        out.spec.scheduler = HG_TRY(a.text());
        break;
    case HEADGATE_A_SERVICE_FLAGS:
        take_service_flags(HG_TRY(a.bitfield32()), out);
        break;
    case HEADGATE_A_SERVICE_AFFINITY:
        out.spec.affinity = HG_TRY(decode_affinity_spec(a));
        break;
    case HEADGATE_A_SERVICE_SERVERS:
        out.servers = HG_TRY(a.u32());
        break;
    case HEADGATE_A_SERVICE_ACTIVE:
        out.active = HG_TRY(a.u32());
        break;
    case HEADGATE_A_SERVICE_INACTIVE:
        out.inactive = HG_TRY(a.u32());
        break;
    case HEADGATE_A_SERVICE_COUNTERS:
        out.counters = HG_TRY(decode_counters(a));
        break;
    default:
        break;
    }
    return {};
}

// Without affinity, what else the kernel keeps of it means nothing.
void normalize(AffinitySpec& affinity, Family family) {
    if (affinity.timeout.count() == 0) {
        affinity = {};
    } else if (affinity.prefix == bits_of(family)) {
        affinity.prefix = 0;
    }
}

Result<Service> service_of(const Attribute& nest) {
    Service out;
    ServiceParts key;
    HG_TRY(for_each_attribute(nest.payload, [&](const Attribute& a) -> Result<> {
        const auto taken = HG_TRY(key.take(a));
        return taken ? Result<>{} : take_service(a, out);
    }));
    out.spec.key = HG_TRY(key.join());
    normalize(out.spec.affinity, out.spec.key.endpoint.address.family());
    return out;
}

// What the admin says of a server.
Result<> take_server_spec(const Attribute& a, ServerSpec& out) {
    switch (a.type) {
    case HEADGATE_A_SERVER_PORT:
        out.endpoint.port = HG_TRY(a.u16());
        break;
    case HEADGATE_A_SERVER_MODE:
        out.mode = static_cast<Mode>(HG_TRY(a.u8()));
        break;
    case HEADGATE_A_SERVER_TUNNEL:
        out.tunnel = static_cast<TunnelType>(HG_TRY(a.u8()));
        break;
    case HEADGATE_A_SERVER_WEIGHT:
        out.weight = HG_TRY(a.u32());
        break;
    case HEADGATE_A_SERVER_ADMIN_STATE:
        out.admin_state = static_cast<AdminState>(HG_TRY(a.u8()));
        break;
    case HEADGATE_A_SERVER_UPPER:
        out.upper = HG_TRY(a.u32());
        break;
    case HEADGATE_A_SERVER_LOWER:
        out.lower = HG_TRY(a.u32());
        break;
    default:
        break;
    }
    return {};
}

Result<Drain> drain_of(const Attribute& nest) {
    Drain out;
    HG_TRY(for_each_attribute(nest.payload, [&](const Attribute& a) -> Result<> {
        switch (a.type) {
        case HEADGATE_A_DRAIN_THEN:
            out.then = static_cast<Then>(HG_TRY(a.u8()));
            break;
        case HEADGATE_A_DRAIN_REMOVE:
            out.remove = true;
            break;
        case HEADGATE_A_DRAIN_LEFT:
            out.left = HG_TRY(ms(a));
            break;
        default:
            break;
        }
        return {};
    }));
    return out;
}

// Its two attributes come one after the other.
Managed& managed_of(Server& server) {
    return server.managed ? *server.managed : server.managed.emplace();
}

// What the admin did by hand, and what goes on because of that.
Result<> take_server_management(const Attribute& a, Server& out) {
    switch (a.type) {
    case HEADGATE_A_SERVER_MANAGED_WEIGHT:
        managed_of(out).weight = HG_TRY(a.u32());
        break;
    case HEADGATE_A_SERVER_MANAGED_STATE:
        managed_of(out).admin_state = static_cast<AdminState>(HG_TRY(a.u8()));
        break;
    case HEADGATE_A_SERVER_OVERRIDES:
        out.overrides = HG_TRY(a.u32());
        break;
    case HEADGATE_A_SERVER_STATUS:
        out.status = HG_TRY(a.u32());
        break;
    case HEADGATE_A_SERVER_DRAIN:
        out.drain = HG_TRY(drain_of(a));
        break;
    default:
        break;
    }
    return {};
}

// What became of it.
Result<> take_server_status(const Attribute& a, Server& out) {
    switch (a.type) {
    case HEADGATE_A_SERVER_DOWN:
        out.down = HG_TRY(a.bitfield32());
        break;
    case HEADGATE_A_SERVER_FACTOR:
        out.factor = HG_TRY(a.u32());
        break;
    case HEADGATE_A_SERVER_RAMP:
        out.ramp = HG_TRY(a.u32());
        break;
    case HEADGATE_A_SERVER_EFFECTIVE_WEIGHT:
        out.effective_weight = HG_TRY(a.u32());
        break;
    case HEADGATE_A_SERVER_CHECK_MARK:
        out.check_mark = HG_TRY(a.u32());
        break;
    case HEADGATE_A_SERVER_ACTIVE:
        out.active = HG_TRY(a.u32());
        break;
    case HEADGATE_A_SERVER_INACTIVE:
        out.inactive = HG_TRY(a.u32());
        break;
    case HEADGATE_A_SERVER_COUNTERS:
        out.counters = HG_TRY(decode_counters(a));
        break;
    default:
        break;
    }
    return {};
}

Result<Server> server_of(const Attribute& nest) {
    Server out;
    AddressParts address;
    HG_TRY(for_each_attribute(nest.payload, [&](const Attribute& a) -> Result<> {
        if (a.type == HEADGATE_A_SERVER_FAMILY) {
            address.family = HG_TRY(a.u8());
        } else if (a.type == HEADGATE_A_SERVER_ADDRESS) {
            address.bytes = a.payload;
        }
        HG_TRY(take_server_spec(a, out.spec));
        HG_TRY(take_server_management(a, out));
        return take_server_status(a, out);
    }));
    out.spec.endpoint.address = HG_TRY(address.join("server address"));
    return out;
}

Result<Drop> drop_of(const Attribute& nest) {
    Drop out;
    HG_TRY(for_each_attribute(nest.payload, [&](const Attribute& a) -> Result<> {
        switch (a.type) {
        case HEADGATE_A_DROP_REASON:
            out.reason = HG_TRY(a.u32());
            break;
        case HEADGATE_A_DROP_NAME:
            out.name = HG_TRY(a.text());
            break;
        case HEADGATE_A_DROP_PACKETS:
            out.packets = HG_TRY(a.u64());
            break;
        default:
            break;
        }
        return {};
    }));
    return out;
}

// Its two attributes come one after the other.
Heartbeat& heartbeat_of(Info& info) {
    return info.heartbeat ? *info.heartbeat : info.heartbeat.emplace();
}

Result<> take_info(const Attribute& a, Info& out) {
    switch (a.type) {
    case HEADGATE_A_INFO_VERSION:
        out.version = HG_TRY(a.text());
        break;
    case HEADGATE_A_INFO_GENERATION:
        out.generation = HG_TRY(a.u32());
        break;
    case HEADGATE_A_INFO_SERVICES:
        out.services = HG_TRY(a.u32());
        break;
    case HEADGATE_A_INFO_SERVERS:
        out.servers = HG_TRY(a.u32());
        break;
    case HEADGATE_A_INFO_CONNS:
        out.conns = HG_TRY(a.u32());
        break;
    case HEADGATE_A_INFO_CONN_LIMIT:
        out.conn_limit = HG_TRY(a.u32());
        break;
    case HEADGATE_A_INFO_AFFINITIES:
        out.affinities = HG_TRY(a.u32());
        break;
    case HEADGATE_A_INFO_AFFINITY_LIMIT:
        out.affinity_limit = HG_TRY(a.u32());
        break;
    case HEADGATE_A_INFO_SCHEDULER:
        out.schedulers.push_back(HG_TRY(a.text()));
        break;
    case HEADGATE_A_INFO_HEARTBEAT:
        heartbeat_of(out).interval = HG_TRY(ms(a));
        break;
    case HEADGATE_A_INFO_HEARTBEAT_AGE:
        heartbeat_of(out).age = HG_TRY(ms(a));
        break;
    case HEADGATE_A_INFO_DROP:
        out.drops.push_back(HG_TRY(drop_of(a)));
        break;
    default:
        break;
    }
    return {};
}

Result<> take_setting(const Attribute& a, Settings& out) {
    switch (a.type) {
    case HEADGATE_A_SETTINGS_CONN_LIMIT:
        out.conn_limit = HG_TRY(a.u32());
        break;
    case HEADGATE_A_SETTINGS_AFFINITY_LIMIT:
        out.affinity_limit = HG_TRY(a.u32());
        break;
    case HEADGATE_A_SETTINGS_CHECK_MARK_FIRST:
        out.check_mark_first = HG_TRY(a.u32());
        break;
    case HEADGATE_A_SETTINGS_CHECK_MARK_LAST:
        out.check_mark_last = HG_TRY(a.u32());
        break;
    case HEADGATE_A_SETTINGS_TIMEOUTS:
        return take_timeouts(a, out.timeouts);
    default:
        break;
    }
    return {};
}

} // namespace

Result<Info> decode_info(std::span<const std::byte> attributes) {
    const auto nest = HG_TRY(find_top(attributes, HEADGATE_A_INFO, "info"));
    Info out;
    HG_TRY(for_each_attribute(nest.payload, [&](const Attribute& a) { return take_info(a, out); }));
    return out;
}

Result<Settings> decode_settings(std::span<const std::byte> attributes) {
    const auto nest = HG_TRY(find_top(attributes, HEADGATE_A_SETTINGS, "settings"));
    Settings out;
    HG_TRY(
        for_each_attribute(nest.payload, [&](const Attribute& a) { return take_setting(a, out); }));
    return out;
}

Result<Service> decode_service(std::span<const std::byte> attributes) {
    return service_of(HG_TRY(find_top(attributes, HEADGATE_A_SERVICE, "service")));
}

Result<Server> decode_server(std::span<const std::byte> attributes) {
    const auto service = HG_TRY(decode_service(attributes));
    const auto nest = HG_TRY(find_top(attributes, HEADGATE_A_SERVER, "server"));
    auto out = HG_TRY(server_of(nest));
    out.service = service.spec.key;
    return out;
}

} // namespace hg

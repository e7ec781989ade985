// Values to requests; codec_decode.cpp has the way back.
#include "codec.h"

#include "change.h"

namespace hg {

namespace {

void put_service_key(AttributeWriter& out, const ServiceKey& key) {
    out.u8(HEADGATE_A_SERVICE_FAMILY, static_cast<std::uint8_t>(key.endpoint.address.family()))
        .u8(HEADGATE_A_SERVICE_PROTOCOL, static_cast<std::uint8_t>(key.protocol))
        .bytes(HEADGATE_A_SERVICE_ADDRESS, key.endpoint.address.bytes())
        .u16(HEADGATE_A_SERVICE_PORT, key.endpoint.port);
}

// Port 0 is not sent: the kernel takes the service's.
void put_server_key(AttributeWriter& out, const Endpoint& server) {
    out.u8(HEADGATE_A_SERVER_FAMILY, static_cast<std::uint8_t>(server.address.family()))
        .bytes(HEADGATE_A_SERVER_ADDRESS, server.address.bytes());
    if (server.port != 0) {
        out.u16(HEADGATE_A_SERVER_PORT, server.port);
    }
}

template <class Fill> Bytes service_nest(const ServiceKey& key, const Fill& rest) {
    AttributeWriter out;
    out.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& nest) {
        put_service_key(nest, key);
        rest(nest);
    });
    return std::move(out).take();
}

Bytes service_only(const ServiceKey& key) {
    return service_nest(key, [](AttributeWriter&) {});
}

template <class Fill>
Bytes server_nest(const ServiceKey& service, const Endpoint& server, const Fill& rest) {
    AttributeWriter out;
    out.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& nest) { put_service_key(nest, service); })
        .nest(HEADGATE_A_SERVER, [&](AttributeWriter& nest) {
            put_server_key(nest, server);
            rest(nest);
        });
    return std::move(out).take();
}

Bytes server_only(const ServiceKey& service, const Endpoint& server) {
    return server_nest(service, server, [](AttributeWriter&) {});
}

void put_service_flags(AttributeWriter& out, const ServiceChange& change) {
    MaskedBits bits;
    const auto add = [&](const std::optional<bool>& is_set, std::uint32_t bit) {
        bits.mask |= is_set ? bit : 0;
        bits.value |= is_set.value_or(false) ? bit : 0;
    };
    add(change.hash_port, HEADGATE_SERVICE_F_HASH_PORT);
    add(change.managed, HEADGATE_SERVICE_F_MANAGED);
    if (bits.mask != 0) {
        out.bitfield32(HEADGATE_A_SERVICE_FLAGS, bits.value, bits.mask);
    }
}

std::uint8_t number(Family family) { return static_cast<std::uint8_t>(family); }

std::uint32_t milliseconds(std::chrono::milliseconds time) {
    return static_cast<std::uint32_t>(time.count());
}

// NEST, when there is anything in it.
void put_timeouts(AttributeWriter& out, int nest, const TimeoutChanges& changes) {
    if (changes == TimeoutChanges{}) {
        return;
    }
    out.nest(nest, [&](AttributeWriter& inner) {
        for (std::size_t i = 0; i < kTimeouts; i++) {
            if (changes[i]) {
                inner.u32(static_cast<int>(i) + 1, milliseconds(*changes[i]));
            }
        }
    });
}

void put_drain(AttributeWriter& out, const Drain& drain) {
    out.nest(HEADGATE_A_SERVER_DRAIN, [&](AttributeWriter& inner) {
        inner.u32(HEADGATE_A_DRAIN_DEADLINE, milliseconds(drain.deadline))
            .u8(HEADGATE_A_DRAIN_THEN, static_cast<std::uint8_t>(drain.then));
        if (drain.remove) {
            inner.flag(HEADGATE_A_DRAIN_REMOVE);
        }
    });
}

// What is not the admin's.
void put_keepers(AttributeWriter& out, const ServerChange& change) {
    if (change.down) {
        out.bitfield32(HEADGATE_A_SERVER_DOWN, change.down->value, change.down->mask);
    }
    if (change.factor) {
        out.u32(HEADGATE_A_SERVER_FACTOR, *change.factor);
    }
    if (change.managed) {
        out.flag(HEADGATE_A_SERVER_MANAGED);
    }
}

void put_affinity(AttributeWriter& out, const AffinityChange& change, Family family) {
    if (change == AffinityChange{}) {
        return;
    }
    out.nest(HEADGATE_A_SERVICE_AFFINITY, [&](AttributeWriter& nest) {
        if (change.timeout) {
            nest.u32(HEADGATE_A_AFFINITY_CONF_TIMEOUT, milliseconds(*change.timeout));
        }
        if (change.prefix) {
            nest.u8(HEADGATE_A_AFFINITY_CONF_PREFIX,
                    *change.prefix != 0 ? *change.prefix : bits_of(family));
        }
        if (change.drained) {
            nest.u8(HEADGATE_A_AFFINITY_CONF_DRAINED, static_cast<std::uint8_t>(*change.drained));
        }
    });
}

void put_service_change(AttributeWriter& out, const ServiceChange& change, Family family) {
    if (change.name) {
        out.text(HEADGATE_A_SERVICE_NAME, *change.name);
    }
    if (change.scheduler) {
        out.text(HEADGATE_A_SERVICE_SCHEDULER, *change.scheduler);
    }
    put_service_flags(out, change);
    put_timeouts(out, HEADGATE_A_SERVICE_TIMEOUTS, change.timeouts);
    if (change.slow_start) {
        out.u32(HEADGATE_A_SERVICE_SLOW_START, milliseconds(*change.slow_start));
    }
    if (change.on_down) {
        out.u8(HEADGATE_A_SERVICE_ON_DOWN, static_cast<std::uint8_t>(*change.on_down));
    }
    put_affinity(out, change.affinity, family);
}

void put_filter_service(AttributeWriter& out, const ServiceKey& service) {
    out.u8(HEADGATE_A_FILTER_FAMILY, number(service.endpoint.address.family()))
        .u8(HEADGATE_A_FILTER_PROTOCOL, static_cast<std::uint8_t>(service.protocol))
        .bytes(HEADGATE_A_FILTER_SERVICE_ADDRESS, service.endpoint.address.bytes())
        .u16(HEADGATE_A_FILTER_SERVICE_PORT, service.endpoint.port);
}

void put_filter_server(AttributeWriter& out, const Endpoint& server) {
    out.u8(HEADGATE_A_FILTER_SERVER_FAMILY, number(server.address.family()))
        .bytes(HEADGATE_A_FILTER_SERVER_ADDRESS, server.address.bytes());
    if (server.port != 0) {
        out.u16(HEADGATE_A_FILTER_SERVER_PORT, server.port);
    }
}

// The service and the client share one family: of two, the kernel would read the last.
void put_filter_client(AttributeWriter& out, const ConnFilter& filter) {
    if (!filter.service) {
        out.u8(HEADGATE_A_FILTER_FAMILY, number(filter.client->address.family()));
    }
    out.bytes(HEADGATE_A_FILTER_CLIENT_ADDRESS, filter.client->address.bytes());
    if (filter.client->port != 0) {
        out.u16(HEADGATE_A_FILTER_CLIENT_PORT, filter.client->port);
    }
    if (filter.client_prefix) {
        out.u8(HEADGATE_A_FILTER_CLIENT_PREFIX, *filter.client_prefix);
    }
}

void put_filter(AttributeWriter& out, const ConnFilter& filter) {
    if (filter.all) {
        out.u32(HEADGATE_A_FILTER_FLAGS, HEADGATE_FILTER_F_ALL);
    }
    if (filter.service) {
        put_filter_service(out, *filter.service);
    }
    if (filter.server) {
        put_filter_server(out, *filter.server);
    }
    if (filter.client) {
        put_filter_client(out, filter);
    }
    if (filter.states != 0) {
        out.u32(HEADGATE_A_FILTER_STATES, filter.states);
    }
    if (filter.min_age) {
        out.u32(HEADGATE_A_FILTER_AGE_MIN, milliseconds(*filter.min_age));
    }
    if (filter.max_age) {
        out.u32(HEADGATE_A_FILTER_AGE_MAX, milliseconds(*filter.max_age));
    }
}

Bytes filter_nest(const ConnFilter& filter) {
    AttributeWriter out;
    out.nest(HEADGATE_A_FILTER, [&](AttributeWriter& nest) { put_filter(nest, filter); });
    return std::move(out).take();
}

Bytes transaction_nest(std::uint32_t generation, std::uint32_t messages) {
    AttributeWriter out;
    out.nest(HEADGATE_A_TRANSACTION, [&](AttributeWriter& nest) {
        nest.u32(HEADGATE_A_TRANSACTION_GENERATION, generation)
            .u32(HEADGATE_A_TRANSACTION_MESSAGES, messages);
    });
    return std::move(out).take();
}

} // namespace

std::string Attempt::text() const {
    std::string out(verb);
    if (server) {
        out += " " + (service ? with_port_of(*service, *server) : *server).text();
    }
    if (!link.empty()) {
        out += " ";
        out += link;
    }
    return service ? out + " " + service->text() : out;
}

Request get_info_request() {
    return {.command = HEADGATE_CMD_GET_INFO, .attempted = {.verb = "ask the module how it is"}};
}

Request get_settings_request() {
    return {.command = HEADGATE_CMD_GET_SETTINGS, .attempted = {.verb = "get the settings"}};
}

Request set_settings_request(const SettingsChange& change) {
    AttributeWriter out;
    out.nest(HEADGATE_A_SETTINGS, [&](AttributeWriter& nest) {
        if (change.conn_limit) {
            nest.u32(HEADGATE_A_SETTINGS_CONN_LIMIT, *change.conn_limit);
        }
        if (change.affinity_limit) {
            nest.u32(HEADGATE_A_SETTINGS_AFFINITY_LIMIT, *change.affinity_limit);
        }
        if (change.check_mark_first) {
            nest.u32(HEADGATE_A_SETTINGS_CHECK_MARK_FIRST, *change.check_mark_first);
        }
        if (change.check_mark_last) {
            nest.u32(HEADGATE_A_SETTINGS_CHECK_MARK_LAST, *change.check_mark_last);
        }
        put_timeouts(nest, HEADGATE_A_SETTINGS_TIMEOUTS, change.timeouts);
    });
    return {.command = HEADGATE_CMD_SET_SETTINGS,
            .attributes = std::move(out).take(),
            .attempted = {.verb = "change the settings"}};
}

Request get_service_request(const ServiceKey& key) {
    return {.command = HEADGATE_CMD_GET_SERVICE,
            .attributes = service_only(key),
            .attempted = {.verb = "get service", .service = key}};
}

Request list_services_request() {
    return {.command = HEADGATE_CMD_GET_SERVICE,
            .dump = true,
            .attempted = {.verb = "list the services"}};
}

Request add_service_request(const ServiceSpec& service, bool managed) {
    // What is not the default, and what a service has to say.
    auto change = change_between({}, service);
    change.scheduler = service.scheduler;
    change.hash_port = service.hash_port;
    if (managed) {
        change.managed = true;
    }
    const auto fill = [&](AttributeWriter& nest) {
        put_service_change(nest, change, service.key.endpoint.address.family());
    };
    return {.command = HEADGATE_CMD_NEW_SERVICE,
            .attributes = service_nest(service.key, fill),
            .attempted = {.verb = "add service", .service = service.key}};
}

Request set_service_request(const ServiceKey& key, const ServiceChange& change) {
    const auto fill = [&](AttributeWriter& nest) {
        put_service_change(nest, change, key.endpoint.address.family());
    };
    return {.command = HEADGATE_CMD_SET_SERVICE,
            .attributes = service_nest(key, fill),
            .attempted = {.verb = "change service", .service = key}};
}

Request del_service_request(const ServiceKey& key) {
    return {.command = HEADGATE_CMD_DEL_SERVICE,
            .attributes = service_only(key),
            .attempted = {.verb = "delete service", .service = key}};
}

Request flush_request() {
    return {.command = HEADGATE_CMD_FLUSH, .attempted = {.verb = "delete every service"}};
}

Request get_server_request(const ServiceKey& service, const Endpoint& server) {
    return {
        .command = HEADGATE_CMD_GET_SERVER,
        .attributes = server_only(service, server),
        .attempted = {.verb = "get server", .link = "of", .service = service, .server = server}};
}

Request list_servers_request(const std::optional<ServiceKey>& service) {
    return {.command = HEADGATE_CMD_GET_SERVER,
            .dump = true,
            .attributes = service ? service_only(*service) : Bytes{},
            .attempted = {.verb = service ? "list the servers of" : "list the servers",
                          .service = service}};
}

Request add_server_request(const ServiceKey& service, const ServerSpec& server,
                           const ServerChange& besides) {
    const auto fill = [&](AttributeWriter& nest) {
        nest.u8(HEADGATE_A_SERVER_MODE, static_cast<std::uint8_t>(server.mode));
        if (server.mode == Mode::Tunnel) {
            nest.u8(HEADGATE_A_SERVER_TUNNEL, static_cast<std::uint8_t>(server.tunnel));
        }
        nest.u32(HEADGATE_A_SERVER_WEIGHT, server.weight)
            .u8(HEADGATE_A_SERVER_ADMIN_STATE, static_cast<std::uint8_t>(server.admin_state));
        if (server.upper != 0) {
            nest.u32(HEADGATE_A_SERVER_UPPER, server.upper)
                .u32(HEADGATE_A_SERVER_LOWER, server.lower);
        }
        put_keepers(nest, besides);
    };
    return {.command = HEADGATE_CMD_NEW_SERVER,
            .attributes = server_nest(service, server.endpoint, fill),
            .attempted = {
                .verb = "add server", .link = "to", .service = service, .server = server.endpoint}};
}

Request set_server_request(const ServiceKey& service, const Endpoint& server,
                           const ServerChange& change) {
    const auto fill = [&](AttributeWriter& nest) {
        if (change.mode) {
            nest.u8(HEADGATE_A_SERVER_MODE, static_cast<std::uint8_t>(*change.mode));
        }
        if (change.tunnel) {
            nest.u8(HEADGATE_A_SERVER_TUNNEL, static_cast<std::uint8_t>(*change.tunnel));
        }
        if (change.weight) {
            nest.u32(HEADGATE_A_SERVER_WEIGHT, *change.weight);
        }
        if (change.admin_state) {
            nest.u8(HEADGATE_A_SERVER_ADMIN_STATE, static_cast<std::uint8_t>(*change.admin_state));
        }
        put_keepers(nest, change);
        if (change.upper) {
            nest.u32(HEADGATE_A_SERVER_UPPER, *change.upper);
        }
        if (change.lower) {
            nest.u32(HEADGATE_A_SERVER_LOWER, *change.lower);
        }
        if (change.drain) {
            put_drain(nest, *change.drain);
        }
    };
    return {
        .command = HEADGATE_CMD_SET_SERVER,
        .attributes = server_nest(service, server, fill),
        .attempted = {.verb = "change server", .link = "of", .service = service, .server = server}};
}

Request del_server_request(const ServiceKey& service, const Endpoint& server) {
    return {
        .command = HEADGATE_CMD_DEL_SERVER,
        .attributes = server_only(service, server),
        .attempted = {.verb = "delete server", .link = "of", .service = service, .server = server}};
}

Request reset_server_request(const ServiceKey& service, const Endpoint& server) {
    return {
        .command = HEADGATE_CMD_RESET_SERVER,
        .attributes = server_only(service, server),
        .attempted = {.verb = "reset server", .link = "of", .service = service, .server = server}};
}

Request list_conns_request(const ConnFilter& filter) {
    return {.command = HEADGATE_CMD_GET_CONN,
            .dump = true,
            .attributes = filter_nest(filter),
            .attempted = {.verb = "list the conns"}};
}

Request count_conns_request(const ConnFilter& filter) {
    return {.command = HEADGATE_CMD_COUNT_CONN,
            .dump = true,
            .attributes = filter_nest(filter),
            .attempted = {.verb = "count the conns"}};
}

Request kill_conns_request(const ConnFilter& filter) {
    return {.command = HEADGATE_CMD_KILL_CONN,
            .attributes = filter_nest(filter),
            .attempted = {.verb = "kill the conns"}};
}

Request begin_request() {
    return {.command = HEADGATE_CMD_BEGIN, .attempted = {.verb = "begin a transaction"}};
}

Request check_request(std::uint32_t generation, std::uint32_t messages) {
    return {.command = HEADGATE_CMD_CHECK,
            .attributes = transaction_nest(generation, messages),
            .attempted = {.verb = "check the transaction"}};
}

Request commit_request(std::uint32_t generation, std::uint32_t messages) {
    return {.command = HEADGATE_CMD_COMMIT,
            .attributes = transaction_nest(generation, messages),
            .attempted = {.verb = "commit the transaction"}};
}

Request abort_request() {
    return {.command = HEADGATE_CMD_ABORT, .attempted = {.verb = "abort the transaction"}};
}

Request list_affinities_request(const ConnFilter& filter) {
    return {.command = HEADGATE_CMD_GET_AFFINITY,
            .dump = true,
            .attributes = filter_nest(filter),
            .attempted = {.verb = "list the affinity entries"}};
}

Request flush_affinities_request(const ConnFilter& filter) {
    return {.command = HEADGATE_CMD_FLUSH_AFFINITY,
            .attributes = filter_nest(filter),
            .attempted = {.verb = "flush the affinity entries"}};
}

Request heartbeat_request(std::chrono::milliseconds interval) {
    AttributeWriter out;
    out.u32(HEADGATE_A_HEARTBEAT, milliseconds(interval));
    return {.command = HEADGATE_CMD_HEARTBEAT,
            .attributes = std::move(out).take(),
            .attempted = {.verb = "tell the module that the daemon is there"}};
}

Request sweep_request() {
    return {.command = HEADGATE_CMD_SWEEP, .attempted = {.verb = "sweep the conns"}};
}

} // namespace hg

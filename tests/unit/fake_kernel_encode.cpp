#include "fake_kernel.h"

namespace hg::test {

namespace {

std::uint8_t number(Family family) { return static_cast<std::uint8_t>(family); }

std::uint32_t ms(std::chrono::milliseconds time) {
    return static_cast<std::uint32_t>(time.count());
}

void put_timeouts(AttributeWriter& out, int type, const Timeouts& timeouts) {
    out.nest(type, [&](AttributeWriter& nest) {
        for (std::size_t i = 0; i < kTimeouts; i++) {
            nest.u32(static_cast<int>(i) + 1, ms(timeouts[i]));
        }
    });
}

void put_drain(AttributeWriter& out, const Drain& drain) {
    out.nest(HEADGATE_A_SERVER_DRAIN, [&](AttributeWriter& nest) {
        nest.u8(HEADGATE_A_DRAIN_THEN, static_cast<std::uint8_t>(drain.then));
        if (drain.remove) {
            nest.flag(HEADGATE_A_DRAIN_REMOVE);
        }
        if (drain.left) {
            nest.u32(HEADGATE_A_DRAIN_LEFT, ms(*drain.left));
        }
    });
}

void put_counters(AttributeWriter& out, int type, const Counters& counters) {
    out.nest(type, [&](AttributeWriter& nest) {
        nest.u64(HEADGATE_A_COUNTERS_CONNS, counters.conns)
            .u64(HEADGATE_A_COUNTERS_IN_PACKETS, counters.in_packets)
            .u64(HEADGATE_A_COUNTERS_IN_BYTES, counters.in_bytes)
            .u64(HEADGATE_A_COUNTERS_OUT_PACKETS, counters.out_packets)
            .u64(HEADGATE_A_COUNTERS_OUT_BYTES, counters.out_bytes);
    });
}

void put_key(AttributeWriter& out, const ServiceKey& key) {
    out.u8(HEADGATE_A_SERVICE_FAMILY, number(key.endpoint.address.family()))
        .u8(HEADGATE_A_SERVICE_PROTOCOL, static_cast<std::uint8_t>(key.protocol))
        .bytes(HEADGATE_A_SERVICE_ADDRESS, key.endpoint.address.bytes())
        .u16(HEADGATE_A_SERVICE_PORT, key.endpoint.port);
}

void put_server(AttributeWriter& out, const Server& server) {
    const auto& spec = server.spec;
    out.u8(HEADGATE_A_SERVER_FAMILY, number(spec.endpoint.address.family()))
        .bytes(HEADGATE_A_SERVER_ADDRESS, spec.endpoint.address.bytes())
        .u16(HEADGATE_A_SERVER_PORT, spec.endpoint.port)
        .u8(HEADGATE_A_SERVER_MODE, static_cast<std::uint8_t>(spec.mode))
        .u8(HEADGATE_A_SERVER_TUNNEL, static_cast<std::uint8_t>(spec.tunnel))
        .u32(HEADGATE_A_SERVER_WEIGHT, spec.weight)
        .u8(HEADGATE_A_SERVER_ADMIN_STATE, static_cast<std::uint8_t>(spec.admin_state))
        .bitfield32(HEADGATE_A_SERVER_DOWN, server.down, HEADGATE_DOWN_ALL)
        .u32(HEADGATE_A_SERVER_FACTOR, server.factor)
        .u32(HEADGATE_A_SERVER_RAMP, server.ramp)
        .u32(HEADGATE_A_SERVER_EFFECTIVE_WEIGHT, server.effective_weight)
        .u32(HEADGATE_A_SERVER_ACTIVE, server.active)
        .u32(HEADGATE_A_SERVER_INACTIVE, server.inactive)
        .u32(HEADGATE_A_SERVER_UPPER, spec.upper)
        .u32(HEADGATE_A_SERVER_LOWER, spec.lower)
        .u32(HEADGATE_A_SERVER_OVERRIDES, server.overrides)
        .u32(HEADGATE_A_SERVER_STATUS, server.status);
    if (server.drain) {
        put_drain(out, *server.drain);
    }
    if (server.managed) {
        out.flag(HEADGATE_A_SERVER_MANAGED)
            .u32(HEADGATE_A_SERVER_MANAGED_WEIGHT, server.managed->weight)
            .u8(HEADGATE_A_SERVER_MANAGED_STATE,
                static_cast<std::uint8_t>(server.managed->admin_state));
    }
    if (server.check_mark) {
        out.u32(HEADGATE_A_SERVER_CHECK_MARK, *server.check_mark);
    }
    put_counters(out, HEADGATE_A_SERVER_COUNTERS, server.counters);
}

} // namespace

Bytes encode(const Info& info) {
    AttributeWriter out;
    out.nest(HEADGATE_A_INFO, [&](AttributeWriter& nest) {
        nest.text(HEADGATE_A_INFO_VERSION, info.version)
            .u32(HEADGATE_A_INFO_GENERATION, info.generation)
            .u32(HEADGATE_A_INFO_SERVICES, info.services)
            .u32(HEADGATE_A_INFO_SERVERS, info.servers)
            .u32(HEADGATE_A_INFO_CONNS, info.conns)
            .u32(HEADGATE_A_INFO_CONN_LIMIT, info.conn_limit)
            .u32(HEADGATE_A_INFO_AFFINITIES, info.affinities)
            .u32(HEADGATE_A_INFO_AFFINITY_LIMIT, info.affinity_limit);
        if (info.heartbeat) {
            nest.u32(HEADGATE_A_INFO_HEARTBEAT,
                     static_cast<std::uint32_t>(info.heartbeat->interval.count()))
                .u32(HEADGATE_A_INFO_HEARTBEAT_AGE,
                     static_cast<std::uint32_t>(info.heartbeat->age.count()));
        }
        for (const auto& scheduler : info.schedulers) {
            nest.text(HEADGATE_A_INFO_SCHEDULER, scheduler);
        }
        for (const auto& drop : info.drops) {
            nest.nest(HEADGATE_A_INFO_DROP, [&](AttributeWriter& inner) {
                inner.u32(HEADGATE_A_DROP_REASON, drop.reason)
                    .text(HEADGATE_A_DROP_NAME, drop.name)
                    .u64(HEADGATE_A_DROP_PACKETS, drop.packets);
            });
        }
    });
    return std::move(out).take();
}

Bytes encode(const Settings& settings) {
    AttributeWriter out;
    out.nest(HEADGATE_A_SETTINGS, [&](AttributeWriter& nest) {
        nest.u32(HEADGATE_A_SETTINGS_CONN_LIMIT, settings.conn_limit)
            .u32(HEADGATE_A_SETTINGS_AFFINITY_LIMIT, settings.affinity_limit)
            .u32(HEADGATE_A_SETTINGS_CHECK_MARK_FIRST, settings.check_mark_first)
            .u32(HEADGATE_A_SETTINGS_CHECK_MARK_LAST, settings.check_mark_last);
        put_timeouts(nest, HEADGATE_A_SETTINGS_TIMEOUTS, settings.timeouts);
    });
    return std::move(out).take();
}

Bytes encode(const Service& service) {
    AttributeWriter out;
    out.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& nest) {
        put_key(nest, service.spec.key);
        if (!service.spec.name.empty()) {
            nest.text(HEADGATE_A_SERVICE_NAME, service.spec.name);
        }
        nest.text(HEADGATE_A_SERVICE_SCHEDULER, service.spec.scheduler)
            .bitfield32(HEADGATE_A_SERVICE_FLAGS,
                        service.spec.hash_port ? HEADGATE_SERVICE_F_HASH_PORT : 0,
                        HEADGATE_SERVICE_F_ALL)
            .nest(HEADGATE_A_SERVICE_AFFINITY,
                  [&](AttributeWriter& inner) {
                      const auto& affinity = service.spec.affinity;
                      const auto family = service.spec.key.endpoint.address.family();
                      inner.u32(HEADGATE_A_AFFINITY_CONF_TIMEOUT, ms(affinity.timeout))
                          .u8(HEADGATE_A_AFFINITY_CONF_PREFIX,
                              affinity.prefix != 0 ? affinity.prefix : bits_of(family))
                          .u8(HEADGATE_A_AFFINITY_CONF_DRAINED,
                              static_cast<std::uint8_t>(affinity.drained));
                  })
            .u32(HEADGATE_A_SERVICE_SERVERS, service.servers)
            .u32(HEADGATE_A_SERVICE_ACTIVE, service.active)
            .u32(HEADGATE_A_SERVICE_INACTIVE, service.inactive)
            .u32(HEADGATE_A_SERVICE_SLOW_START, ms(service.spec.slow_start))
            .u8(HEADGATE_A_SERVICE_ON_DOWN, static_cast<std::uint8_t>(service.spec.on_down));
        put_timeouts(nest, HEADGATE_A_SERVICE_TIMEOUTS, service.spec.timeouts);
        put_counters(nest, HEADGATE_A_SERVICE_COUNTERS, service.counters);
    });
    return std::move(out).take();
}

Bytes encode(const Server& server) {
    AttributeWriter out;
    out.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& nest) { put_key(nest, server.service); })
        .nest(HEADGATE_A_SERVER, [&](AttributeWriter& nest) { put_server(nest, server); });
    return std::move(out).take();
}

Bytes encode(const Conn& conn) {
    AttributeWriter out;
    out.nest(HEADGATE_A_CONN, [&](AttributeWriter& nest) {
        nest.u8(HEADGATE_A_CONN_FAMILY, number(conn.client.address.family()))
            .u8(HEADGATE_A_CONN_PROTOCOL, static_cast<std::uint8_t>(conn.protocol))
            .bytes(HEADGATE_A_CONN_CLIENT_ADDRESS, conn.client.address.bytes())
            .u16(HEADGATE_A_CONN_CLIENT_PORT, conn.client.port)
            .bytes(HEADGATE_A_CONN_SERVICE_ADDRESS, conn.service.address.bytes())
            .u16(HEADGATE_A_CONN_SERVICE_PORT, conn.service.port)
            .u8(HEADGATE_A_CONN_SERVER_FAMILY, number(conn.server.address.family()))
            .bytes(HEADGATE_A_CONN_SERVER_ADDRESS, conn.server.address.bytes())
            .u16(HEADGATE_A_CONN_SERVER_PORT, conn.server.port)
            .u8(HEADGATE_A_CONN_MODE, static_cast<std::uint8_t>(conn.mode))
            .u8(HEADGATE_A_CONN_STATE, conn.state)
            .u32(HEADGATE_A_CONN_FLAGS, conn.flags)
            .u32(HEADGATE_A_CONN_TIMEOUT, ms(conn.timeout))
            .u32(HEADGATE_A_CONN_EXPIRES, ms(conn.expires))
            .u32(HEADGATE_A_CONN_AGE, ms(conn.age));
    });
    return std::move(out).take();
}

Bytes encode(const Affinity& entry) {
    AttributeWriter out;
    out.nest(HEADGATE_A_AFFINITY, [&](AttributeWriter& nest) {
        nest.u8(HEADGATE_A_AFFINITY_FAMILY, number(entry.client.family()))
            .u8(HEADGATE_A_AFFINITY_PROTOCOL, static_cast<std::uint8_t>(entry.protocol))
            .bytes(HEADGATE_A_AFFINITY_CLIENT_ADDRESS, entry.client.bytes())
            .u8(HEADGATE_A_AFFINITY_CLIENT_PREFIX, entry.prefix)
            .bytes(HEADGATE_A_AFFINITY_SERVICE_ADDRESS, entry.service.address.bytes())
            .u16(HEADGATE_A_AFFINITY_SERVICE_PORT, entry.service.port)
            .u8(HEADGATE_A_AFFINITY_SERVER_FAMILY, number(entry.server.address.family()))
            .bytes(HEADGATE_A_AFFINITY_SERVER_ADDRESS, entry.server.address.bytes())
            .u16(HEADGATE_A_AFFINITY_SERVER_PORT, entry.server.port)
            .u32(HEADGATE_A_AFFINITY_TIMEOUT, ms(entry.timeout))
            .u32(HEADGATE_A_AFFINITY_EXPIRES, ms(entry.expires))
            .u32(HEADGATE_A_AFFINITY_CONNS, entry.conns);
    });
    return std::move(out).take();
}

Bytes encode(const ConnCount& count) {
    AttributeWriter out;
    out.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& nest) { put_key(nest, count.service); })
        .nest(HEADGATE_A_SERVER,
              [&](AttributeWriter& nest) {
                  nest.u8(HEADGATE_A_SERVER_FAMILY, number(count.server.address.family()))
                      .bytes(HEADGATE_A_SERVER_ADDRESS, count.server.address.bytes())
                      .u16(HEADGATE_A_SERVER_PORT, count.server.port);
              })
        .nest(HEADGATE_A_COUNTS, [&](AttributeWriter& nest) {
            for (std::size_t i = 0; i < kConnStates; i++) {
                if (count.conns[i] != 0) {
                    nest.u32(static_cast<int>(i) + 1, count.conns[i]);
                }
            }
        });
    return std::move(out).take();
}

} // namespace hg::test

// Conns from answers to values.
#include "codec_parts.h"

namespace hg {

namespace {

// A conn's addresses while its attributes come in.
struct ConnParts {
    AddressParts client;
    AddressParts service;
    AddressParts server;
    std::optional<std::uint8_t> protocol;

    Result<> take(const Attribute& a, Conn& out) {
        switch (a.type) {
        case HEADGATE_A_CONN_FAMILY:
            client.family = service.family = HG_TRY(a.u8());
            break;
        case HEADGATE_A_CONN_PROTOCOL:
            protocol = HG_TRY(a.u8());
            break;
        case HEADGATE_A_CONN_CLIENT_ADDRESS:
            client.bytes = a.payload;
            break;
        case HEADGATE_A_CONN_CLIENT_PORT:
            out.client.port = HG_TRY(a.u16());
            break;
        case HEADGATE_A_CONN_SERVICE_ADDRESS:
            service.bytes = a.payload;
            break;
        case HEADGATE_A_CONN_SERVICE_PORT:
            out.service.port = HG_TRY(a.u16());
            break;
        case HEADGATE_A_CONN_SERVER_FAMILY:
            server.family = HG_TRY(a.u8());
            break;
        case HEADGATE_A_CONN_SERVER_ADDRESS:
            server.bytes = a.payload;
            break;
        case HEADGATE_A_CONN_SERVER_PORT:
            out.server.port = HG_TRY(a.u16());
            break;
        default:
            break;
        }
        return {};
    }

    Result<> join(Conn& out) const {
        if (!protocol) {
            return lacks("conn protocol");
        }
        out.protocol = HG_TRY(protocol_of(*protocol));
        out.client.address = HG_TRY(client.join("client address"));
        out.service.address = HG_TRY(service.join("service address"));
        out.server.address = HG_TRY(server.join("server address"));
        return {};
    }
};

Result<> take_conn(const Attribute& a, Conn& out) {
    switch (a.type) {
    case HEADGATE_A_CONN_MODE:
        out.mode = static_cast<Mode>(HG_TRY(a.u8()));
        break;
    case HEADGATE_A_CONN_STATE:
        out.state = HG_TRY(a.u8());
        break;
    case HEADGATE_A_CONN_FLAGS:
        out.flags = HG_TRY(a.u32());
        break;
    case HEADGATE_A_CONN_TIMEOUT:
        out.timeout = HG_TRY(ms(a));
        break;
    case HEADGATE_A_CONN_EXPIRES:
        out.expires = HG_TRY(ms(a));
        break;
    case HEADGATE_A_CONN_AGE:
        out.age = HG_TRY(ms(a));
        break;
    default:
        break;
    }
    return {};
}

} // namespace

Result<ConnCount> decode_conn_count(std::span<const std::byte> attributes) {
    const auto server = HG_TRY(decode_server(attributes));
    const auto nest = HG_TRY(find_top(attributes, HEADGATE_A_COUNTS, "counts"));
    ConnCount out{.service = server.service, .server = server.spec.endpoint};
    HG_TRY(for_each_attribute(nest.payload, [&](const Attribute& a) -> Result<> {
        if (a.type >= 1 && static_cast<std::size_t>(a.type) <= kConnStates) {
            out.conns[static_cast<std::size_t>(a.type) - 1] = HG_TRY(a.u32());
        }
        return {};
    }));
    return out;
}

Result<std::uint32_t> decode_killed(std::span<const std::byte> attributes) {
    return HG_TRY(find_top(attributes, HEADGATE_A_KILLED, "number of killed conns")).u32();
}

Result<Conn> decode_conn(std::span<const std::byte> attributes) {
    const auto nest = HG_TRY(find_top(attributes, HEADGATE_A_CONN, "conn"));
    Conn out;
    ConnParts parts;
    HG_TRY(for_each_attribute(nest.payload, [&](const Attribute& a) -> Result<> {
        HG_TRY(parts.take(a, out));
        return take_conn(a, out);
    }));
    HG_TRY(parts.join(out));
    return out;
}

} // namespace hg

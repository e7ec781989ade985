// Affinity from answers to values.
#include "codec_parts.h"

namespace hg {

namespace {

// An entry's addresses while its attributes come in.
struct EntryParts {
    AddressParts client;
    AddressParts service;
    AddressParts server;
    std::optional<std::uint8_t> protocol;

    Result<> take(const Attribute& a, Affinity& out) {
        switch (a.type) {
        case HEADGATE_A_AFFINITY_FAMILY:
            client.family = service.family = HG_TRY(a.u8());
            break;
        case HEADGATE_A_AFFINITY_PROTOCOL:
            protocol = HG_TRY(a.u8());
            break;
        case HEADGATE_A_AFFINITY_CLIENT_ADDRESS:
            client.bytes = a.payload;
            break;
        case HEADGATE_A_AFFINITY_SERVICE_ADDRESS:
            service.bytes = a.payload;
            break;
        case HEADGATE_A_AFFINITY_SERVICE_PORT:
            out.service.port = HG_TRY(a.u16());
            break;
        case HEADGATE_A_AFFINITY_SERVER_FAMILY:
            server.family = HG_TRY(a.u8());
            break;
        case HEADGATE_A_AFFINITY_SERVER_ADDRESS:
            server.bytes = a.payload;
            break;
        case HEADGATE_A_AFFINITY_SERVER_PORT:
            out.server.port = HG_TRY(a.u16());
            break;
        default:
            break;
        }
        return {};
    }

    Result<> join(Affinity& out) const {
        if (!protocol) {
            return lacks("affinity protocol");
        }
        out.protocol = HG_TRY(protocol_of(*protocol));
        out.client = HG_TRY(client.join("client address"));
        out.service.address = HG_TRY(service.join("service address"));
        out.server.address = HG_TRY(server.join("server address"));
        return {};
    }
};

Result<> take_entry(const Attribute& a, Affinity& out) {
    switch (a.type) {
    case HEADGATE_A_AFFINITY_CLIENT_PREFIX:
        out.prefix = HG_TRY(a.u8());
        break;
    case HEADGATE_A_AFFINITY_TIMEOUT:
        out.timeout = HG_TRY(ms(a));
        break;
    case HEADGATE_A_AFFINITY_EXPIRES:
        out.expires = HG_TRY(ms(a));
        break;
    case HEADGATE_A_AFFINITY_CONNS:
        out.conns = HG_TRY(a.u32());
        break;
    default:
        break;
    }
    return {};
}

} // namespace

Result<AffinitySpec> decode_affinity_spec(const Attribute& nest) {
    AffinitySpec out;
    HG_TRY(for_each_attribute(nest.payload, [&](const Attribute& a) -> Result<> {
        switch (a.type) {
        case HEADGATE_A_AFFINITY_CONF_TIMEOUT:
            out.timeout = HG_TRY(ms(a));
            break;
        case HEADGATE_A_AFFINITY_CONF_PREFIX:
            out.prefix = HG_TRY(a.u8());
            break;
        case HEADGATE_A_AFFINITY_CONF_DRAINED:
            out.drained = static_cast<Drained>(HG_TRY(a.u8()));
            break;
        default:
            break;
        }
        return {};
    }));
    return out;
}

Result<Affinity> decode_affinity(std::span<const std::byte> attributes) {
    const auto nest = HG_TRY(find_top(attributes, HEADGATE_A_AFFINITY, "affinity entry"));
    Affinity out;
    EntryParts parts;
    HG_TRY(for_each_attribute(nest.payload, [&](const Attribute& a) -> Result<> {
        HG_TRY(parts.take(a, out));
        return take_entry(a, out);
    }));
    HG_TRY(parts.join(out));
    return out;
}

Result<std::uint32_t> decode_flushed(std::span<const std::byte> attributes) {
    return HG_TRY(find_top(attributes, HEADGATE_A_FLUSHED, "number of flushed entries")).u32();
}

} // namespace hg

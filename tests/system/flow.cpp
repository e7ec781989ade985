#include "flow.h"

#include <algorithm>

namespace hg::test {

namespace {

Packet between(const Endpoint& from, const Endpoint& to, std::variant<Tcp, Udp> kind,
               Octets payload) {
    Packet out;
    out.src = from.address;
    out.dst = to.address;
    out.payload = std::move(payload);
    std::visit(
        [&](auto transport) {
            transport.sport = from.port;
            transport.dport = to.port;
            out.transport = transport;
        },
        kind);
    return out;
}

Tcp segment(std::uint8_t flags) { return {.sport = 0, .dport = 0, .flags = flags}; }

std::uint16_t* port_of(Packet& packet, bool source) {
    if (auto* tcp = std::get_if<Tcp>(&packet.transport)) {
        return source ? &tcp->sport : &tcp->dport;
    }
    auto* udp = std::get_if<Udp>(&packet.transport);
    return udp == nullptr ? nullptr : source ? &udp->sport : &udp->dport;
}

struct Kind {
    std::uint8_t type;
    std::uint8_t code;
};

Kind kind_of(Family family, Fault fault) {
    const bool v4 = family == Family::V4;
    switch (fault) {
    case Fault::Host:
        return v4 ? Kind{3, 1} : Kind{1, 3};
    case Fault::Port:
        return v4 ? Kind{3, 3} : Kind{1, 4};
    case Fault::Ttl:
        return v4 ? Kind{11, 0} : Kind{3, 0};
    case Fault::TooBig:
        break;
    }
    return v4 ? Kind{3, 4} : Kind{2, 0};
}

} // namespace

Packet Flow::tcp(std::uint8_t flags, Octets payload) const {
    return between(client, vip, segment(flags), std::move(payload));
}

Packet Flow::udp(Octets payload) const { return between(client, vip, Udp{}, std::move(payload)); }

Packet Flow::tcp_reply(std::uint8_t flags, Octets payload) const {
    return between(server, client, segment(flags), std::move(payload));
}

Packet Flow::udp_reply(Octets payload) const {
    return between(server, client, Udp{}, std::move(payload));
}

Packet Flow::at_server(Packet request) const {
    auto out = hop(std::move(request));
    out.dst = server.address;
    if (auto* port = port_of(out, false)) {
        *port = server.port;
    }
    return out;
}

Packet Flow::at_client(Packet reply) const {
    auto out = hop(std::move(reply));
    out.src = vip.address;
    if (auto* port = port_of(out, true)) {
        *port = vip.port;
    }
    return out;
}

Packet hop(Packet packet) {
    packet.ttl--;
    return packet;
}

std::optional<Packet> plain(std::optional<Packet> packet) {
    if (packet) {
        const Packet usual;
        packet->ttl = usual.ttl;
        packet->tos = usual.tos;
        packet->id = usual.id;
        packet->df = usual.df;
        packet->flow_label = usual.flow_label;
    }
    return packet;
}

Packet error(const Address& from, const Address& to, Fault fault, Octets quoted,
             std::uint32_t mtu) {
    const auto kind = kind_of(from.family(), fault);
    Packet out;
    out.src = from;
    out.dst = to;
    out.transport = Icmp{kind.type, kind.code, mtu};
    out.payload = std::move(quoted);
    return out;
}

Octets quote(const Packet& packet, std::size_t length) {
    auto out = bytes_of(packet);
    out.resize(std::min(length, out.size()));
    return out;
}

} // namespace hg::test

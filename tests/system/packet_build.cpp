#include "packet.h"

#include <algorithm>
#include <netinet/icmp6.h>

namespace hg::test {

namespace {

constexpr std::size_t kChecksumOfTcp = 16;
constexpr std::size_t kChecksumOfUdp = 6;
constexpr std::size_t kChecksumOfIcmp = 2;

void put16(Octets& out, std::size_t value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8));
    out.push_back(static_cast<std::uint8_t>(value));
}

void put32(Octets& out, std::uint32_t value) {
    put16(out, value >> 16);
    put16(out, value & 0xffff);
}

void set16(Octets& out, std::size_t at, std::uint16_t value) {
    out[at] = static_cast<std::uint8_t>(value >> 8);
    out[at + 1] = static_cast<std::uint8_t>(value);
}

void append(Octets& out, const Octets& more) { out.insert(out.end(), more.begin(), more.end()); }

void put_address(Octets& out, const Address& address) {
    for (const auto b : address.bytes()) {
        out.push_back(std::to_integer<std::uint8_t>(b));
    }
}

// Writes the checksum of a transport that begins the bytes.
void seal(Octets& out, const Packet& p, std::uint8_t protocol, std::size_t at) {
    const auto start = protocol == IPPROTO_ICMP ? std::uint16_t{0}
                                                : pseudo_sum(p.src, p.dst, protocol, out.size());
    auto sum = static_cast<std::uint16_t>(~ones_sum(out, start));
    if (sum == 0 && protocol == IPPROTO_UDP) {
        sum = 0xffff;
    }
    set16(out, at, p.sums_ok ? sum : static_cast<std::uint16_t>(sum ^ 0x0100));
}

std::uint8_t icmp_protocol(const Packet& p) {
    return p.src.family() == Family::V4 ? std::uint8_t{IPPROTO_ICMP} : std::uint8_t{IPPROTO_ICMPV6};
}

struct Transport {
    const Packet& packet;
    std::uint8_t protocol = 0;

    Octets operator()(const Tcp& t) {
        Octets out;
        protocol = IPPROTO_TCP;
        put16(out, t.sport);
        put16(out, t.dport);
        put32(out, t.seq);
        put32(out, t.ack);
        out.push_back(static_cast<std::uint8_t>((20 + t.options.size()) / 4 << 4));
        out.push_back(t.flags);
        put16(out, 64240);
        put32(out, 0);
        append(out, t.options);
        append(out, packet.payload);
        seal(out, packet, protocol, kChecksumOfTcp);
        return out;
    }

    Octets operator()(const Udp& u) {
        Octets out;
        protocol = IPPROTO_UDP;
        put16(out, u.sport);
        put16(out, u.dport);
        put16(out, 8 + packet.payload.size());
        put16(out, 0);
        append(out, packet.payload);
        if (!u.no_checksum) {
            seal(out, packet, protocol, kChecksumOfUdp);
        }
        return out;
    }

    Octets operator()(const Icmp& i) {
        Octets out{i.type, i.code, 0, 0};
        protocol = icmp_protocol(packet);
        put32(out, i.rest);
        append(out, packet.payload);
        seal(out, packet, protocol, kChecksumOfIcmp);
        return out;
    }

    Octets operator()(const Other& o) {
        protocol = o.protocol;
        return packet.payload;
    }
};

Octets header4(const Packet& p, std::uint8_t protocol, std::size_t length) {
    Octets out;
    const auto size = 20 + p.options.size();
    out.push_back(static_cast<std::uint8_t>(0x40 | size / 4));
    out.push_back(p.tos);
    put16(out, size + length);
    put16(out, p.id);
    put16(out, (p.df ? 0x4000U : 0U) | (p.more ? 0x2000U : 0U) | p.offset / 8U);
    out.push_back(p.ttl);
    out.push_back(protocol);
    put16(out, 0);
    put_address(out, p.src);
    put_address(out, p.dst);
    append(out, p.options);
    set16(out, 10, static_cast<std::uint16_t>(~ones_sum(out)));
    return out;
}

Octets header6(const Packet& p, std::uint8_t protocol, std::size_t length) {
    Octets chain;
    for (std::size_t i = 0; i < p.extensions.size(); i++) {
        const auto& e = p.extensions[i];
        const bool last = i + 1 == p.extensions.size();
        chain.push_back(last ? protocol : p.extensions[i + 1].type);
        chain.push_back(static_cast<std::uint8_t>(
            e.type == IPPROTO_FRAGMENT ? 0 : (e.body.size() + 2) / 8 - 1));
        append(chain, e.body);
    }
    Octets out;
    put32(out, 6U << 28 | std::uint32_t{p.tos} << 20 | p.flow_label);
    put16(out, chain.size() + length);
    out.push_back(p.extensions.empty() ? protocol : p.extensions[0].type);
    out.push_back(p.ttl);
    put_address(out, p.src);
    put_address(out, p.dst);
    append(out, chain);
    return out;
}

// The body of IPv6's fragment header.
Octets fragment_body(std::size_t offset, bool more, std::uint32_t id) {
    Octets out;
    put16(out, offset | (more ? 1U : 0U));
    put32(out, id);
    return out;
}

} // namespace

std::uint16_t ones_sum(std::span<const std::uint8_t> bytes, std::uint32_t start) {
    std::uint64_t sum = start;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        sum += static_cast<std::uint64_t>(bytes[i] << 8 | bytes[i + 1]);
    }
    if (bytes.size() % 2 != 0) {
        sum += static_cast<std::uint64_t>(bytes.back() << 8);
    }
    while (sum >> 16 != 0) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(sum);
}

std::uint16_t pseudo_sum(const Address& src, const Address& dst, std::uint8_t protocol,
                         std::size_t length) {
    Octets pseudo;
    put_address(pseudo, src);
    put_address(pseudo, dst);
    put32(pseudo, static_cast<std::uint32_t>(length));
    put32(pseudo, protocol);
    return ones_sum(pseudo);
}

Octets bytes_of(const Packet& packet) {
    Transport build{.packet = packet};
    const auto transport = std::visit(build, packet.transport);
    auto out = packet.src.family() == Family::V4
                   ? header4(packet, build.protocol, transport.size())
                   : header6(packet, build.protocol, transport.size());
    append(out, transport);
    return out;
}

std::vector<Packet> fragments(const Packet& packet, std::size_t length) {
    Transport build{.packet = packet};
    const auto whole = std::visit(build, packet.transport);
    std::vector<Packet> out;
    for (std::size_t at = 0; at < whole.size(); at += length) {
        const auto end = std::min(at + length, whole.size());
        auto piece = packet;
        piece.transport = Other{build.protocol};
        piece.payload.assign(whole.begin() + static_cast<std::ptrdiff_t>(at),
                             whole.begin() + static_cast<std::ptrdiff_t>(end));
        if (packet.src.family() == Family::V4) {
            piece.offset = static_cast<std::uint16_t>(at);
            piece.more = end < whole.size();
        } else {
            piece.extensions.push_back(
                {IPPROTO_FRAGMENT, fragment_body(at, end < whole.size(), packet.id)});
            piece.id = 0;
        }
        out.push_back(std::move(piece));
    }
    return out;
}

} // namespace hg::test

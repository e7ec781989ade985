#include "packet.h"

#include <algorithm>

namespace hg::test {

namespace {

using View = std::span<const std::uint8_t>;

std::uint16_t get16(View in, std::size_t at) {
    return static_cast<std::uint16_t>(in[at] << 8 | in[at + 1]);
}

std::uint32_t get32(View in, std::size_t at) {
    return std::uint32_t{get16(in, at)} << 16 | get16(in, at + 2);
}

Octets copy(View in) { return {in.begin(), in.end()}; }

Address address(Family family, View in) { return *Address::from_bytes(family, std::as_bytes(in)); }

bool sum_ok(const Packet& p, std::uint8_t protocol, View in) {
    return ones_sum(in, pseudo_sum(p.src, p.dst, protocol, in.size())) == 0xffff;
}

bool parse_tcp(Packet& p, View in) {
    const std::size_t size = in.size() < 20 ? 0 : in[12] / 16U * 4U;
    if (size < 20 || size > in.size()) {
        return false;
    }
    p.transport = Tcp{.sport = get16(in, 0),
                      .dport = get16(in, 2),
                      .flags = in[13],
                      .seq = get32(in, 4),
                      .ack = get32(in, 8),
                      .options = copy(in.subspan(20, size - 20))};
    p.payload = copy(in.subspan(size));
    p.sums_ok &= sum_ok(p, IPPROTO_TCP, in);
    return true;
}

bool parse_udp(Packet& p, View in) {
    if (in.size() < 8 || get16(in, 4) != in.size()) {
        return false;
    }
    const bool none = get16(in, 6) == 0;
    p.transport = Udp{.sport = get16(in, 0), .dport = get16(in, 2), .no_checksum = none};
    p.payload = copy(in.subspan(8));
    p.sums_ok &= none || sum_ok(p, IPPROTO_UDP, in);
    return true;
}

bool parse_icmp(Packet& p, std::uint8_t protocol, View in) {
    if (in.size() < 8) {
        return false;
    }
    p.transport = Icmp{.type = in[0], .code = in[1], .rest = get32(in, 4)};
    p.payload = copy(in.subspan(8));
    p.sums_ok &= protocol == IPPROTO_ICMP ? ones_sum(in) == 0xffff : sum_ok(p, protocol, in);
    return true;
}

// False when the transport is broken; it is taken for bytes then.
bool parse_transport(Packet& p, std::uint8_t protocol, View in) {
    switch (protocol) {
    case IPPROTO_TCP:
        return parse_tcp(p, in);
    case IPPROTO_UDP:
        return parse_udp(p, in);
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        return parse_icmp(p, protocol, in);
    default:
        return false;
    }
}

void finish(Packet& p, std::uint8_t protocol, View in, bool fragment) {
    if (fragment || !parse_transport(p, protocol, in)) {
        p.transport = Other{protocol};
        p.payload = copy(in);
    }
}

std::optional<Packet> parse4(View in) {
    const std::size_t size = in.size() < 20 ? 0 : (in[0] & 15U) * 4U;
    if (size < 20 || in.size() < size || get16(in, 2) < size || get16(in, 2) > in.size()) {
        return {};
    }
    Packet p;
    p.sums_ok = ones_sum(in.first(size)) == 0xffff;
    p.tos = in[1];
    p.id = get16(in, 4);
    p.df = (in[6] & 0x40) != 0;
    p.more = (in[6] & 0x20) != 0;
    p.offset = static_cast<std::uint16_t>((get16(in, 6) & 0x1fff) * 8);
    p.ttl = in[8];
    p.src = address(Family::V4, in.subspan(12, 4));
    p.dst = address(Family::V4, in.subspan(16, 4));
    p.options = copy(in.subspan(20, size - 20));
    finish(p, in[9], in.subspan(size, get16(in, 2) - size), p.more || p.offset != 0);
    return p;
}

bool is_extension(std::uint8_t type) {
    return type == IPPROTO_HOPOPTS || type == IPPROTO_ROUTING || type == IPPROTO_FRAGMENT ||
           type == IPPROTO_DSTOPTS;
}

std::optional<Packet> parse6(View in) {
    if (in.size() < 40 || in.size() < 40U + get16(in, 4)) {
        return {};
    }
    Packet p;
    p.tos = static_cast<std::uint8_t>(get32(in, 0) >> 20);
    p.flow_label = get32(in, 0) & 0xfffff;
    p.ttl = in[7];
    p.src = address(Family::V6, in.subspan(8, 16));
    p.dst = address(Family::V6, in.subspan(24, 16));
    auto rest = in.subspan(40, get16(in, 4));
    auto next = in[6];
    bool fragment = false;
    while (is_extension(next) && rest.size() >= 8) {
        const std::size_t size = next == IPPROTO_FRAGMENT ? 8 : (rest[1] + 1U) * 8U;
        if (size > rest.size()) {
            return {};
        }
        fragment |= next == IPPROTO_FRAGMENT;
        p.extensions.push_back({next, copy(rest.subspan(2, size - 2))});
        next = rest[0];
        rest = rest.subspan(size);
    }
    finish(p, next, rest, fragment);
    return p;
}

std::size_t offset_of(const Packet& piece) {
    return piece.src.family() == Family::V4 ? piece.offset
                                            : get16(piece.extensions.back().body, 0) & 0xfff8U;
}

bool is_last(const Packet& piece) {
    return piece.src.family() == Family::V4 ? !piece.more
                                            : (get16(piece.extensions.back().body, 0) & 1U) == 0;
}

} // namespace

std::optional<Packet> packet_of(std::span<const std::uint8_t> bytes) {
    if (bytes.empty()) {
        return {};
    }
    const auto version = bytes[0] >> 4;
    // DF has no meaning in IPv6, and is as in a packet that was not told otherwise.
    return version == 4 ? parse4(bytes) : version == 6 ? parse6(bytes) : std::nullopt;
}

std::optional<Packet> reassembled(const std::vector<Packet>& pieces) {
    Octets whole;
    for (const auto& piece : pieces) {
        if (offset_of(piece) != whole.size()) {
            return {};
        }
        whole.insert(whole.end(), piece.payload.begin(), piece.payload.end());
    }
    if (pieces.empty() || !is_last(pieces.back())) {
        return {};
    }
    auto out = pieces.front();
    const auto protocol = std::get<Other>(out.transport).protocol;
    out.more = false;
    if (out.src.family() == Family::V6) {
        out.extensions.pop_back();
    }
    finish(out, protocol, whole, false);
    return out;
}

} // namespace hg::test

// Packets as values: built into bytes with all their checksums, and read back from bytes.
#pragma once

#include "address.h"

#include <cstdint>
#include <iosfwd>
#include <netinet/in.h>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace hg::test {

using Octets = std::vector<std::uint8_t>;

enum TcpFlag : std::uint8_t { kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16, kUrg = 32 };

struct Tcp {
    std::uint16_t sport = 0;
    std::uint16_t dport = 0;
    std::uint8_t flags = 0;
    std::uint32_t seq = 1000;
    std::uint32_t ack = 0;
    Octets options = {}; // a multiple of 4

    bool operator==(const Tcp&) const = default;
};

struct Udp {
    std::uint16_t sport = 0;
    std::uint16_t dport = 0;
    bool no_checksum = false; // 0 in the field

    bool operator==(const Udp&) const = default;
};

// ICMP or ICMPv6, as the addresses say; what it quotes is the packet's payload.
struct Icmp {
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    std::uint32_t rest = 0; // the second word: the MTU, or 0

    bool operator==(const Icmp&) const = default;
};

// Any other protocol, and all of a fragment: bytes are in the payload.
struct Other {
    std::uint8_t protocol = 0;

    bool operator==(const Other&) const = default;
};

// IPv6: the bytes after the first two of the header, 6 + 8n of them.
struct Extension {
    std::uint8_t type = 0;
    Octets body = {};

    bool operator==(const Extension&) const = default;
};

struct Packet {
    Address src;
    Address dst;
    std::variant<Tcp, Udp, Icmp, Other> transport;
    Octets payload = {};
    std::uint8_t ttl = 64; // or hop limit
    std::uint8_t tos = 0;  // or traffic class
    std::uint32_t flow_label = 0;
    std::uint16_t id = 0;
    bool df = true;
    bool more = false;        // fragments follow
    std::uint16_t offset = 0; // of a fragment, in bytes
    Octets options = {};      // IPv4, a multiple of 4
    std::vector<Extension> extensions = {};
    bool sums_ok = true; // false when building: the transport's is made wrong

    bool operator==(const Packet&) const = default;
};

// A line for eyes; what is as usual is left out.
std::string text(const Packet& packet);
void PrintTo(const Packet& packet, std::ostream* out);

Octets bytes_of(const Packet& packet);                                // from the IP header on
std::optional<Packet> packet_of(std::span<const std::uint8_t> bytes); // nothing: not IP, or broken

// The packet in pieces whose transport bytes are at most LENGTH (a multiple of 8) each.
std::vector<Packet> fragments(const Packet& packet, std::size_t length);
// And back, when they are all there in order.
std::optional<Packet> reassembled(const std::vector<Packet>& pieces);

// The Internet checksum's sum, folded, not complemented.
std::uint16_t ones_sum(std::span<const std::uint8_t> bytes, std::uint32_t start = 0);
// The sum over the pseudo header.
std::uint16_t pseudo_sum(const Address& src, const Address& dst, std::uint8_t protocol,
                         std::size_t length);

// A payload of SIZE bytes, no two neighbours alike.
Octets filler(std::size_t size);

} // namespace hg::test

// The packets of one client with one server, on both sides of the director.
#pragma once

#include "packet.h"

namespace hg::test {

struct Flow {
    Endpoint client;
    Endpoint vip;
    Endpoint server;

    // As the client and the server send them.
    [[nodiscard]] Packet tcp(std::uint8_t flags, Octets payload = {}) const;
    [[nodiscard]] Packet udp(Octets payload = {}) const;
    [[nodiscard]] Packet tcp_reply(std::uint8_t flags, Octets payload = {}) const;
    [[nodiscard]] Packet udp_reply(Octets payload = {}) const;

    // What NAT makes of them, one hop on.
    [[nodiscard]] Packet at_server(Packet request) const;
    [[nodiscard]] Packet at_client(Packet reply) const;
};

// One hop on, nothing else changed.
Packet hop(Packet packet);

// Without what a sender may choose: TTL, TOS, id, DF, flow label.
std::optional<Packet> plain(std::optional<Packet> packet);

// An ICMP or ICMPv6 error, by its IPv4 name.
enum class Fault { Host, Port, Ttl, TooBig };
Packet error(const Address& from, const Address& to, Fault fault, Octets quoted,
             std::uint32_t mtu = 0);

// The first bytes of the packet, as an error quotes it.
Octets quote(const Packet& packet, std::size_t length = 65535);

} // namespace hg::test

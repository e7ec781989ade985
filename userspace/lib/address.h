// Addresses, ports and service URLs as plain values, and their one way to be written.
#pragma once

#include "result.h"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hg {

enum class Family : std::uint8_t { V4 = 2, V6 = 10 }; // AF_INET, AF_INET6

// An IPv4 or IPv6 address in network byte order; 0.0.0.0 when nothing was said.
class Address {
public:
    Address() = default;

    // The bytes must be as many as the family has.
    [[nodiscard]] static std::optional<Address> from_bytes(Family family,
                                                           std::span<const std::byte> bytes);

    [[nodiscard]] Family family() const { return family_; }

    [[nodiscard]] std::span<const std::byte> bytes() const;
    [[nodiscard]] bool is_unspecified() const;
    [[nodiscard]] bool is_loopback() const;
    [[nodiscard]] bool is_multicast() const;  // and the broadcast address and class E
    [[nodiscard]] bool is_v4_mapped() const;  // ::ffff:a.b.c.d
    [[nodiscard]] bool is_link_local() const; // fe80::/10

    // "10.0.0.1", "2001:db8::1"
    [[nodiscard]] std::string text() const;
    void append_to(std::string& out) const;

    // IPv4 before IPv6, then by the bytes: the kernel's order.
    auto operator<=>(const Address&) const = default;

private:
    Family family_ = Family::V4;
    std::array<std::byte, 16> bytes_{};
};

// An address with a port; port 0 means that none was given.
struct Endpoint {
    Address address;
    std::uint16_t port = 0;

    // "10.0.0.1:80", "[2001:db8::1]:80"; without a port the address alone, never in brackets.
    [[nodiscard]] std::string text() const;
    void append_to(std::string& out) const;

    auto operator<=>(const Endpoint&) const = default;
};

enum class Protocol : std::uint8_t { Tcp = 6, Udp = 17 };

// What identifies a service.
struct ServiceKey {
    Protocol protocol = Protocol::Tcp;
    Endpoint endpoint;

    // "tcp://10.0.0.1:80", "udp://[2001:db8::1]:53"
    [[nodiscard]] std::string text() const;
    void append_to(std::string& out) const;

    auto operator<=>(const ServiceKey&) const = default;
};

// The server's endpoint with the service's port where it has none.
[[nodiscard]] Endpoint with_port_of(const ServiceKey& service, Endpoint server);

[[nodiscard]] std::string_view name(Family family);     // "IPv4", "IPv6"
[[nodiscard]] std::string_view name(Protocol protocol); // "tcp", "udp"

// Numeric addresses only: names and zones are refused with the reason.
[[nodiscard]] Result<Address> parse_address(std::string_view text);
// ADDR, ADDR:PORT, [V6]:PORT, [V6]; without a port it is 0.
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text);
// tcp://ADDR:PORT or udp://ADDR:PORT.
[[nodiscard]] Result<ServiceKey> parse_service_key(std::string_view text);

} // namespace hg

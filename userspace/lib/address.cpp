#include "address.h"

#include "number.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <fmt/format.h>

namespace hg {

namespace {

constexpr std::size_t kV4Bytes = 4;
constexpr std::size_t kV6Bytes = 16;
constexpr std::uint64_t kPortMax = 65535;

std::size_t size_of(Family family) { return family == Family::V4 ? kV4Bytes : kV6Bytes; }

template <class T> std::string text_of(const T& value) {
    std::string out;
    value.append_to(out);
    return out;
}

// The digits, and where they end.
char* put_number(char* at, unsigned number) {
    at = number >= 10 ? put_number(at, number / 10) : at;
    *at = static_cast<char>('0' + number % 10);
    return at + 1;
}

// Room for "[ADDRESS]:PORT". Configurations have many: what is short is written in one go.
using TextBuffer = std::array<char, INET6_ADDRSTRLEN + 8>;

char* put_address(char* at, const Address& address) {
    const auto bytes = address.bytes();
    if (address.family() == Family::V6) {
        inet_ntop(AF_INET6, bytes.data(), at, INET6_ADDRSTRLEN);
        return at + std::strlen(at);
    }
    for (const auto byte : bytes) {
        at = put_number(at, std::to_integer<unsigned>(byte));
        *at++ = '.';
    }
    return at - 1;
}

// Looks like an address, rightly or not: digits and dots, or anything with a colon.
bool looks_numeric(std::string_view text) {
    return text.find(':') != std::string_view::npos ||
           text.find_first_not_of("0123456789.") == std::string_view::npos;
}

Result<std::uint16_t> parse_port(std::string_view text) {
    const auto port = HG_TRY(parse_number(text, "port", {1, kPortMax}));
    return static_cast<std::uint16_t>(port);
}

Result<Endpoint> endpoint_of(std::string_view address, std::string_view port) {
    Endpoint out;
    out.address = HG_TRY(parse_address(address));
    out.port = HG_TRY(parse_port(port));
    return out;
}

Result<Endpoint> parse_bracketed(std::string_view text) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) {
        return usage_error(fmt::format("\"{}\": the bracket is not closed", text));
    }
    const auto inside = text.substr(1, end - 1);
    const auto rest = text.substr(end + 1);
    if (inside.find(':') == std::string_view::npos) {
        return usage_error(fmt::format("\"{}\": brackets are for IPv6 addresses", text));
    }
    if (rest.empty()) {
        return Endpoint{.address = HG_TRY(parse_address(inside)), .port = 0};
    }
    if (rest.front() != ':') {
        return usage_error(fmt::format("\"{}\": after the bracket comes :PORT", text));
    }
    return endpoint_of(inside, rest.substr(1));
}

} // namespace

std::optional<Address> Address::from_bytes(Family family, std::span<const std::byte> bytes) {
    if (bytes.size() != size_of(family)) {
        return std::nullopt;
    }
    Address out;
    out.family_ = family;
    std::copy(bytes.begin(), bytes.end(), out.bytes_.begin());
    return out;
}

std::span<const std::byte> Address::bytes() const {
    return std::span(bytes_).first(size_of(family_));
}

bool Address::is_unspecified() const {
    return std::all_of(bytes_.begin(), bytes_.end(), [](std::byte b) { return b == std::byte{0}; });
}

bool Address::is_loopback() const {
    if (family_ == Family::V4) {
        return bytes_[0] == std::byte{127};
    }
    const auto* const last = bytes_.end() - 1;
    return *last == std::byte{1} &&
           std::all_of(bytes_.begin(), last, [](std::byte b) { return b == std::byte{0}; });
}

bool Address::is_multicast() const {
    constexpr std::byte kV4First{224};
    constexpr std::byte kV6Prefix{0xff};
    return family_ == Family::V4 ? bytes_[0] >= kV4First : bytes_[0] == kV6Prefix;
}

bool Address::is_v4_mapped() const {
    constexpr std::array<std::uint8_t, 12> kPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return family_ == Family::V6 && std::memcmp(bytes_.data(), kPrefix.data(), kPrefix.size()) == 0;
}

bool Address::is_link_local() const {
    constexpr std::byte kFirst{0xfe};
    constexpr std::byte kSecond{0x80};
    constexpr std::byte kSecondMask{0xc0};
    return family_ == Family::V6 && bytes_[0] == kFirst && (bytes_[1] & kSecondMask) == kSecond;
}

std::string Address::text() const { return text_of(*this); }

void Address::append_to(std::string& out) const {
    TextBuffer buffer;
    out.append(buffer.data(), put_address(buffer.data(), *this));
}

std::string Endpoint::text() const { return text_of(*this); }

void Endpoint::append_to(std::string& out) const {
    if (port == 0) {
        address.append_to(out);
        return;
    }
    TextBuffer buffer;
    const bool is_v6 = address.family() == Family::V6;
    auto* at = buffer.data();
    if (is_v6) {
        *at++ = '[';
    }
    at = put_address(at, address);
    if (is_v6) {
        *at++ = ']';
    }
    *at++ = ':';
    out.append(buffer.data(), put_number(at, port));
}

std::string ServiceKey::text() const { return text_of(*this); }

void ServiceKey::append_to(std::string& out) const {
    out += name(protocol);
    out += "://";
    endpoint.append_to(out);
}

Endpoint with_port_of(const ServiceKey& service, Endpoint server) {
    if (server.port == 0) {
        server.port = service.endpoint.port;
    }
    return server;
}

std::string_view name(Family family) { return family == Family::V4 ? "IPv4" : "IPv6"; }

std::string_view name(Protocol protocol) { return protocol == Protocol::Tcp ? "tcp" : "udp"; }

Result<Address> parse_address(std::string_view text) {
    std::array<char, INET6_ADDRSTRLEN> copy{}; // inet_pton wants a NUL
    std::array<std::byte, kV6Bytes> bytes{};
    // A NUL inside would end the text early for inet_pton.
    if (text.size() < copy.size() && std::find(text.begin(), text.end(), '\0') == text.end()) {
        std::copy(text.begin(), text.end(), copy.begin());
        for (const auto family : {Family::V4, Family::V6}) {
            if (inet_pton(static_cast<int>(family), copy.data(), bytes.data()) == 1) {
                return *Address::from_bytes(family, std::span(bytes).first(size_of(family)));
            }
        }
    }
    if (text.empty()) {
        return usage_error("the address is missing");
    }
    if (text.find('%') != std::string_view::npos) {
        return usage_error(fmt::format("\"{}\": an address with a zone cannot be used", text));
    }
    if (!looks_numeric(text)) {
        return usage_error(fmt::format(
            "\"{}\": numeric address needed: a name may change under live conns", text));
    }
    return usage_error(fmt::format("\"{}\" is not an IPv4 or IPv6 address", text));
}

Result<Endpoint> parse_endpoint(std::string_view text) {
    if (text.starts_with('[')) {
        return parse_bracketed(text);
    }
    const auto colons = std::count(text.begin(), text.end(), ':');
    if (colons == 1) {
        const auto at = text.find(':');
        return endpoint_of(text.substr(0, at), text.substr(at + 1));
    }
    return Endpoint{.address = HG_TRY(parse_address(text)), .port = 0};
}

Result<ServiceKey> parse_service_key(std::string_view text) {
    const auto at = text.find("://");
    if (at == std::string_view::npos) {
        return usage_error(
            fmt::format("\"{}\" is not a service: tcp://ADDRESS:PORT or udp://ADDRESS:PORT", text));
    }
    ServiceKey key;
    const auto protocol = text.substr(0, at);
    if (protocol == "udp") {
        key.protocol = Protocol::Udp;
    } else if (protocol != "tcp") {
        return usage_error(
            fmt::format("\"{}\": unknown protocol \"{}\" (there are tcp, udp)", text, protocol));
    }
    const auto rest = text.substr(at + 3);
    key.endpoint = HG_TRY(parse_endpoint(rest));
    if (key.endpoint.port == 0) {
        const auto shown = key.endpoint.address.family() == Family::V6 && !rest.starts_with('[')
                               ? fmt::format("{}://[{}]:PORT", protocol, rest)
                               : fmt::format("{}://{}:PORT", protocol, rest);
        return usage_error(fmt::format("\"{}\": the port is missing: {}", text, shown));
    }
    return key;
}

} // namespace hg

#include "icmp_echo.h"

namespace hg::daemon {

namespace {

constexpr std::size_t kHeaderSize = 8;
constexpr std::size_t kChecksumAt = 2;

struct EchoTypes {
    char request;
    char reply;
};

EchoTypes types_of(Family family) {
    return family == Family::V4 ? EchoTypes{.request = 8, .reply = 0}
                                : EchoTypes{.request = char(128), .reply = char(129)};
}

void put_u16(std::string& out, std::uint16_t value) {
    out += static_cast<char>(value >> 8);
    out += static_cast<char>(value & 0xff);
}

unsigned u16_at(std::string_view bytes, std::size_t at) {
    const auto high = static_cast<unsigned char>(bytes[at]);
    const auto low = at + 1 < bytes.size() ? static_cast<unsigned char>(bytes[at + 1]) : 0U;
    return static_cast<unsigned>(high) << 8 | low;
}

std::uint16_t checksum(std::string_view bytes) {
    std::uint32_t sum = 0;
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        sum += u16_at(bytes, at);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    sum += sum >> 16;
    return static_cast<std::uint16_t>(~sum);
}

} // namespace

std::string make_echo(const Echo& echo) {
    std::string message{types_of(echo.family).request, 0};
    put_u16(message, 0);
    put_u16(message, echo.id);
    put_u16(message, echo.sequence);
    message += echo.payload;
    if (echo.family == Family::V4) {
        std::string sum;
        put_u16(sum, checksum(message));
        message.replace(kChecksumAt, sum.size(), sum);
    }
    return message;
}

bool is_reply(const Echo& echo, EchoId id, std::string_view message) {
    if (message.size() < kHeaderSize || message[0] != types_of(echo.family).reply ||
        message[1] != 0) {
        return false;
    }
    return (id == EchoId::Kernels || u16_at(message, 4) == echo.id) &&
           u16_at(message, 6) == echo.sequence && message.substr(kHeaderSize) == echo.payload;
}

std::string_view without_ipv4_header(std::string_view packet) {
    const auto first = packet.empty() ? 0U : static_cast<unsigned char>(packet[0]);
    const std::size_t size = std::size_t{first & 0x0fU} * 4;
    return packet.size() < size ? std::string_view() : packet.substr(size);
}

} // namespace hg::daemon

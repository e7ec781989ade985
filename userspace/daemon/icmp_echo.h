// ICMP echo requests and their replies. Pure.
#pragma once

#include "address.h"

#include <string>
#include <string_view>

namespace hg::daemon {

struct Echo {
    Family family = Family::V4;
    std::uint16_t id = 0;
    std::uint16_t sequence = 0;
    std::string payload = {};
};

// The ICMP message; of ICMPv6 the kernel makes the checksum.
[[nodiscard]] std::string make_echo(const Echo& echo);

enum class EchoId : std::uint8_t { Ours, Kernels }; // a ping socket's id is not ours to choose

[[nodiscard]] bool is_reply(const Echo& echo, EchoId id, std::string_view message);

// Behind the header; empty where there is none.
[[nodiscard]] std::string_view without_ipv4_header(std::string_view packet);

} // namespace hg::daemon

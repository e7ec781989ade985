// An echo, through a ping socket where the system lets us: a raw one hears everybody's replies.
#include "icmp_echo.h"
#include "probe_connect.h"

#include <array>
#include <cstring>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <random>
#include <sys/socket.h>

namespace hg::daemon {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kPayloadSize = 16; // bytes, random: nobody else's reply has them
constexpr std::size_t kPacketMax = 2048;

struct EchoSocket {
    DatagramSocket socket;
    EchoId id = EchoId::Kernels;
};

// The kernel passes echo replies only, not all of ICMP.
void filter(DatagramSocket& socket, Family family) {
    if (family == Family::V4) {
        const icmp_filter replies{.data = ~(1U << ICMP_ECHOREPLY)};
        setsockopt(socket.native_handle(), SOL_RAW, ICMP_FILTER, &replies, sizeof(replies));
        return;
    }
    icmp6_filter replies{};
    ICMP6_FILTER_SETBLOCKALL(&replies);
    ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &replies);
    setsockopt(socket.native_handle(), IPPROTO_ICMPV6, ICMP6_FILTER, &replies, sizeof(replies));
}

Outcome<EchoSocket> open_echo(const asio::any_io_executor& executor, const Attempt& attempt,
                              Family family) {
    const int protocol = family == Family::V4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6};
    auto ping = open_datagram(executor, attempt, SOCK_DGRAM, protocol);
    if (ping) {
        return EchoSocket{.socket = std::move(*ping), .id = EchoId::Kernels};
    }
    auto raw = open_datagram(executor, attempt, SOCK_RAW, protocol);
    if (!raw) {
        return failure(std::move(raw.error()));
    }
    filter(*raw, family);
    return EchoSocket{.socket = std::move(*raw), .id = EchoId::Ours};
}

Echo random_echo(Family family) {
    std::random_device random;
    Echo echo{.family = family,
              .id = static_cast<std::uint16_t>(random()),
              .sequence = static_cast<std::uint16_t>(random())};
    while (echo.payload.size() < kPayloadSize) {
        echo.payload += static_cast<char>(random());
    }
    return echo;
}

} // namespace

Probing probe_kind(const IcmpCheck& /*check*/, Attempt& attempt) {
    const auto executor = co_await asio::this_coro::executor;
    const auto family = attempt.target.peer().address.family();
    auto opened = open_echo(executor, attempt, family);
    if (!opened) {
        co_return bad(opened.error());
    }
    const auto echo = random_echo(family);
    const auto request = make_echo(echo);
    const auto sent = co_await send(opened->socket, request);
    if (!sent) {
        co_return bad(sent.error());
    }
    attempt.step = "waiting for the echo";
    const bool has_header = family == Family::V4 && opened->id == EchoId::Ours;
    std::array<char, kPacketMax> buffer{};
    while (true) {
        const auto packet = co_await receive(opened->socket, buffer);
        if (!packet) {
            co_return bad(packet.error());
        }
        const auto message = has_header ? without_ipv4_header(*packet) : *packet;
        if (is_reply(echo, opened->id, message)) {
            co_return good("echo reply");
        }
    }
}

} // namespace hg::daemon

#include "wire.h"

#include "eventually.h"

#include <cerrno>
#include <cstring>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>

namespace hg::test {

namespace {

// With this in front of each frame, what is left to offloads can be said and seen.
// (struct virtio_net_hdr; <linux/virtio_net.h> cannot be read by a C++ compiler.)
struct Prefix {
    std::uint8_t flags = 0;
    std::uint8_t gso_type = 0;
    std::uint16_t hdr_len = 0;
    std::uint16_t gso_size = 0;
    std::uint16_t csum_start = 0;
    std::uint16_t csum_offset = 0;
};

constexpr std::uint8_t kNeedsSum = 1;
constexpr std::uint8_t kGsoTcp4 = 1;
constexpr std::uint8_t kGsoTcp6 = 4;

constexpr std::size_t kPrefix = sizeof(Prefix);
constexpr std::size_t kEthernet = 14;

void check(ssize_t result, const char* what) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
}

int open_socket(const Namespace& where) {
    const auto inside = where.enter();
    return socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
}

unsigned int index_of(const Namespace& where, const std::string& device) {
    const auto inside = where.enter();
    return if_nametoindex(device.c_str());
}

Octets frame_of(const Prefix& prefix, const Mac& to, const Mac& from, const Packet& packet) {
    Octets out(kPrefix);
    std::memcpy(out.data(), &prefix, kPrefix);
    out.insert(out.end(), to.begin(), to.end());
    out.insert(out.end(), from.begin(), from.end());
    const bool v4 = packet.src.family() == Family::V4;
    out.push_back(v4 ? 0x08 : 0x86);
    out.push_back(v4 ? 0x00 : 0xdd);
    const auto bytes = bytes_of(packet);
    out.insert(out.end(), bytes.begin(), bytes.end());
    return out;
}

void set_sum(std::span<std::uint8_t> at, std::uint16_t sum) {
    at[0] = static_cast<std::uint8_t>(sum >> 8);
    at[1] = static_cast<std::uint8_t>(sum);
}

// Does what a card would do with a checksum that was left to it.
void complete(const Prefix& prefix, std::span<std::uint8_t> frame) {
    if ((prefix.flags & kNeedsSum) == 0) {
        return;
    }
    const auto covered = frame.subspan(prefix.csum_start);
    const auto sum = static_cast<std::uint16_t>(~ones_sum(covered));
    const bool udp = prefix.csum_offset == 6;
    set_sum(covered.subspan(prefix.csum_offset), sum == 0 && udp ? 0xffff : sum);
}

// Neighbour discovery and multicast listening: the devices' own noise.
bool is_noise(const Packet& packet) {
    const auto* icmp = std::get_if<Icmp>(&packet.transport);
    return packet.src.family() == Family::V6 && icmp != nullptr &&
           ((icmp->type >= MLD_LISTENER_QUERY && icmp->type <= MLD_LISTENER_REDUCTION) ||
            (icmp->type >= ND_ROUTER_SOLICIT && icmp->type <= ND_REDIRECT) || icmp->type == 143);
}

std::optional<Frame> frame_in(std::span<std::uint8_t> bytes) {
    Prefix prefix;
    if (bytes.size() < kPrefix + kEthernet) {
        return {};
    }
    std::memcpy(&prefix, bytes.data(), kPrefix);
    const auto ethernet = bytes.subspan(kPrefix);
    complete(prefix, ethernet);
    auto packet = packet_of(ethernet.subspan(kEthernet));
    if (!packet || is_noise(*packet)) {
        return {};
    }
    Frame out;
    std::copy_n(ethernet.begin(), 6, out.to.begin());
    std::copy_n(ethernet.begin() + 6, 6, out.from.begin());
    out.trailing = bytes.size() - kPrefix - kEthernet - bytes_of(*packet).size();
    out.packet = std::move(*packet);
    out.gso_size = prefix.gso_size;
    return out;
}

} // namespace

Wire::Wire(const Namespace& where, const std::string& device, Mac mine, Mac theirs)
    : fd_(open_socket(where)), mine_(mine), theirs_(theirs) {
    check(fd_.get(), "packet socket");
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(index_of(where, device));
    int on = 1;
    int space = 4 << 20;
    const auto fd = fd_.get();
    check(setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)), "PACKET_VNET_HDR");
    check(setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)), "IGNORE_OUTGOING");
    check(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &space, sizeof(space)), "SO_RCVBUFFORCE");
    check(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), device.c_str());
}

// On a busy machine the frames of before may still be on their way, and fill the buffer.
void Wire::transmit(const Octets& frame) {
    pollfd room{.fd = fd_.get(), .events = POLLOUT, .revents = 0};
    check(poll(&room, 1, -1), "wait to send a frame");
    check(::send(fd_.get(), frame.data(), frame.size(), 0), "send a frame");
}

void Wire::send(const Packet& packet, std::size_t padding) {
    auto frame = frame_of({}, theirs_, mine_, packet);
    frame.resize(frame.size() + padding);
    transmit(frame);
}

void Wire::send_partial(const Packet& packet, std::uint16_t gso_size) {
    const bool v4 = packet.src.family() == Family::V4;
    const bool tcp = std::holds_alternative<Tcp>(packet.transport);
    auto frame = frame_of({}, theirs_, mine_, packet);
    const auto transport = bytes_of(packet).size() - packet.payload.size() -
                           (tcp ? 20 + std::get<Tcp>(packet.transport).options.size() : 8);
    Prefix prefix;
    prefix.flags = kNeedsSum;
    prefix.csum_start = static_cast<std::uint16_t>(kEthernet + transport);
    prefix.csum_offset = tcp ? 16 : 6;
    if (gso_size != 0) {
        prefix.gso_type = v4 ? kGsoTcp4 : kGsoTcp6;
        prefix.gso_size = gso_size;
        prefix.hdr_len = static_cast<std::uint16_t>(frame.size() - kPrefix - packet.payload.size());
    }
    std::memcpy(frame.data(), &prefix, kPrefix);
    const auto length = frame.size() - kPrefix - prefix.csum_start;
    set_sum(std::span(frame).subspan(kPrefix + prefix.csum_start + prefix.csum_offset),
            pseudo_sum(packet.src, packet.dst, tcp ? IPPROTO_TCP : IPPROTO_UDP, length));
    transmit(frame);
}

std::optional<Frame> Wire::receive_now() {
    Octets buffer(kPrefix + kEthernet + 65536 + 64);
    for (;;) {
        const auto got = recv(fd_.get(), buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EAGAIN) {
            return {};
        }
        check(got, "receive a frame");
        auto frame = frame_in(std::span(buffer).first(static_cast<std::size_t>(got)));
        if (frame) {
            return frame;
        }
    }
}

std::optional<Frame> Wire::receive_frame() {
    std::optional<Frame> frame;
    eventually([&] { return (frame = receive_now()).has_value(); });
    return frame;
}

std::optional<Packet> Wire::receive() {
    auto frame = receive_frame();
    if (!frame) {
        return {};
    }
    return std::move(frame->packet);
}

std::optional<Packet> Wire::take() {
    auto frame = receive_now();
    if (!frame) {
        return {};
    }
    return std::move(frame->packet);
}

std::optional<Packet> Wire::receive_whole() {
    std::vector<Packet> pieces;
    while (auto piece = receive()) {
        pieces.push_back(*std::move(piece));
        if (auto whole = reassembled(pieces)) {
            return whole;
        }
    }
    return {};
}

bool Wire::silent() { return !receive_now().has_value(); }

} // namespace hg::test

#include "raw_request.h"

#include "director.h"
#include "extack.h"

#include <fmt/format.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <ostream>
#include <poll.h>
#include <sys/socket.h>

namespace hg::test {

void PrintTo(const Verdict& verdict, std::ostream* out) {
    *out << fmt::format("errno {}, \"{}\", at \"{}\"", verdict.number, verdict.text,
                        verdict.attribute);
}

RawRequests::RawRequests() : socket_(must(Socket::open())) {}

Bytes RawRequests::make(int command, const Fill& fill, std::uint16_t flags) {
    AttributeWriter attributes;
    fill(attributes);
    return make_message({.type = socket_->family(),
                         .flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags),
                         .sequence = ++sequence_,
                         .command = static_cast<std::uint8_t>(command),
                         .version = HEADGATE_GENL_VERSION},
                        std::move(attributes).take());
}

Verdict RawRequests::send(int command, const Fill& fill, std::uint16_t flags) {
    const auto request = make(command, fill, flags);
    must(socket_->send(request));
    return verdict_on(request).value();
}

// The kernel has answered when send() returns, but for a dump, which goes on as it is read.
std::optional<Verdict> RawRequests::verdict_on(const Bytes& request) {
    const auto asked = must(split_datagram(request)).front().sequence;
    pollfd waits{.fd = socket_->fd(), .events = POLLIN, .revents = 0};
    while (poll(&waits, 1, 0) > 0) {
        const auto datagram = socket_->receive();
        if (!datagram) {
            continue; // some were lost
        }
        for (const auto& message : must(split_datagram(*datagram))) {
            if (message.sequence != asked ||
                (message.type != NLMSG_ERROR && message.type != NLMSG_DONE)) {
                continue;
            }
            const auto result = message.type == NLMSG_ERROR ? read_ack(message, request)
                                                            : read_done(message, request);
            if (result) {
                return Verdict{};
            }
            const auto& error = result.error();
            return Verdict{error.code.value(), error.reason, error.attribute};
        }
    }
    return std::nullopt;
}

bool is_staged(int command) {
    return command == HEADGATE_CMD_FLUSH || command == HEADGATE_CMD_RESET_SERVER ||
           (command >= HEADGATE_CMD_NEW_SERVICE && command <= HEADGATE_CMD_DEL_SERVICE) ||
           (command >= HEADGATE_CMD_NEW_SERVER && command <= HEADGATE_CMD_DEL_SERVER);
}

bool is_dump(int command) {
    return command == HEADGATE_CMD_GET_CONN || command == HEADGATE_CMD_COUNT_CONN ||
           command == HEADGATE_CMD_GET_AFFINITY;
}

void address4(AttributeWriter& attributes, int type, std::array<std::uint8_t, 4> address) {
    attributes.bytes(type, std::as_bytes(std::span(address)));
}

void service_key(AttributeWriter& attributes) {
    attributes.u8(HEADGATE_A_SERVICE_FAMILY, AF_INET).u8(HEADGATE_A_SERVICE_PROTOCOL, IPPROTO_TCP);
    address4(attributes, HEADGATE_A_SERVICE_ADDRESS, {10, 0, 0, 1});
    attributes.u16(HEADGATE_A_SERVICE_PORT, 80);
}

void server_key(AttributeWriter& attributes) {
    address4(attributes, HEADGATE_A_SERVER_ADDRESS, {10, 1, 0, 2});
}

} // namespace hg::test

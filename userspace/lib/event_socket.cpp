#include "event_socket.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <linux/genetlink.h>
#include <poll.h>

namespace hg {

Result<std::unique_ptr<EventSocket>> EventSocket::open(std::span<const EventGroup> groups) {
    auto socket = HG_TRY(Socket::open());
    for (const auto group : groups) {
        HG_TRY(socket->join(name(group)));
    }
    // The only group of "nlctrl" has its family's number: it tells when a family goes.
    HG_TRY(socket->join(GENL_ID_CTRL));
    return std::unique_ptr<EventSocket>(new EventSocket(std::move(socket)));
}

Result<std::optional<Bytes>> EventSocket::receive(std::chrono::milliseconds timeout) {
    constexpr std::int64_t kMost = std::numeric_limits<int>::max();
    pollfd ready{.fd = fd(), .events = POLLIN, .revents = 0};
    const auto count = poll(&ready, 1, static_cast<int>(std::min(timeout.count(), kMost)));
    if (count < 0 && errno != EINTR) {
        return system_error(errno, "wait for events");
    }
    if (count <= 0) {
        return std::optional<Bytes>{};
    }
    return std::optional<Bytes>(HG_TRY(socket_->receive()));
}

} // namespace hg

// The channel of real life: a socket of its own that is a member of multicast groups.
#pragma once

#include "event.h"
#include "socket.h"

namespace hg {

class EventSocket final : public EventChannel {
public:
    // In the network namespace of the calling thread, and there for good. The error is of the
    // kind Unreachable when the module is not loaded.
    static Result<std::unique_ptr<EventSocket>> open(std::span<const EventGroup> groups);

    [[nodiscard]] std::uint16_t family() const override { return socket_->family(); }

    Result<std::optional<Bytes>> receive(std::chrono::milliseconds timeout) override;

    // For an event loop to wait on.
    [[nodiscard]] int fd() const { return socket_->fd(); }

private:
    explicit EventSocket(std::unique_ptr<Socket> socket) noexcept : socket_(std::move(socket)) {}

    std::unique_ptr<Socket> socket_;
};

} // namespace hg

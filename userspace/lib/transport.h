// The ways to the kernel and from it: datagrams. Sockets in life, scripts in tests.
#pragma once

#include "result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace hg {

using Bytes = std::vector<std::byte>;

class Transport {
public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    // The number that the kernel gave to the family "headgate".
    [[nodiscard]] virtual std::uint16_t family() const = 0;

    virtual Result<> send(std::span<const std::byte> message) = 0;

    // The next datagram, one or more messages. Messages were lost before it when the error is
    // ENOBUFS; it did not fit when it is EMSGSIZE.
    virtual Result<Bytes> receive() = 0;

    // Forgets whatever is still under way, so that a half-read dump does not have to be read.
    virtual Result<> reset() = 0;
};

// The way of what the kernel tells unasked.
class EventChannel {
public:
    EventChannel() = default;
    EventChannel(const EventChannel&) = delete;
    EventChannel& operator=(const EventChannel&) = delete;
    virtual ~EventChannel() = default;

    [[nodiscard]] virtual std::uint16_t family() const = 0;

    // The next datagram, or nothing when none came within TIMEOUT. Some were lost, after those
    // that wait to be read, when the error is ENOBUFS.
    virtual Result<std::optional<Bytes>> receive(std::chrono::milliseconds timeout) = 0;
};

} // namespace hg

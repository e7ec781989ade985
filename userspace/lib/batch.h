// Many requests in one datagram: the kernel answers those that it refuses, and the last one.
#pragma once

#include "codec.h"

#include <optional>

namespace hg {

class Batch {
public:
    // So few that all can be refused before the receive buffer of a program without privileges
    // is full, and that 64 KiB hold them.
    static constexpr std::size_t kMessagesMax = 256;

    void add(std::uint16_t family, std::uint32_t sequence, const Request& request);
    void clear();

    [[nodiscard]] std::size_t size() const { return starts_.size(); }

    [[nodiscard]] bool is_full() const { return size() >= kMessagesMax; }

    // The whole, its last message asking for an answer. There must be one.
    [[nodiscard]] std::span<const std::byte> datagram();

    // The place of the message with that number, counted from 0.
    [[nodiscard]] std::optional<std::size_t> find(std::uint32_t sequence) const;
    [[nodiscard]] std::span<const std::byte> message(std::size_t at) const;

private:
    Bytes bytes_;
    std::vector<std::size_t> starts_;
    std::vector<std::uint32_t> sequences_;
};

} // namespace hg

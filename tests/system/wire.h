// One end of a cable, without a stack: every frame that comes out can be read, any can be sent.
#pragma once

#include "fd.h"
#include "namespace.h"
#include "packet.h"

#include <array>
#include <optional>

namespace hg::test {

using Mac = std::array<std::uint8_t, 6>;

struct Frame {
    Mac to{};
    Mac from{};
    Packet packet;
    std::uint16_t gso_size = 0; // 0: no packet of several segments
    std::size_t trailing = 0;   // bytes after the IP packet
};

class Wire {
public:
    // DEVICE in WHERE; frames go out as from MINE to THEIRS.
    Wire(const Namespace& where, const std::string& device, Mac mine, Mac theirs);

    void send(const Packet& packet, std::size_t padding = 0);
    // The transport checksum left to be computed, and with GSO_SIZE the packet to be cut.
    void send_partial(const Packet& packet, std::uint16_t gso_size = 0);

    // The next packet that is none of neighbour discovery's; nothing when none comes.
    std::optional<Packet> receive();
    std::optional<Frame> receive_frame();
    // The same, put together when it comes in fragments.
    std::optional<Packet> receive_whole();
    // The next packet of those that are there already.
    std::optional<Packet> take();
    // Is there nothing to receive at present?
    bool silent();

    [[nodiscard]] Mac mine() const { return mine_; }

    void set_mine(Mac mine) { mine_ = mine; }

private:
    std::optional<Frame> receive_now();
    void transmit(const Octets& frame);

    Fd fd_;
    Mac mine_;
    Mac theirs_;
};

} // namespace hg::test

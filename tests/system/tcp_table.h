// The TCP state tables as the documentation writes them, and ways from one state to another.
#pragma once

#include "model.h"

#include <optional>
#include <string>
#include <vector>

namespace hg::test {

enum class Event { Syn, Fin, Ack, Rst, None };
enum class Sender { Client, Server };

struct Move {
    Sender sender = Sender::Client;
    Event event = Event::Syn;

    bool operator==(const Move&) const = default;
};

inline constexpr std::size_t kStates = 11;
inline constexpr Event kEvents[] = {Event::Syn, Event::Fin, Event::Ack, Event::Rst, Event::None};

std::string state_letters(TcpState state); // "ES"
std::string_view event_name(Event event);  // "SYN"

// What becomes of STATE. HALF: only the client is heard.
TcpState next_state(bool half, Move move, TcpState state);

// The shortest way there for a new conn, its first SYN included; nothing: there is none.
// The client never repeats a SYN, which would be a new conn in some states.
std::optional<std::vector<Move>> way_to(bool half, TcpState state);

} // namespace hg::test

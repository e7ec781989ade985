#include "tcp_table.h"

#include <array>
#include <deque>
#include <map>
#include <sstream>
#include <stdexcept>

namespace hg::test {

namespace {

constexpr std::array<std::string_view, kStates> kLetters{"NO", "ES", "SS", "SR", "FW", "TW",
                                                         "CL", "CW", "LA", "LI", "SA"};
constexpr std::array<std::string_view, 5> kEventNames{"SYN", "FIN", "ACK", "RST", "none"};

// "A,B -> C; D =": A and B become C, D stays.
using Text = std::array<std::string_view, 4>;

constexpr Text kInput{"NO,SR,FW,TW,CL,CW,LA,LI,SA -> SR; ES =; SS -> ES",
                      "NO -> CL; ES -> CW; SR,FW,SA -> TW; SS,TW,CL,CW,LA,LI =",
                      "NO,SR,SA -> ES; LA -> CL; ES,SS,FW,TW,CL,CW,LI =",
                      "NO,ES,SS,FW,TW,CL,CW -> CL; SA -> SR; SR,LA,LI ="};
constexpr Text kHalfInput{"NO,SR,FW,TW,CL,CW,LA,LI,SA -> SR; ES =; SS -> ES",
                          "NO -> CL; ES -> FW; SR,SA -> TW; FW,SS,TW,CL,CW,LA,LI =",
                          "NO,SR,SA -> ES; LA -> CL; ES,SS,FW,TW,CL,CW,LI =",
                          "NO,ES,SS,FW,TW,CL,CW -> CL; SA -> CL; SR,LA,LI ="};
constexpr Text kOutput{
    "NO,FW,TW,CL,CW,LA -> SS; SA -> SR; ES,SS,SR,LI =",
    "NO,SR,CW,SA -> TW; ES -> FW; SS,FW,TW,CL,LA,LI =", "NO,SR,SA,LI -> ES; ES,SS,FW,TW,CL,CW,LA =",
    "SS,TW =; NO,ES,SR,FW,CL,CW,LA,LI,SA -> CL"};

TcpState state_of(std::string_view letters) {
    for (std::size_t i = 0; i < kStates; i++) {
        if (kLetters[i] == letters) {
            return static_cast<TcpState>(i);
        }
    }
    throw std::logic_error("no such state");
}

std::string without_blanks(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c != ' ') {
            out += c;
        }
    }
    return out;
}

// One row: where STATE goes.
TcpState read_row(std::string_view row, TcpState state) {
    std::istringstream parts(without_blanks(row));
    for (std::string part; std::getline(parts, part, ';');) {
        if (part.find(kLetters[static_cast<std::size_t>(state)]) > part.find_first_of("-=")) {
            continue;
        }
        const auto arrow = part.find("->");
        return arrow == std::string::npos ? state : state_of(part.substr(arrow + 2));
    }
    throw std::logic_error("the table has no such cell");
}

const Text& table_of(bool half, Sender sender) {
    if (sender == Sender::Server) {
        return kOutput;
    }
    return half ? kHalfInput : kInput;
}

std::vector<Move> moves(bool half) {
    std::vector<Move> out;
    for (const auto event : kEvents) {
        if (event != Event::Syn) {
            out.push_back({Sender::Client, event});
        }
        if (!half) {
            out.push_back({Sender::Server, event});
        }
    }
    return out;
}

std::map<TcpState, std::vector<Move>> all_ways(bool half) {
    const Move syn{Sender::Client, Event::Syn};
    const auto first = next_state(half, syn, TcpState::None);
    std::map<TcpState, std::vector<Move>> ways{{first, {syn}}};
    for (std::deque<TcpState> open{first}; !open.empty(); open.pop_front()) {
        for (const auto move : moves(half)) {
            const auto next = next_state(half, move, open.front());
            auto way = ways.at(open.front());
            way.push_back(move);
            if (ways.emplace(next, std::move(way)).second) {
                open.push_back(next);
            }
        }
    }
    return ways;
}

} // namespace

std::string state_letters(TcpState state) {
    return std::string(kLetters.at(static_cast<std::size_t>(state)));
}

std::string_view event_name(Event event) { return kEventNames.at(static_cast<std::size_t>(event)); }

TcpState next_state(bool half, Move move, TcpState state) {
    if (move.event == Event::None) {
        return TcpState::Close;
    }
    return read_row(table_of(half, move.sender).at(static_cast<std::size_t>(move.event)), state);
}

std::optional<std::vector<Move>> way_to(bool half, TcpState state) {
    const auto ways = all_ways(half);
    const auto at = ways.find(state);
    return at == ways.end() ? std::nullopt : std::optional(at->second);
}

} // namespace hg::test

// What an agent says, in the protocol of HAProxy's agent-check, and what it means for a server.
// Pure.
//
// An answer is one line of words, in any order and case, between spaces, tabs or commas:
//
//   75%                    the share of its weight that the server should get; 0% drains it
//   up | down | stopped | fail   whether its program works
//   ready | drain | maint  whether its admin lets it work
//   maxconn:N              how many conns it should have at most
//   #text                  why, up to the line's end
//
// What an answer leaves out stays as it was.
#pragma once

#include "result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hg::daemon {

inline constexpr std::size_t kAgentLineMax = 1024;  // bytes of an answer
inline constexpr std::size_t kAgentReasonMax = 200; // bytes that are shown
inline constexpr std::uint32_t kAgentPercentMax = 100;

enum class AgentState : std::uint8_t { Up, Down, Stopped, Fail };
enum class AgentAdmin : std::uint8_t { Ready, Drain, Maint };

[[nodiscard]] std::string_view name(AgentState state); // "up", ...
[[nodiscard]] std::string_view name(AgentAdmin admin); // "ready", ...

struct AgentAnswer {
    std::optional<std::uint32_t> percent = {}; // more than 100 is 100
    std::optional<AgentState> state = {};
    std::optional<AgentAdmin> admin = {};
    std::optional<std::uint32_t> maxconn = {};
    std::string text = {};    // printable ASCII, as all that comes of the answer
    std::string unknown = {}; // the first word that makes no sense; empty: all do

    bool operator==(const AgentAnswer&) const = default;
};

// The first line of BYTES. A word that makes no sense is left out, a line of nothing else is
// refused.
[[nodiscard]] Result<AgentAnswer> parse_agent_answer(std::string_view bytes);

// What was last heard of each, and what holds before anything was.
struct AgentView {
    std::optional<std::uint32_t> percent = {};
    AgentState state = AgentState::Up;
    AgentAdmin admin = AgentAdmin::Ready;
    std::optional<std::uint32_t> maxconn = {};
    std::string text = {};

    bool operator==(const AgentView&) const = default;
};

[[nodiscard]] AgentView heard(AgentView before, const AgentAnswer& answer);

// What it means for a server of ours. maxconn is shown alone: the limit is its admin's field.
struct AgentWish {
    std::optional<std::uint32_t> factor = {}; // where it should go, in 1/1000
    bool drain = false;                       // the factor is 0, at once
    bool down = false;                        // the agent's bit of the mask
    bool maint = false;                       // down, because the server's admin wants it
    std::string reason = {};                  // of a drain or a mask: "agent says maint: backup"

    bool operator==(const AgentWish&) const = default;
};

[[nodiscard]] AgentWish wish_of(const AgentView& view);

} // namespace hg::daemon

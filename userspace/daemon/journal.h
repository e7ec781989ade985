// What the daemon tells: one line for each change, to whoever listens.
#pragma once

#include "health.h"

#include <optional>
#include <vector>

namespace hg::daemon {

enum class ChangeKind : std::uint8_t {
    ServerUp,
    ServerDown,
    PanicOn, // too few are healthy: all are used
    PanicOff,
    FallbackOn,
    FallbackOff,
    QuorumLost,
    QuorumGained,
    Unchecked, // no result came in time: taken for up
    AgentDown, // its agent has a server masked
    AgentUp,
    AgentDrain,
    AgentReady,
    LoadLost, // a feed is silent
    LoadBack,
    NodeUp,
    NodeDown,
    Loaded, // a configuration is in force
    ModuleGone,
    ModuleBack,
    Failed, // the kernel refused something
};

inline constexpr std::size_t kChangeKinds = static_cast<std::size_t>(ChangeKind::Failed) + 1;

// "server_up", ..., as in JSON
[[nodiscard]] std::string_view name(ChangeKind kind);
// Whether somebody should look at it.
[[nodiscard]] bool is_alarm(ChangeKind kind);

struct Change {
    ChangeKind kind = ChangeKind::Loaded;
    std::string service = {}; // its name, or its URL; or the node's name
    std::string server = {};  // its endpoint
    std::string why = {};
    std::optional<std::chrono::milliseconds> lasted = {}; // what was before

    // "web 10.0.0.1:80 down after 2h: connection refused"
    [[nodiscard]] std::string text() const;

    bool operator==(const Change&) const = default;
};

class Journal {
public:
    Journal() = default;
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;
    virtual ~Journal() = default;

    virtual void tell(const Change& change) = 0;
};

} // namespace hg::daemon

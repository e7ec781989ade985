// What is asked for the load of a host, and what it said: one feed for each address and way of
// asking, however many servers and nodes are there. Pure; times come from outside.
#pragma once

#include "agent_protocol.h"
#include "node_exporter.h"

#include <memory>
#include <tuple>

namespace hg::daemon {

// Where SPEC says to ask about a host: its address and the load's port.
[[nodiscard]] Endpoint load_endpoint(const LoadSpec& spec, const Address& host);

struct LoadFeed {
    LoadFeed(LoadSpec how, Endpoint where, TimePoint now)
        : spec(std::move(how)), from(where), heard_at(now) {}

    void take(const AgentAnswer& answer, TimePoint now);
    // False: it is known with the next reading, since the use of a CPU lies between two.
    bool take(NodeMetrics metrics, TimePoint now);

    // Since when it was silent, while it is for too long.
    [[nodiscard]] std::optional<TimePoint> lost_since() const {
        return is_lost ? std::optional(heard_at) : std::nullopt;
    }

    // Whether it has just been silent for too long: its load is not known any more.
    bool lose(TimePoint now);

    const LoadSpec spec; // its gain and floor are those of one of its users
    const Endpoint from;
    AgentView agent;
    bool has_words = false; // the agent has said something of its state
    bool has_share = false; // and a percentage over 0
    std::optional<HostLoad> host = {};
    std::optional<NodeMetrics> reading = {}; // the last
    TimePoint heard_at;                      // or when it was first wanted
    bool is_heard = false;                   // ever
    bool is_lost = false;
    std::string why = "not asked yet"; // there is no news; empty: there is

private:
    void note_news(TimePoint now);
};

using LoadFeedPtr = std::shared_ptr<LoadFeed>;

// A new set takes over from the old one what both have.
class LoadFeedSet {
public:
    // The feed of that place and way of asking, made when there is none in this set; that of
    // BEFORE with what it knows.
    const LoadFeedPtr& get(const LoadSpec& spec, const Endpoint& from, const LoadFeedSet& before,
                           TimePoint now);

    [[nodiscard]] std::vector<LoadFeedPtr> all() const;

private:
    using Key = std::tuple<Endpoint, LoadSource, std::string, std::chrono::milliseconds,
                           std::chrono::milliseconds>;

    std::map<Key, LoadFeedPtr> feeds_;
};

} // namespace hg::daemon

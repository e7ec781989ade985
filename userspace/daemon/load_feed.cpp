#include "load_feed.h"

namespace hg::daemon {

namespace {

constexpr std::uint16_t kAgentPort = 8777;
constexpr std::uint16_t kNodeExporterPort = 9100;

} // namespace

Endpoint load_endpoint(const LoadSpec& spec, const Address& host) {
    const auto usual = spec.source == LoadSource::Agent ? kAgentPort : kNodeExporterPort;
    return {.address = host, .port = spec.port == 0 ? usual : spec.port};
}

void LoadFeed::take(const AgentAnswer& answer, TimePoint now) {
    agent = heard(std::move(agent), answer);
    has_words = has_words || answer.state || answer.admin;
    has_share = has_share || answer.percent.value_or(0) > 0;
    note_news(now);
}

void LoadFeed::note_news(TimePoint now) {
    why.clear();
    heard_at = now;
    is_heard = true;
    is_lost = false;
}

bool LoadFeed::take(NodeMetrics metrics, TimePoint now) {
    if (!reading) {
        reading = std::move(metrics);
        why = "known from the second reading on";
        return false;
    }
    const auto load = load_between(*reading, metrics);
    reading = std::move(metrics);
    if (!load) {
        why = load.error().text();
        return false;
    }
    host = *load;
    note_news(now);
    return true;
}

// A reading of long ago would tell of all the time since. A percentage does not outlast the
// silence, and words do.
bool LoadFeed::lose(TimePoint now) {
    if (is_lost || now - heard_at <= kHoldIntervals * spec.interval) {
        return false;
    }
    is_lost = true;
    host.reset();
    reading.reset();
    agent.percent.reset();
    return true;
}

const LoadFeedPtr& LoadFeedSet::get(const LoadSpec& spec, const Endpoint& from,
                                    const LoadFeedSet& before, TimePoint now) {
    const Key key{from, spec.source, spec.path, spec.interval, spec.timeout};
    const auto [place, is_new] = feeds_.try_emplace(key);
    if (is_new) {
        const auto old = before.feeds_.find(key);
        place->second =
            old != before.feeds_.end() ? old->second : std::make_shared<LoadFeed>(spec, from, now);
    }
    return place->second;
}

std::vector<LoadFeedPtr> LoadFeedSet::all() const {
    std::vector<LoadFeedPtr> out;
    out.reserve(feeds_.size());
    for (const auto& [key, feed] : feeds_) {
        out.push_back(feed);
    }
    return out;
}

} // namespace hg::daemon

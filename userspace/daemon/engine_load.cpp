// The engine's part that follows the load: docs/load.md.
#include "engine.h"

#include <algorithm>

namespace hg::daemon {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr milliseconds kLoadTick{1000}; // from one move of the factors to the next

} // namespace

const Pool* Watch::find(const ServiceKey& service) const {
    const auto found = place_of.find(service);
    return found != place_of.end() ? &pools[found->second] : nullptr;
}

// Until the agent has said something of its state, what the kernel has of it holds. A factor of 0
// may also have been a percentage.
AgentWish Member::agent_wish() const {
    if (!feed) {
        return {};
    }
    auto wish = wish_of(feed->agent);
    if (!feed->has_words) {
        wish.down = held_down;
        wish.drain = held_drain && !feed->has_share;
        wish.reason = wish.down || wish.drain ? "its agent said so before" : "";
    }
    return wish;
}

std::vector<LoadMember> Engine::load_members(const Pool& pool) const {
    const auto patients = pool.patients(known_);
    std::vector<LoadMember> out;
    out.reserve(patients.size());
    for (std::size_t i = 0; i < patients.size(); i++) {
        const auto& patient = patients[i];
        const auto is_used =
            patient.may_serve() && (pool.verdict.panic || patient.health == HealthState::Up);
        out.push_back({pool.members[i].spec.endpoint, is_used, patient.factor});
    }
    return out;
}

// What the kernel has of a server stays as it is until its load is known: so a start changes
// nothing. What the daemon knew before a reload it goes on with.
void Engine::begin_load(Pool& pool, const LoadSpec& load, Watch& out, TimePoint now) {
    const auto grain = grain_of(pool.service.scheduler);
    const auto* const before = watch_.find(pool.service.key);
    pool.follower = before != nullptr ? before->follower : std::nullopt;
    if (!pool.follower) {
        pool.follower.emplace(load, grain);
    }
    pool.follower->configure(load, grain);
    pool.follower->follow(load_members(pool), now);
    for (std::size_t i = 0; i < pool.members.size(); i++) {
        auto& member = pool.members[i];
        member.feed = out.feeds.get(load, load_endpoint(load, member.spec.endpoint.address),
                                    watch_.feeds, now);
        out.members_of.emplace(member.feed.get(), MemberPlace{out.pools.size(), i});
        begin_member(pool, member, now);
    }
}

void Engine::begin_member(const Pool& pool, Member& member, TimePoint now) const {
    const auto* const server = known_.find(pool.service.key, member.spec.endpoint);
    if (server != nullptr && member.feed->spec.source == LoadSource::Agent) {
        member.held_down = (server->down & HEADGATE_DOWN_AGENT) != 0;
        member.held_drain = server->factor == 0;
    }
    const auto wish = member.agent_wish();
    member.factor = wish.drain ? 0 : pool.follower->factor(member.spec.endpoint);
    member.agent_down = wish.down;
    member.agent_maint = wish.maint;
    member.agent_drain = wish.drain;
    member.agent_since = now;
}

template <class F> void Engine::each_member_of(const LoadFeed& feed, F use) {
    const auto [first, last] = watch_.members_of.equal_range(&feed);
    for (auto at = first; at != last; ++at) {
        auto& pool = watch_.pools[at->second.pool];
        use(pool, pool.members[at->second.member]);
    }
}

void Engine::tell_back(const LoadFeed& feed, std::optional<TimePoint> lost_since, TimePoint now) {
    if (lost_since) {
        journal_.tell({.kind = ChangeKind::LoadBack,
                       .server = feed.from.text(),
                       .lasted = duration_cast<milliseconds>(now - *lost_since)});
    }
}

void Engine::heard(LoadFeed& feed, const Result<AgentAnswer>& answer, TimePoint now) {
    if (!answer) {
        feed.why = answer.error().text();
        return;
    }
    const auto lost_since = feed.lost_since();
    feed.take(*answer, now);
    tell_back(feed, lost_since, now);
    const auto wish = wish_of(feed.agent);
    each_member_of(feed, [&](Pool& pool, Member& member) {
        if (wish.factor) {
            pool.follower->ask(member.spec.endpoint, *wish.factor, now);
        }
        write_load(pool, member, now);
    });
}

void Engine::scraped(LoadFeed& feed, Result<NodeMetrics> metrics, TimePoint now) {
    if (!metrics) {
        feed.why = metrics.error().text();
        return;
    }
    const auto lost_since = feed.lost_since();
    if (!feed.take(*std::move(metrics), now)) {
        return;
    }
    tell_back(feed, lost_since, now);
    each_member_of(feed, [&](Pool& pool, const Member& member) {
        pool.follower->sample(member.spec.endpoint, feed.host->sample(), now);
    });
}

void Engine::tell_agent(const Pool& pool, const Member& member, const AgentWish& wish,
                        TimePoint now) {
    const auto tell = [&](bool was, bool is, ChangeKind on, ChangeKind off) {
        if (was != is) {
            journal_.tell({.kind = is ? on : off,
                           .service = pool.label(),
                           .server = member.spec.endpoint.text(),
                           .why = is ? wish.reason : "its agent says so",
                           .lasted = duration_cast<milliseconds>(now - member.agent_since)});
        }
    };
    tell(member.agent_down, wish.down, ChangeKind::AgentDown, ChangeKind::AgentUp);
    tell(member.agent_drain, wish.drain, ChangeKind::AgentDrain, ChangeKind::AgentReady);
}

// The factor is in 1/1000.
void Engine::set_load(Pool& pool, Member& member, std::uint32_t factor, bool agent_down,
                      TimePoint now) {
    if (member.factor == factor && member.agent_down == agent_down) {
        return;
    }
    const auto moved = member.agent_down != agent_down || (member.factor == 0) != (factor == 0);
    member.factor = factor;
    member.agent_down = agent_down;
    if (moved) {
        judge_pool(pool, now);
    } else {
        mark(pool);
    }
}

// A word of the agent holds at once, and the factor has its own pace.
void Engine::write_load(Pool& pool, Member& member, TimePoint now) {
    const auto wish = member.agent_wish();
    tell_agent(pool, member, wish, now);
    if (member.agent_down != wish.down || member.agent_drain != wish.drain) {
        member.agent_since = now;
    }
    member.agent_maint = wish.maint;
    member.agent_drain = wish.drain;
    set_load(pool, member, wish.drain ? 0 : pool.follower->factor(member.spec.endpoint), wish.down,
             now);
}

void Engine::lose_feeds(TimePoint now) {
    for (const auto& feed : watch_.feeds.all()) {
        if (feed->lose(now)) {
            journal_.tell(
                {.kind = ChangeKind::LoadLost, .server = feed->from.text(), .why = feed->why});
        }
    }
}

bool Engine::follows_load() const {
    return std::any_of(watch_.pools.begin(), watch_.pools.end(),
                       [](const Pool& pool) { return pool.follower.has_value(); });
}

// Which servers are in use is the kernel's to say too: the admin may have drained one by hand.
void Engine::follow_load(TimePoint now) {
    if (now < load_at_) {
        return;
    }
    load_at_ = now + kLoadTick;
    lose_feeds(now);
    if (!follows_load()) {
        return;
    }
    if (const auto read = now < retry_at_ ? Result<>{} : know(now); !read) {
        note_error(read.error(), now);
    }
    for (auto& pool : watch_.pools) {
        if (!pool.follower) {
            continue;
        }
        pool.follower->follow(load_members(pool), now);
        pool.follower->update(now);
        for (auto& member : pool.members) {
            write_load(pool, member, now);
        }
    }
}

} // namespace hg::daemon

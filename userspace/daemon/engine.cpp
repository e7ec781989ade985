#include "engine.h"

#include <algorithm>
#include <fmt/format.h>

namespace hg::daemon {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr milliseconds kRetry{1000};
constexpr milliseconds kPatience{1000}; // beside the check's timeout, for its first result
constexpr int kAttempts = 10;           // while others change the configuration too

ProbeTarget target_of(const ServiceKey& service, const Endpoint& server, const HealthCheck& check) {
    ProbeTarget out;
    out.server = server;
    if (check.port != 0) {
        out.server.port = check.port;
    }
    if (check.through_service) {
        out.through = ProbeTarget::Through{service.endpoint, 0};
    }
    return out;
}

std::uint32_t down_of(const Member& member, bool panic) {
    if (panic) {
        return member.agent_maint ? std::uint32_t{HEADGATE_DOWN_AGENT} : 0;
    }
    std::uint32_t out = 0;
    if (member.health() != HealthState::Up) {
        out |= HEADGATE_DOWN_CHECK;
    }
    if (member.agent_down) {
        out |= HEADGATE_DOWN_AGENT;
    }
    return out;
}

PoolWish wish_of(const Pool& pool) {
    PoolWish out{pool.service, {}, {}};
    out.servers.reserve(pool.members.size());
    for (const auto& member : pool.members) {
        out.servers.push_back({member.spec, down_of(member, pool.verdict.panic), member.factor});
    }
    for (const auto& server : pool.care.fallback) {
        out.fallback.push_back(server.endpoint);
        if (pool.verdict.fallback) {
            out.servers.push_back({server});
        }
    }
    return out;
}

std::vector<PoolWish> wishes_of(const Watch& watch) {
    std::vector<PoolWish> out;
    out.reserve(watch.pools.size());
    for (const auto& pool : watch.pools) {
        out.push_back(wish_of(pool));
    }
    return out;
}

// What a change that is in force makes of what was known; false when that has to be read.
bool apply_to(Known& known, const Difference& difference) {
    return std::all_of(difference.begin(), difference.end(), [&](const Op& op) {
        const auto* const set = std::get_if<SetServer>(&op);
        const auto pool = set != nullptr ? known.pools.find(set->service) : known.pools.end();
        if (pool == known.pools.end() || set->change.managed) {
            return false;
        }
        auto& server = pool->second.servers.at(set->before.endpoint);
        if (const auto& down = set->change.down) {
            server.down = (server.down & ~down->mask) | (down->value & down->mask);
        }
        server.factor = set->change.factor.value_or(server.factor);
        return true;
    });
}

bool is_unreachable(const Result<>& done) {
    return !done && done.error().kind == Kind::Unreachable;
}

void set_marks(Watch& watch, const Known& known) {
    for (const auto& pool : watch.pools) {
        for (const auto& member : pool.members) {
            if (member.probe && member.probe->target.through) {
                const auto* const server = known.find(pool.service.key, member.spec.endpoint);
                member.probe->target.through->mark =
                    server != nullptr ? server->check_mark.value_or(0) : 0;
            }
        }
    }
}

} // namespace

HealthState Member::health() const { return probe ? probe->health.state() : HealthState::Up; }

std::string Pool::label() const { return label_of(service); }

// Who is in maintenance, or drains, by the word of its agent is so for its admin; and who was
// deleted by hand is out as in maintenance.
std::vector<Patient> Pool::patients(const Known& known) const {
    std::vector<Patient> out;
    out.reserve(members.size());
    for (const auto& member : members) {
        const auto* const server = known.find(service.key, member.spec.endpoint);
        const auto& spec = server != nullptr ? server->spec : member.spec;
        const auto is_deleted = server == nullptr && known.pools.contains(service.key);
        const auto state = member.agent_maint || is_deleted ? AdminState::Maint : spec.admin_state;
        const auto is_down = server != nullptr && (server->down & HEADGATE_DOWN_ADMIN) != 0;
        const auto health = member.agent_down ? HealthState::Down : member.health();
        const auto factor = server != nullptr ? server->factor : HEADGATE_FACTOR_MAX;
        out.push_back({member.factor == 0 ? 0 : spec.weight, state, is_down, health, factor});
    }
    return out;
}

// A server that the kernel has keeps what the kernel says of it.
HealthState Engine::initial_health(const ServiceKey& service, const ServerSpec& server,
                                   InitialHealth initial) const {
    if (const auto* const running = known_.find(service, server.endpoint)) {
        return (running->down & HEADGATE_DOWN_CHECK) != 0 ? HealthState::Down : HealthState::Up;
    }
    switch (initial) {
    case InitialHealth::Up:
        return HealthState::Up;
    case InitialHealth::Down:
        return HealthState::Down;
    case InitialHealth::Wait:
        break;
    }
    return HealthState::Unknown;
}

// What was judged holds until it is judged again: a reload or a restart takes nobody out of use.
void Engine::take_verdict_before(Pool& pool) const {
    if (const auto* const before = watch_.find(pool.service.key)) {
        pool.verdict = before->verdict;
        pool.since = before->since;
        return;
    }
    const auto& fallback = pool.care.fallback;
    pool.verdict.fallback =
        std::any_of(fallback.begin(), fallback.end(), [&](const ServerSpec& server) {
            return known_.find(pool.service.key, server.endpoint) != nullptr;
        });
}

Pool Engine::pool_for(const PoolConfig& config, Watch& out, TimePoint now) {
    Pool pool{config.service, config.care, {}};
    take_verdict_before(pool);
    const auto& check = config.care.check;
    for (const auto& server : config.servers) {
        Member member{server};
        if (check) {
            member.probe = out.probes.get(
                target_of(config.service.key, server.endpoint, *check), *check, watch_.probes,
                initial_health(config.service.key, server, check->initial), now);
            out.pools_of.emplace(member.probe.get(), out.pools.size());
            if (member.health() == HealthState::Unknown) {
                pool.patience = check->timeout + kPatience;
            }
        }
        pool.members.push_back(std::move(member));
    }
    if (config.care.load) {
        begin_load(pool, *config.care.load, out, now);
    }
    return pool;
}

Watch Engine::watch_for(Config config, TimePoint now) {
    Watch out;
    for (const auto& pool : config.services) {
        out.place_of.emplace(pool.service.key, out.pools.size());
        out.pools.push_back(pool_for(pool, out, now));
    }
    for (const auto& node : config.nodes) {
        Node entry{node};
        if (node.check) {
            const ProbeTarget target{{node.address, node.check->port}};
            entry.probe =
                out.probes.get(target, *node.check, watch_.probes, HealthState::Unknown, now);
        }
        if (node.load) {
            entry.feed = out.feeds.get(*node.load, load_endpoint(*node.load, node.address),
                                       watch_.feeds, now);
        }
        out.nodes.push_back(std::move(entry));
    }
    out.config = std::move(config);
    return out;
}

Result<> Engine::refresh() {
    is_known_ = false;
    known_ = known_of(HG_TRY(kernel_.read()));
    is_known_ = true;
    return {};
}

// The admin's hand may have left a pool without a server, or given it one back.
Result<> Engine::know(TimePoint now) {
    if (!is_known_) {
        HG_TRY(refresh());
        set_marks(watch_, known_);
        judge_pools(now);
    }
    return {};
}

// Commits what PLAN says, and plans again when others came between. TAKEN hears what is in force.
template <class Plan, class Taken>
Result<> Engine::commit_planned(TimePoint now, Plan plan, Taken taken) {
    for (int i = 0; i < kAttempts; i++) {
        HG_TRY(know(now));
        const Difference difference = plan();
        if (difference.empty()) {
            break;
        }
        const auto done = kernel_.commit(difference, known_.generation);
        if (done) {
            taken(difference, *done);
            break;
        }
        is_known_ = false;
        if (!is_stale(done.error()) || i + 1 == kAttempts) {
            return tl::make_unexpected(done.error());
        }
    }
    return {};
}

Result<> Engine::write_all(Watch& watch, TimePoint now, Overrides overrides) {
    HG_TRY(commit_planned(
        now, [&] { return plan_all(wishes_of(watch), known_, watch.config.exclusive, overrides); },
        [&](const Difference& /*all*/, std::uint32_t /*generation*/) {
            (void)refresh(); // new servers' check marks; else know() reads them
        }));
    set_marks(watch, known_);
    return {};
}

Result<> Engine::load(Config config, TimePoint now, Overrides overrides) {
    auto read = refresh();
    if (!read && read.error().kind != Kind::Unreachable) {
        return read;
    }
    auto next = watch_for(std::move(config), now);
    auto written = read ? write_all(next, now, overrides) : read;
    if (!written && written.error().kind != Kind::Unreachable) {
        return written;
    }
    watch_ = std::move(next);
    dirty_.clear();
    refusals_.clear();
    owes_all_ = !written;
    judge_pools(now);
    if (!written) {
        note_error(written.error(), now);
    }
    journal_.tell({.kind = ChangeKind::Loaded});
    return {};
}

void Engine::judge_pool(Pool& pool, TimePoint now) {
    const auto before = pool.verdict;
    const auto& is = pool.verdict = judge(pool.care, pool.patients(known_), before);
    const auto tell = [&](bool changed, ChangeKind kind, std::optional<TimePoint>& since) {
        if (!changed) {
            return;
        }
        Change change{.kind = kind, .service = pool.label()};
        change.why = fmt::format("weight {} of {} is up", is.healthy, is.total);
        if (since) {
            change.lasted = duration_cast<milliseconds>(now - *since);
        }
        since = now;
        journal_.tell(change);
    };
    tell(is.panic != before.panic, is.panic ? ChangeKind::PanicOn : ChangeKind::PanicOff,
         pool.since.panic);
    tell(is.fallback != before.fallback,
         is.fallback ? ChangeKind::FallbackOn : ChangeKind::FallbackOff, pool.since.fallback);
    tell(is.has_quorum != before.has_quorum,
         is.has_quorum ? ChangeKind::QuorumGained : ChangeKind::QuorumLost, pool.since.quorum);
    mark(pool);
}

void Engine::judge_pools(TimePoint now) {
    for (auto& pool : watch_.pools) {
        judge_pool(pool, now);
    }
}

void Engine::judge_pools_of(const Probe& probe, TimePoint now) {
    const auto [first, last] = watch_.pools_of.equal_range(&probe);
    for (auto at = first; at != last; ++at) {
        judge_pool(watch_.pools[at->second], now);
    }
}

void Engine::mark(const Pool& pool) {
    dirty_.insert(static_cast<std::size_t>(&pool - watch_.pools.data()));
}

void Engine::result(Probe& probe, ProbeResult result, milliseconds took, TimePoint now) {
    const auto since = probe.health.since();
    const auto was = probe.health.state();
    const auto changed = probe.health.result(result.ok, now);
    probe.tally.add(result.ok, took);
    probe.last = std::move(result);
    probe.last_at = now;
    probe.took = took;
    if (!changed) {
        return;
    }
    Change change;
    change.why = probe.last->reason;
    if (was != HealthState::Unknown) {
        change.lasted = duration_cast<milliseconds>(now - since);
    }
    const auto is_up = probe.health.state() == HealthState::Up;
    (is_up ? probe.tally.ups : probe.tally.downs)++;
    const auto [first, last] = watch_.pools_of.equal_range(&probe);
    for (auto at = first; at != last; ++at) {
        const auto& pool = watch_.pools[at->second];
        change.kind = is_up ? ChangeKind::ServerUp : ChangeKind::ServerDown;
        change.service = pool.label();
        change.server = probe.target.server.text();
        journal_.tell(change);
    }
    judge_pools_of(probe, now);
    for (const auto& node : watch_.nodes) {
        if (node.probe.get() == &probe) {
            change.kind = is_up ? ChangeKind::NodeUp : ChangeKind::NodeDown;
            change.service = node.config.name;
            change.server = node.config.address.text();
            journal_.tell(change);
        }
    }
}

// Servers whose first result does not come are taken for up, unless others of the pool are: better
// a server that may be down than none.
void Engine::end_patience(Pool& pool, TimePoint now) {
    if (!pool.patience) {
        return;
    }
    if (!pool.waits_until) {
        pool.waits_until = now + *pool.patience;
    }
    if (now < *pool.waits_until) {
        return;
    }
    pool.patience.reset();
    const auto is_silent = std::all_of(pool.members.begin(), pool.members.end(), [](const auto& m) {
        return m.health() == HealthState::Unknown;
    });
    if (!is_silent) {
        return;
    }
    journal_.tell({.kind = ChangeKind::Unchecked, .service = pool.label()});
    for (auto& member : pool.members) {
        (void)member.probe->health.result(true, now);
        judge_pools_of(*member.probe, now);
    }
}

Result<> Engine::write_health_of(const std::set<std::size_t>& places, TimePoint now) {
    return commit_planned(
        now,
        [&] {
            Difference difference;
            for (const auto place : places) {
                auto ops = plan_health(wish_of(watch_.pools[place]), known_);
                std::move(ops.begin(), ops.end(), std::back_inserter(difference));
            }
            return difference;
        },
        [&](const Difference& difference, std::uint32_t generation) {
            known_.generation = generation;
            is_known_ = apply_to(known_, difference);
        });
}

// All in one transaction. When that is refused, each pool in one of its own: what the kernel does
// not take of one holds up no other, now or later.
Result<> Engine::write_health(TimePoint now) {
    HG_TRY(know(now)); // which may make pools dirty
    const auto places = dirty_;
    auto together = write_health_of(places, now);
    if (is_unreachable(together)) {
        return together;
    }
    for (const auto place : places) {
        auto done = together || places.size() == 1 ? together : write_health_of({place}, now);
        if (is_unreachable(done)) {
            return done;
        }
        note_refusal(place, done, now);
    }
    return {};
}

// Whether the kernel took a pool's health, or is to be asked to again.
void Engine::note_refusal(std::size_t place, const Result<>& done, TimePoint now) {
    dirty_.erase(place);
    if (done) {
        refusals_.erase(place);
        return;
    }
    auto& refusal = refusals_[place];
    refusal.again = now + kRetry;
    tell_refused(refusal.why, done.error());
}

Result<> Engine::write(TimePoint now) {
    if (owes_all_) {
        HG_TRY(write_all(watch_, now));
        owes_all_ = false;
    }
    return write_health(now);
}

void Engine::module_lost(const Error& why, TimePoint now) {
    is_known_ = false;
    owes_all_ = true;
    retry_at_ = now + kRetry;
    if (!module_gone_) {
        module_gone_ = true;
        journal_.tell({.kind = ChangeKind::ModuleGone, .why = why.text()});
    }
}

void Engine::note_error(const Error& error, TimePoint now) {
    if (error.kind == Kind::Unreachable) {
        module_lost(error, now);
        return;
    }
    is_known_ = false;
    retry_at_ = now + kRetry;
    tell_refused(refused_, error);
}

// Once, until it is another; TOLD is what was told last.
void Engine::tell_refused(std::string& told, const Error& error) {
    if (told != error.text()) {
        told = error.text();
        journal_.tell({.kind = ChangeKind::Failed, .why = told});
    }
}

void Engine::settle(TimePoint now) {
    follow_load(now);
    if (!owes_all_) { // it begins when the pools are in the kernel
        for (auto& pool : watch_.pools) {
            end_patience(pool, now);
        }
    }
    for (const auto& [place, refusal] : refusals_) {
        if (now >= refusal.again) {
            dirty_.insert(place);
        }
    }
    const auto looks = !is_known_ && now >= look_at_;
    if (now < retry_at_ || (!owes_all_ && dirty_.empty() && !looks)) {
        return;
    }
    look_at_ = now + kLook;
    const auto done = write(now);
    if (!done) {
        note_error(done.error(), now);
        return;
    }
    refused_.clear();
    if (module_gone_) {
        module_gone_ = false;
        journal_.tell({.kind = ChangeKind::ModuleBack});
    }
}

} // namespace hg::daemon

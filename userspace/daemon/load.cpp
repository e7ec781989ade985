#include "load.h"

#include <algorithm>
#include <cmath>

namespace hg::daemon {

using Seconds = std::chrono::duration<double>;

namespace {

constexpr Seconds kTau{10};          // of the smoothing
constexpr double kChangeMax = 0.1;   // of a factor in a second
constexpr double kDeadBand = 0.05;   // a target nearer than this moves nothing
constexpr double kWhole = 0.99;      // a target from here on is the whole weight
constexpr double kMemoryShort = 0.1; // less memory than this is short,
constexpr double kMemoryWell = 0.15; // and over this it is well again
constexpr double kPerMille = 1000;
constexpr std::uint32_t kEighth = HEADGATE_FACTOR_MAX / 8;
// What is written moves when the factor has gone so far from it: more than half a step, so that
// a factor between two steps does not go to and fro.
constexpr double kEighthMoves = 0.75 * kEighth;

} // namespace

LoadSample HostLoad::sample() const {
    return {.busy = std::clamp(std::max(cpu, load_per_core), 0.0, 1.0),
            .memory_available = memory_available};
}

LoadGrain grain_of(std::string_view scheduler) {
    return scheduler == "mh" || scheduler == "sh" ? LoadGrain::Eighths : LoadGrain::Fine;
}

void LoadFollower::configure(LoadSpec spec, LoadGrain grain) {
    spec_ = std::move(spec);
    grain_ = grain;
}

void LoadFollower::follow(std::span<const LoadMember> members, TimePoint now) {
    std::map<Endpoint, Server> servers;
    for (const auto& member : members) {
        auto known = servers_.extract(member.server);
        if (!known.empty()) {
            known.mapped().is_used = member.is_used;
            servers.insert(std::move(known));
            continue;
        }
        const auto factor = member.factor / kPerMille;
        servers.emplace(member.server, Server{.is_used = member.is_used,
                                              .heard_at = now,
                                              .factor = factor,
                                              .held = factor,
                                              .written = member.factor});
    }
    servers_ = std::move(servers);
}

void LoadFollower::sample(const Endpoint& server, const LoadSample& sample, TimePoint now) {
    const auto found = servers_.find(server);
    if (found == servers_.end()) {
        return;
    }
    auto& known = found->second;
    const auto busy = std::clamp(sample.busy, 0.0, 1.0);
    if (known.busy) {
        const auto share = 1 - std::exp(-Seconds(now - known.heard_at) / kTau);
        known.busy = *known.busy + share * (busy - *known.busy);
    } else {
        known.busy = busy;
    }
    known.is_short = sample.memory_available < (known.is_short ? kMemoryWell : kMemoryShort);
    known.asked.reset();
    known.heard_at = now;
}

void LoadFollower::ask(const Endpoint& server, std::uint32_t factor, TimePoint now) {
    const auto found = servers_.find(server);
    if (found == servers_.end()) {
        return;
    }
    found->second.asked = std::min<std::uint32_t>(factor, HEADGATE_FACTOR_MAX) / kPerMille;
    found->second.busy.reset();
    found->second.heard_at = now;
}

std::chrono::milliseconds LoadFollower::hold() const { return kHoldIntervals * spec_.interval; }

double LoadFollower::floor() const { return spec_.floor / kPerMille; }

LoadFollower::Mean LoadFollower::mean(TimePoint now) const {
    Mean out;
    double sum = 0;
    int count = 0;
    for (const auto& [endpoint, server] : servers_) {
        if (!server.is_used || now - server.heard_at > hold()) {
            continue;
        }
        out.is_known = out.is_known && (server.busy || server.asked);
        if (server.busy) {
            sum += *server.busy;
            count++;
            out.all_short = out.all_short && server.is_short;
        }
    }
    out.busy = count == 0 ? 0 : sum / count;
    return out;
}

double LoadFollower::target(const Server& server, const Mean& mean) const {
    if (server.asked) {
        return *server.asked;
    }
    if (!server.busy || !mean.is_known) {
        return server.factor;
    }
    if (server.is_short && !mean.all_short) {
        return floor();
    }
    const auto gain = spec_.gain / kPerMille;
    return std::clamp(1 - gain * (*server.busy - mean.busy), floor(), 1.0);
}

// Once it is out of the dead band it goes all the way, or it would always stop short. To the
// whole weight and to none it goes from within the band too: "nearly" is neither.
void LoadFollower::move(Server& server, double target, double most) {
    const bool is_whole = target >= kWhole;
    const bool is_end = is_whole || target <= 0;
    const auto gap = (is_whole ? 1 : target) - server.factor;
    server.is_moving = server.is_moving || is_end || std::abs(gap) > kDeadBand;
    if (!server.is_moving) {
        return;
    }
    if (std::abs(gap) <= most) {
        server.factor += gap;
        server.is_moving = false;
    } else {
        server.factor += std::clamp(gap, -most, most);
    }
}

// To the whole weight, in the time that it was held.
void LoadFollower::fade(Server& server, Seconds silence, double most) const {
    const auto gone = std::min(1.0, (silence - hold()) / Seconds(hold()));
    const auto wanted = server.held + (1 - server.held) * gone;
    server.factor = std::min(wanted, server.factor + most);
    server.is_moving = false;
}

void LoadFollower::update(TimePoint now) {
    const Seconds passed = updated_at_ ? now - *updated_at_ : Seconds(0);
    const auto most = kChangeMax * std::clamp(passed.count(), 0.0, 1.0);
    updated_at_ = now;
    const auto pool = mean(now);
    for (auto& [endpoint, server] : servers_) {
        const auto silence = now - server.heard_at;
        if (silence > hold()) {
            fade(server, silence, most);
        } else if (silence <= spec_.interval + spec_.timeout) {
            move(server, target(server, pool), most);
            server.held = server.factor;
        } // else its next sample is overdue, and nothing changes until the hold ends
        server.written = written(server);
    }
}

std::uint32_t LoadFollower::written(const Server& server) const {
    const auto factor = server.factor * kPerMille;
    if (factor <= 0) {
        return 0; // a drain, which nothing but a factor of 0 may become
    }
    if (grain_ == LoadGrain::Fine) {
        return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(std::lround(factor)));
    }
    if (server.written != 0 && server.written % kEighth == 0 &&
        std::abs(factor - server.written) < kEighthMoves) {
        return server.written;
    }
    const auto least = server.asked ? 1 : (spec_.floor + kEighth - 1) / kEighth;
    const auto steps = static_cast<std::uint32_t>(std::lround(factor / kEighth));
    return std::max({steps, least, 1U}) * kEighth;
}

std::uint32_t LoadFollower::factor(const Endpoint& server) const {
    const auto found = servers_.find(server);
    return found == servers_.end() ? HEADGATE_FACTOR_MAX : found->second.written;
}

} // namespace hg::daemon

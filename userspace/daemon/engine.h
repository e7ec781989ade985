// The heart of the daemon: from results of checks and samples of load to what the kernel is told.
// No sockets and no clock of its own: the loop calls it with the time.
#pragma once

#include "journal.h"
#include "judge.h"
#include "load_feed.h"
#include "plan.h"
#include "probes.h"

namespace hg::daemon {

struct Member {
    ServerSpec spec;
    ProbePtr probe = {};   // empty: not checked, always up
    LoadFeedPtr feed = {}; // empty: its load is not followed
    std::uint32_t factor = HEADGATE_FACTOR_MAX;
    // By its agent.
    bool agent_down = false;
    bool agent_maint = false; // down, because its admin wants it
    bool agent_drain = false; // the factor is 0
    TimePoint agent_since = {};
    // What the kernel had of an agent's words when this daemon had not heard any yet.
    bool held_down = false;
    bool held_drain = false;

    [[nodiscard]] HealthState health() const;
    // What its agent wants for it.
    [[nodiscard]] AgentWish agent_wish() const;
};

struct Pool {
    ServiceSpec service;
    PoolCare care;
    std::vector<Member> members;
    Verdict verdict = {};

    // Since when, where this daemon saw it change.
    struct Since {
        std::optional<TimePoint> panic = {};
        std::optional<TimePoint> fallback = {};
        std::optional<TimePoint> quorum = {};
    } since = {};

    // How long it waits for first results, and once it is in the kernel, until when.
    std::optional<std::chrono::milliseconds> patience = {};
    std::optional<TimePoint> waits_until = {};
    std::optional<LoadFollower> follower = {}; // where its load is configured

    // Its name, or its URL.
    [[nodiscard]] std::string label() const;
    // How its members are, in their order.
    [[nodiscard]] std::vector<Patient> patients(const Known& known) const;
};

struct Node {
    NodeConfig config;
    ProbePtr probe = {};
    LoadFeedPtr feed = {};
};

// A member, by its pool's place and its own.
struct MemberPlace {
    std::size_t pool = 0;
    std::size_t member = 0;
};

// What follows from one configuration.
struct Watch {
    Config config;
    std::vector<Pool> pools;
    std::vector<Node> nodes;
    ProbeSet probes;
    std::multimap<const Probe*, std::size_t> pools_of; // places in pools
    LoadFeedSet feeds;
    std::multimap<const LoadFeed*, MemberPlace> members_of;
    std::map<ServiceKey, std::size_t> place_of; // in pools

    [[nodiscard]] const Pool* find(const ServiceKey& service) const;
};

class Engine {
public:
    Engine(Kernel& kernel, Journal& journal) : kernel_(kernel), journal_(journal) {}

    // Puts a configuration in force: all of it, or the one before stays, and the error says why.
    // Without the module it is taken as well, and written when the module comes.
    Result<> load(Config config, TimePoint now, Overrides overrides = Overrides::Keep);

    // A probe of watch() has come to a result.
    void result(Probe& probe, ProbeResult result, std::chrono::milliseconds took, TimePoint now);
    // What a feed of watch() has answered.
    void heard(LoadFeed& feed, const Result<AgentAnswer>& answer, TimePoint now);
    void scraped(LoadFeed& feed, Result<NodeMetrics> metrics, TimePoint now);

    // Somebody else changed the kernel's configuration: it is read, and each pool judged anew,
    // before the next change, and within kLook.
    static constexpr std::chrono::milliseconds kLook{1000};

    void kernel_changed() { is_known_ = false; }

    // The module has gone: all is to be written when it is back.
    void module_lost(const Error& why, TimePoint now);

    // Looks at deadlines, moves the factors, and writes what is to be written. To be called after
    // results and at least each kTick.
    static constexpr std::chrono::milliseconds kTick{250};
    void settle(TimePoint now);

    [[nodiscard]] Watch& watch() { return watch_; }

    [[nodiscard]] const Watch& watch() const { return watch_; }

    [[nodiscard]] const Known& known() const { return known_; }

    [[nodiscard]] bool module_is_gone() const { return module_gone_; }

private:
    [[nodiscard]] Watch watch_for(Config config, TimePoint now);
    void take_verdict_before(Pool& pool) const;
    Pool pool_for(const PoolConfig& config, Watch& out, TimePoint now);
    [[nodiscard]] HealthState initial_health(const ServiceKey& service, const ServerSpec& server,
                                             InitialHealth initial) const;
    void judge_pool(Pool& pool, TimePoint now);
    void judge_pools(TimePoint now);
    void judge_pools_of(const Probe& probe, TimePoint now);
    void mark(const Pool& pool); // its health is to be written
    void end_patience(Pool& pool, TimePoint now);
    // Load: engine_load.cpp.
    void begin_load(Pool& pool, const LoadSpec& load, Watch& out, TimePoint now);
    void begin_member(const Pool& pool, Member& member, TimePoint now) const;
    [[nodiscard]] bool follows_load() const;
    void follow_load(TimePoint now);
    void lose_feeds(TimePoint now);
    void tell_back(const LoadFeed& feed, std::optional<TimePoint> lost_since, TimePoint now);
    void write_load(Pool& pool, Member& member, TimePoint now);
    void set_load(Pool& pool, Member& member, std::uint32_t factor, bool agent_down, TimePoint now);
    void tell_agent(const Pool& pool, const Member& member, const AgentWish& wish, TimePoint now);
    template <class F> void each_member_of(const LoadFeed& feed, F use);
    [[nodiscard]] std::vector<LoadMember> load_members(const Pool& pool) const;

    Result<> refresh();
    // As refresh(), unless known_ is what the kernel has.
    Result<> know(TimePoint now);
    template <class Plan, class Taken>
    Result<> commit_planned(TimePoint now, Plan plan, Taken taken);
    Result<> write_all(Watch& watch, TimePoint now, Overrides overrides = Overrides::Keep);
    Result<> write_health(TimePoint now);
    Result<> write_health_of(const std::set<std::size_t>& places, TimePoint now);
    Result<> write(TimePoint now);
    void note_refusal(std::size_t place, const Result<>& done, TimePoint now);
    void note_error(const Error& error, TimePoint now);
    void tell_refused(std::string& told, const Error& error);

    Kernel& kernel_;
    Journal& journal_;
    Watch watch_;
    Known known_;
    bool is_known_ = false; // known_ is what the kernel has, as far as is known
    bool module_gone_ = false;
    bool owes_all_ = false;       // the whole configuration is still to be written
    std::set<std::size_t> dirty_; // pools whose health is to be written

    // Of one pool's health.
    struct Refusal {
        std::string why;
        TimePoint again = {}; // when it is tried next
    };

    std::map<std::size_t, Refusal> refusals_; // by the pools' places
    std::string refused_; // the text of it, when the last attempt to write anything was refused
    TimePoint retry_at_ = {};
    TimePoint look_at_ = {}; // when others' changes are looked at next, if nothing else comes
    TimePoint load_at_ = {}; // when the factors are to move next
};

} // namespace hg::daemon

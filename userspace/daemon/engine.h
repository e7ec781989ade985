// The heart of the daemon: from results of checks and samples of load to what the kernel is told.
// No sockets and no clock of its own: the loop calls it with the time.
#pragma once

#include "journal.h"
#include "judge.h"
#include "plan.h"
#include "probes.h"

namespace hg::daemon {

struct Member {
    ServerSpec spec;
    ProbePtr probe = {}; // empty: not checked, always up
    std::uint32_t factor = HEADGATE_FACTOR_MAX;
    bool agent_down = false;

    [[nodiscard]] HealthState health() const;
};

struct Pool {
    ServiceSpec service;
    PoolCare care;
    std::vector<Member> members;
    Verdict verdict = {};
    std::optional<TimePoint> patience = {}; // until when it waits for first results

    // Its name, or its URL.
    [[nodiscard]] std::string label() const;
};

struct Node {
    NodeConfig config;
    ProbePtr probe = {};
};

// What follows from one configuration.
struct Watch {
    Config config;
    std::vector<Pool> pools;
    std::vector<Node> nodes;
    ProbeSet probes;
    std::multimap<const Probe*, std::size_t> pools_of; // places in pools
};

class Engine {
public:
    Engine(Kernel& kernel, Journal& journal) : kernel_(kernel), journal_(journal) {}

    // Puts a configuration in force: all of it, or the one before stays, and the error says why.
    // Without the module it is taken as well, and written when the module comes.
    Result<> load(Config config, TimePoint now);

    // A probe of watch() has come to a result.
    void result(Probe& probe, ProbeResult result, std::chrono::milliseconds took, TimePoint now);
    // What the load of a member allows. The factor is in 1/1000.
    void set_load(Pool& pool, Member& member, std::uint32_t factor, bool agent_down);

    // Somebody else changed the kernel's configuration: it is read before the next change.
    void kernel_changed() { is_known_ = false; }

    // The module has gone: all is to be written when it is back.
    void module_lost(const Error& why, TimePoint now);

    // Looks at deadlines, and writes what is to be written. To be called after results and at
    // least each kTick.
    static constexpr std::chrono::milliseconds kTick{250};
    void settle(TimePoint now);

    [[nodiscard]] Watch& watch() { return watch_; }

    [[nodiscard]] const Watch& watch() const { return watch_; }

    [[nodiscard]] const Known& known() const { return known_; }

    [[nodiscard]] bool module_is_gone() const { return module_gone_; }

private:
    [[nodiscard]] Watch watch_for(Config config, TimePoint now);
    Pool pool_for(const PoolConfig& config, Watch& out, TimePoint now);
    [[nodiscard]] HealthState initial_health(const ServiceKey& service, const ServerSpec& server,
                                             InitialHealth initial) const;
    void judge_pool(Pool& pool);
    void end_patience(Pool& pool, TimePoint now);
    Result<> refresh();
    Result<> write_all(Watch& watch);
    Result<> write_health();
    void note_error(const Error& error, TimePoint now);

    Kernel& kernel_;
    Journal& journal_;
    Watch watch_;
    Known known_;
    bool is_known_ = false; // known_ is what the kernel has, as far as is known
    bool module_gone_ = false;
    bool owes_all_ = false;       // the whole configuration is still to be written
    std::set<std::size_t> dirty_; // pools whose health is to be written
    TimePoint retry_at_ = {};
};

} // namespace hg::daemon

// How much of its weight each server of a pool gets, by how busy it is beside the others.
// docs/load.md derives it. Pure; times come from outside.
#pragma once

#include "health.h"
#include "model.h"

#include <map>
#include <span>
#include <string_view>

namespace hg::daemon {

// What was read of one server.
struct LoadSample {
    double busy = 0;             // 0..1
    double memory_available = 1; // as a share of all memory, 0..1
};

// What a host has to do.
struct HostLoad {
    double cpu = 0;              // the share of CPU time that was used, 0..1
    double load_per_core = 0;    // of those that run or want to, over a minute
    double memory_available = 1; // as a share

    // The busier of the two, and the memory.
    [[nodiscard]] LoadSample sample() const;

    bool operator==(const HostLoad&) const = default;
};

// So many intervals of silence change nothing; in as many more the factor goes to 1.
inline constexpr int kHoldIntervals = 3;

// How finely factors are written. What hashes moves clients whenever a weight changes.
enum class LoadGrain : std::uint8_t { Fine, Eighths };

[[nodiscard]] LoadGrain grain_of(std::string_view scheduler);

struct LoadMember {
    Endpoint server;
    // May get conns: one that is down or drained says nothing about how busy the pool is.
    bool is_used = true;
    std::uint32_t factor = 1000; // where a server that is new to the follower begins
};

class LoadFollower {
public:
    LoadFollower(LoadSpec spec, LoadGrain grain) : spec_(std::move(spec)), grain_(grain) {}

    void configure(LoadSpec spec, LoadGrain grain);
    // These are the pool's servers now. What is known of those that stay is kept.
    void follow(std::span<const LoadMember> members, TimePoint now);

    void sample(const Endpoint& server, const LoadSample& sample, TimePoint now);
    // An agent says itself what its server should get, in 1/1000.
    void ask(const Endpoint& server, std::uint32_t factor, TimePoint now);

    // Moves the factors to where they should be by now. To be called once a second or more often:
    // a longer pause counts as one second.
    void update(TimePoint now);

    // In 1/1000; of an unknown server 1000.
    [[nodiscard]] std::uint32_t factor(const Endpoint& server) const;

private:
    struct Server {
        bool is_used = true;
        std::optional<double> busy = {};  // smoothed
        bool is_short = false;            // of memory
        std::optional<double> asked = {}; // by its agent
        TimePoint heard_at = {};          // or when it came
        double factor = 1;
        double held = 1; // the factor when it was last heard of
        bool is_moving = false;
        std::uint32_t written = 1000;
    };

    struct Mean {
        bool is_known = true; // nobody in use is still to tell for the first time
        double busy = 0;
        bool all_short = true;
    };

    [[nodiscard]] std::chrono::milliseconds hold() const;
    [[nodiscard]] double floor() const;
    [[nodiscard]] Mean mean(TimePoint now) const;
    [[nodiscard]] double target(const Server& server, const Mean& mean) const;
    static void move(Server& server, double target, double most);
    void fade(Server& server, std::chrono::duration<double> silence, double most) const;
    [[nodiscard]] std::uint32_t written(const Server& server) const;

    LoadSpec spec_;
    LoadGrain grain_;
    std::map<Endpoint, Server> servers_;
    std::optional<TimePoint> updated_at_;
};

} // namespace hg::daemon

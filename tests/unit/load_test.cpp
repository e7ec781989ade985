#include "load.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr auto kFull = std::uint32_t{HEADGATE_FACTOR_MAX};

Endpoint server(int number) { return *parse_endpoint("192.0.2." + std::to_string(number) + ":80"); }

// A pool of servers on a clock that only moves when it is told to.
class Pool {
public:
    explicit Pool(int servers, LoadSpec spec = {}, LoadGrain grain = LoadGrain::Fine,
                  std::uint32_t factor = kFull)
        : follower_(std::move(spec), grain) {
        for (int i = 0; i < servers; ++i) {
            members_.push_back({.server = server(i), .factor = factor});
        }
        follow();
    }

    void follow() { follower_.follow(members_, now_); }

    void set_used(int number, bool is_used) {
        members_.at(static_cast<std::size_t>(number)).is_used = is_used;
        follow();
    }

    void busy(const std::vector<double>& all) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            follower_.sample(server(static_cast<int>(i)), {.busy = all[i]}, now_);
        }
    }

    void memory(int number, double available) {
        follower_.sample(server(number), {.busy = 0.5, .memory_available = available}, now_);
    }

    void ask(int number, std::uint32_t factor) { follower_.ask(server(number), factor, now_); }

    void pass(milliseconds time, milliseconds step = 250ms) {
        for (const auto end = now_ + time; now_ < end;) {
            now_ += step;
            follower_.update(now_);
        }
    }

    // The same load for so long, told every second.
    void pass_busy(milliseconds time, const std::vector<double>& all) {
        for (auto left = time; left > 0ms; left -= 1s) {
            busy(all);
            pass(1s);
        }
    }

    void configure(LoadSpec spec, LoadGrain grain) { follower_.configure(std::move(spec), grain); }

    [[nodiscard]] std::uint32_t factor(int number) const {
        return follower_.factor(server(number));
    }

    [[nodiscard]] std::vector<std::uint32_t> factors() const {
        std::vector<std::uint32_t> out;
        for (const auto& member : members_) {
            out.push_back(follower_.factor(member.server));
        }
        return out;
    }

    std::vector<LoadMember> members_;

private:
    LoadFollower follower_;
    TimePoint now_{1h};
};

using Factors = std::vector<std::uint32_t>;

TEST(Load, takes_the_busier_of_cpu_and_run_queue) {
    const auto busy_of = [](double cpu, double load_per_core) {
        return HostLoad{.cpu = cpu, .load_per_core = load_per_core}.sample().busy;
    };
    EXPECT_DOUBLE_EQ(busy_of(0.3, 0.25), 0.3);
    EXPECT_DOUBLE_EQ(busy_of(0.3, 0.5), 0.5);
    EXPECT_DOUBLE_EQ(busy_of(0.3, 10), 1);
}

TEST(Load, takes_weight_off_by_how_far_a_server_is_above_the_mean) {
    Pool pool(3);
    pool.pass_busy(20s, {0.9, 0.3, 0.3}); // mean 0.5
    EXPECT_EQ(pool.factors(), (Factors{600, 1000, 1000}));
}

TEST(Load, multiplies_the_distance_by_the_gain) {
    LoadSpec spec;
    spec.gain = 2000;
    Pool pool(3, spec);
    pool.pass_busy(20s, {0.9, 0.3, 0.3});
    EXPECT_EQ(pool.factor(0), 200U);
}

TEST(Load, leaves_the_floor) {
    LoadSpec spec;
    spec.gain = 4000;
    Pool pool(3, spec);
    pool.pass_busy(20s, {0.9, 0.3, 0.3});
    EXPECT_EQ(pool.factor(0), 100U);
}

TEST(Load, changes_nothing_when_all_are_busy) {
    Pool pool(3);
    pool.pass_busy(30s, {1, 1, 1});
    EXPECT_EQ(pool.factors(), (Factors{1000, 1000, 1000}));
}

TEST(Load, follows_slowly) {
    Pool pool(2);
    pool.busy({0.2, 0.2});
    pool.pass(10s);
    pool.busy({1, 0.2}); // 63 % of the way after tau: 0.706 and 0.2
    pool.pass(10s);
    EXPECT_NEAR(pool.factor(0), 1000 - 253, 1);
}

TEST(Load, changes_a_tenth_in_a_second_at_most) {
    Pool pool(2);
    pool.busy({1, 0});
    pool.pass(250ms); // the first look starts the clock
    EXPECT_EQ(pool.factor(0), 1000U);
    pool.pass(1s);
    EXPECT_EQ(pool.factor(0), 900U);
    pool.pass(1s);
    EXPECT_EQ(pool.factor(0), 800U);
}

TEST(Load, takes_a_long_pause_for_a_second) {
    Pool pool(2);
    pool.pass(250ms);
    pool.busy({1, 0});
    pool.pass(4s, 4s);
    EXPECT_EQ(pool.factor(0), 900U);
}

TEST(Load, does_not_move_within_the_dead_band_and_goes_all_the_way_beyond_it) {
    Pool pool(1);
    const auto ask = [&](std::uint32_t factor) {
        pool.ask(0, factor);
        pool.pass(5s);
        return pool.factor(0);
    };
    EXPECT_EQ(ask(960), 1000U);
    EXPECT_EQ(ask(940), 940U);
    EXPECT_EQ(ask(900), 940U);
    EXPECT_EQ(ask(980), 940U);
    EXPECT_EQ(ask(880), 880U);
}

TEST(Load, gives_back_the_whole_weight_from_within_the_dead_band) {
    Pool pool(2);
    pool.pass_busy(60s, {0.8, 0.5});
    EXPECT_LT(pool.factor(0), 920U);
    pool.pass_busy(60s, {0.5, 0.5});
    EXPECT_EQ(pool.factor(0), 1000U);
}

TEST(Load, writes_eighths_where_clients_are_hashed) {
    EXPECT_EQ(grain_of("mh"), LoadGrain::Eighths);
    EXPECT_EQ(grain_of("sh"), LoadGrain::Eighths);
    EXPECT_EQ(grain_of("wlc"), LoadGrain::Fine);
    Pool pool(3, {}, LoadGrain::Eighths);
    for (int i = 0; i < 20; ++i) {
        pool.pass_busy(1s, {0.9, 0.3, 0.3});
        EXPECT_EQ(pool.factor(0) % 125, 0U);
    }
    EXPECT_EQ(pool.factor(0), 625U); // of 600
}

TEST(Load, stays_at_an_eighth_while_the_factor_is_about_half_way) {
    Pool pool(1, {}, LoadGrain::Eighths);
    pool.ask(0, 920);
    pool.pass(3s);
    EXPECT_EQ(pool.factor(0), 1000U);
    pool.ask(0, 860);
    pool.pass(3s);
    EXPECT_EQ(pool.factor(0), 875U);
    pool.ask(0, 950);
    pool.pass(3s);
    EXPECT_EQ(pool.factor(0), 875U);
    pool.ask(0, 1000);
    pool.pass(3s);
    EXPECT_EQ(pool.factor(0), 1000U);
}

TEST(Load, keeps_to_the_floor_in_eighths_and_never_drains_by_rounding) {
    LoadSpec spec;
    spec.floor = 300;
    spec.gain = 4000;
    Pool high(2, spec, LoadGrain::Eighths);
    high.pass_busy(30s, {1, 0});
    EXPECT_EQ(high.factor(0), 375U);
    spec.floor = 10;
    Pool low(2, spec, LoadGrain::Eighths);
    low.pass_busy(30s, {1, 0});
    EXPECT_EQ(low.factor(0), 125U);
}

TEST(Load, holds_a_silent_server_for_three_intervals_and_lets_it_go_in_as_many) {
    Pool pool(1); // the interval is 5 s
    for (int i = 0; i < 10; ++i) {
        pool.ask(0, 400);
        pool.pass(1s);
    }
    EXPECT_EQ(pool.factor(0), 400U);
    pool.pass(14s); // 15 s since it was heard
    EXPECT_EQ(pool.factor(0), 400U);
    pool.pass(7500ms);
    EXPECT_EQ(pool.factor(0), 700U);
    pool.pass(7500ms);
    EXPECT_EQ(pool.factor(0), 1000U);
}

TEST(Load, lets_go_no_faster_than_it_may_change) {
    LoadSpec spec;
    spec.interval = 500ms;
    spec.timeout = 500ms;
    Pool pool(1, spec);
    for (int i = 0; i < 10; ++i) {
        pool.ask(0, 200);
        pool.pass(1s);
    }
    pool.pass(1500ms); // 2.5 s since it was heard: 1 s of letting go
    EXPECT_NEAR(pool.factor(0), 300, 1);
}

TEST(Load, takes_over_the_factor_of_before_and_lets_it_go_when_nobody_answers) {
    Pool pool(1, {}, LoadGrain::Fine, 400);
    pool.pass(15s);
    EXPECT_EQ(pool.factor(0), 400U);
    pool.pass(15s);
    EXPECT_EQ(pool.factor(0), 1000U);
}

TEST(Load, counts_a_silent_server_in_the_mean_while_it_is_held) {
    Pool pool(3);
    pool.pass_busy(20s, {0.9, 0.3, 0.3});
    for (int i = 0; i < 13; ++i) { // the second falls silent
        pool.busy({0.9});
        pool.pass(1s);
    }
    EXPECT_EQ(pool.factor(0), 600U);
    for (int i = 0; i < 20; ++i) {
        pool.busy({0.9});
        pool.pass(1s);
    }
    EXPECT_EQ(pool.factor(0), 1000U); // alone it is the mean
}

TEST(Load, does_not_count_servers_that_are_out_of_use) {
    Pool pool(3);
    pool.set_used(2, false);
    pool.pass_busy(20s, {0.5, 0.5, 0});
    EXPECT_EQ(pool.factors(), (Factors{1000, 1000, 1000}));
    pool.set_used(2, true);
    pool.pass_busy(20s, {0.5, 0.5, 0});
    EXPECT_EQ(pool.factors(), (Factors{833, 833, 1000}));
}

TEST(Load, waits_for_the_first_word_of_each_for_three_intervals) {
    Pool pool(2, {}, LoadGrain::Fine, 500);
    pool.pass_busy(15s, {0.9}); // of the first alone, which would be the mean
    EXPECT_EQ(pool.factors(), (Factors{500, 500}));
    pool.pass_busy(20s, {0.9, 0.7}); // each 0.1 beside the mean
    EXPECT_EQ(pool.factors(), (Factors{900, 1000}));
}

TEST(Load, goes_to_the_floor_when_memory_is_short_until_there_is_enough) {
    Pool pool(2);
    const auto pass = [&](double available) {
        for (int i = 0; i < 20; ++i) {
            pool.memory(0, available);
            pool.memory(1, 0.5);
            pool.pass(1s);
        }
    };
    pass(0.11);
    EXPECT_EQ(pool.factor(0), 1000U);
    pass(0.09);
    EXPECT_EQ(pool.factor(0), 100U);
    pass(0.14); // not enough yet
    EXPECT_EQ(pool.factor(0), 100U);
    pass(0.16);
    EXPECT_EQ(pool.factor(0), 1000U);
}

TEST(Load, ignores_memory_when_all_are_short_of_it) {
    Pool pool(2);
    for (int i = 0; i < 20; ++i) {
        pool.memory(0, 0.05);
        pool.memory(1, 0.05);
        pool.pass(1s);
    }
    EXPECT_EQ(pool.factors(), (Factors{1000, 1000}));
}

TEST(Load, goes_where_an_agent_asks_without_a_floor) {
    Pool pool(2);
    for (int i = 0; i < 12; ++i) {
        pool.ask(0, 30);
        pool.ask(1, 700);
        pool.pass(1s);
    }
    EXPECT_EQ(pool.factors(), (Factors{30, 700}));
    for (int i = 0; i < 2; ++i) {
        pool.ask(0, 0); // from within the dead band
        pool.pass(1s);
    }
    EXPECT_EQ(pool.factor(0), 0U);
}

TEST(Load, keeps_what_is_known_over_a_new_list_of_servers) {
    Pool pool(3);
    pool.pass_busy(20s, {0.9, 0.3, 0.3});
    pool.members_.pop_back();
    pool.members_.push_back({.server = server(9), .factor = 500});
    pool.follow();
    EXPECT_EQ(pool.factors(), (Factors{600, 1000, 500}));
    EXPECT_EQ(pool.factor(2), 1000U); // forgotten
}

TEST(Load, takes_another_configuration) {
    Pool pool(3);
    pool.pass_busy(20s, {0.9, 0.3, 0.3});
    LoadSpec spec;
    spec.gain = 500;
    pool.configure(spec, LoadGrain::Eighths);
    pool.pass_busy(20s, {0.9, 0.3, 0.3});
    EXPECT_EQ(pool.factor(0), 750U); // of its target
}

// Three servers in a closed loop: how busy each is follows from its share of the clients, and its
// share from its factor.
struct World {
    double clients = 1.2; // what they ask for, in servers
    double other = 0.5;   // what else the first server does while it is made busy
    milliseconds interval{5000};
    double lag = 0; // of what is read behind what is, in seconds: load1 is such an average
    // Agents tell it, as shares of the weight from 1 to this; 0: it is read from node_exporters.
    double least = 0;
};

class Loop {
public:
    explicit Loop(const World& world) : world_(world), pool_(3, spec_of(world)) {}

    // The factors of the first server, four a second.
    std::vector<std::uint32_t> run(milliseconds time, bool is_busy) {
        std::vector<std::uint32_t> out;
        for (auto left = time; left > 0ms; left -= kStep) {
            step(is_busy);
            out.push_back(pool_.factor(0));
        }
        return out;
    }

private:
    static constexpr milliseconds kStep{250};

    static LoadSpec spec_of(const World& world) {
        LoadSpec spec;
        spec.interval = world.interval;
        return spec;
    }

    void step(bool is_busy) {
        const auto factors = pool_.factors();
        double sum = 0;
        for (const auto factor : factors) {
            sum += factor;
        }
        for (std::size_t i = 0; i < factors.size(); ++i) {
            const auto share = factors[i] / sum;
            const auto other = is_busy && i == 0 ? world_.other : 0;
            const auto busy = std::min(1.0, other + world_.clients * share);
            const auto part = world_.lag > 0 ? 0.25 / world_.lag : 1;
            seen_[i] += part * (busy - seen_[i]);
        }
        if (since_ >= world_.interval) {
            tell();
            since_ = 0ms;
        }
        pool_.pass(kStep);
        since_ += kStep;
    }

    void tell() {
        if (world_.least == 0) {
            pool_.busy(seen_);
            return;
        }
        for (std::size_t i = 0; i < seen_.size(); ++i) {
            const auto share = 1 - (1 - world_.least) * seen_[i];
            pool_.ask(static_cast<int>(i), static_cast<std::uint32_t>(share * kFull));
        }
    }

    World world_;
    Pool pool_;
    std::vector<double> seen_{0, 0, 0};
    milliseconds since_{0};
};

class LoadLoop : public testing::TestWithParam<World> {};

TEST_P(LoadLoop, falls_comes_back_and_does_not_swing) {
    Loop loop(GetParam());
    const auto idle = loop.run(5min, false);
    EXPECT_EQ(idle.back(), kFull);

    const auto busy = loop.run(10min, true);
    const auto settled = busy.back();
    EXPECT_LT(settled, 900U);
    const auto [low, high] = std::minmax_element(busy.end() - 4L * 300, busy.end());
    EXPECT_EQ(*low, *high) << "it does not come to rest";
    // Never further below where it comes to rest than twice the dead band.
    EXPECT_GE(*std::min_element(busy.begin(), busy.end()) + 100, settled);

    const auto back = loop.run(10min, false);
    EXPECT_EQ(back.back(), kFull);
    EXPECT_TRUE(std::is_sorted(
        std::find(back.begin(), back.end(), *std::min_element(back.begin(), back.end())),
        back.end()))
        << "on its way back it falls again";
}

INSTANTIATE_TEST_SUITE_P(Worlds, LoadLoop,
                         testing::Values(World{}, World{.clients = 0.3},
                                         World{.clients = 2.2, .other = 0.3},
                                         World{.interval = 1000ms}, World{.interval = 20000ms},
                                         World{.lag = 20}, World{.lag = 60},
                                         World{.clients = 2.2, .other = 0.3, .lag = 60}));

class LoadLoopOfAgents : public testing::TestWithParam<World> {};

TEST_P(LoadLoopOfAgents, falls_comes_back_and_does_not_swing) {
    Loop loop(GetParam());
    const auto idle = loop.run(10min, false).back();
    const auto busy = loop.run(10min, true);
    EXPECT_LT(busy.back() + 50, idle);
    const auto [low, high] = std::minmax_element(busy.end() - 4L * 300, busy.end());
    EXPECT_EQ(*low, *high) << "it does not come to rest";
    EXPECT_NEAR(loop.run(10min, false).back(), idle,
                100); // each within the dead band of its target
}

INSTANTIATE_TEST_SUITE_P(Worlds, LoadLoopOfAgents,
                         testing::Values(World{.least = 0.5}, World{.clients = 0.3, .least = 0.5},
                                         World{.clients = 2.2, .other = 0.3, .least = 0.5},
                                         World{.lag = 60, .least = 0.5}));

} // namespace
} // namespace hg::daemon

// Slow start: a server that comes into service beside others, new or back, begins with a small
// share, which grows to its full one. In every scheduler that goes by weight.
#include "states.h"

#include "eventually.h"

#include <algorithm>
#include <gmock/gmock.h>

namespace {

using namespace hg::test;
using hg::AttributeWriter;
using hg::Protocol;
using testing::AllOf;
using testing::Ge;
using testing::Gt;
using testing::Le;

constexpr std::uint32_t kLong = 600'000; // ms: it goes on for as long as the test

class SlowStart : public States {
protected:
    // By sh and mh each conn is a client of its own.
    hg::ServiceKey add(const std::string& scheduler, std::uint32_t window,
                       std::uint16_t port = 80) {
        const auto more = [&](AttributeWriter& nest) {
            nest.u32(HEADGATE_A_SERVICE_SLOW_START, window)
                .bitfield32(HEADGATE_A_SERVICE_FLAGS, HEADGATE_SERVICE_F_HASH_PORT,
                            HEADGATE_SERVICE_F_HASH_PORT);
        };
        return add_service(Protocol::Udp, scheduler, more, port);
    }

    void set_window(const hg::ServiceKey& key, std::uint32_t window) {
        of_service(HEADGATE_CMD_SET_SERVICE, key,
                   [&](AttributeWriter& nest) { nest.u32(HEADGATE_A_SERVICE_SLOW_START, window); });
    }

    std::uint32_t ramp(const hg::ServiceKey& key, const hg::Address& server) {
        return number(key, server, HEADGATE_A_SERVER_RAMP);
    }

    // Of the third server, beside the first.
    void expect_small_share(const hg::ServiceKey& key, std::uint16_t first_port) {
        EXPECT_THAT(ramp(key, plan.third), AllOf(Ge(1U), Le(10U)));
        EXPECT_EQ(ramp(key, plan.server), 1000U);
        // sh, mh: an eighth of the share, by chance more
        EXPECT_THAT(share_of_third(first_port, 60), Le(20));
    }

    void expect_full_share(const hg::ServiceKey& key, std::uint16_t first_port) {
        EXPECT_TRUE(eventually([&] { return ramp(key, plan.third) == 1000; }));
        EXPECT_THAT(share_of_third(first_port, 60), Ge(21)); // sh, mh: 30 but for chance
    }

    // wlc evens out the numbers of conns: those there are would count.
    void end_conns() { must(lab.director.client().kill_conns({.all = true})); }
};

class SlowStartBy : public SlowStart, public testing::WithParamInterface<const char*> {};

TEST_P(SlowStartBy, gives_a_newcomer_a_small_share_first) {
    const auto key = add(GetParam(), kLong);
    add_server(key, plan.server);
    EXPECT_EQ(ramp(key, plan.server), 1000U) << "nobody is beside it";
    add_server(key, plan.third);
    expect_small_share(key, 4000);
    end_conns();
    set_window(key, 0);
    expect_full_share(key, 5000);
}

TEST_P(SlowStartBy, grows_to_the_full_share) {
    const auto key = add(GetParam(), 3000);
    add_server(key, plan.server);
    add_server(key, plan.third);
    std::vector<std::uint32_t> ramps;
    EXPECT_TRUE(eventually([&] {
        const auto now = ramp(key, plan.third);
        if (ramps.empty() || ramps.back() != now) {
            ramps.push_back(now);
        }
        return now == 1000;
    }));
    EXPECT_TRUE(std::is_sorted(ramps.begin(), ramps.end()));
    EXPECT_THAT(ramps.size(), Gt(2U));
}

// Packets in the middle of it and after it, with nobody's hand in between.
TEST_P(SlowStartBy, shares_as_the_ramp_says_all_along) {
    constexpr int kConns = 400;
    const auto key = add(GetParam(), 8000);
    add_server(key, plan.server);
    add_server(key, plan.third);
    ASSERT_TRUE(eventually([&] { return ramp(key, plan.third) >= 400; }));
    const auto share = share_of_third(4000, kConns);
    const auto last = static_cast<int>(ramp(key, plan.third));
    ASSERT_THAT(last, Le(700)) << "too slow a machine for this window";
    const auto of = [&](int ramp) { return kConns * ramp / (1000 + ramp); };
    constexpr int kChance = 30; // of sh and mh, three deviations
    EXPECT_THAT(share, AllOf(Ge(of(400) - kChance), Le(of(last) + kChance)));
    ASSERT_TRUE(eventually([&] { return ramp(key, plan.third) == 1000; }));
    end_conns();
    EXPECT_THAT(share_of_third(5000, kConns),
                AllOf(Ge(of(1000) - kChance), Le(of(1000) + kChance)));
}

INSTANTIATE_TEST_SUITE_P(Schedulers, SlowStartBy, testing::Values("wrr", "wlc", "sh", "mh"),
                         [](const auto& scheduler) { return std::string(scheduler.param); });

// How a server goes out of service and comes back.
struct Way {
    const char* name;
    Fill out;
    Fill back;
};

Fill in_state(headgate_admin_state state) {
    return [=](AttributeWriter& nest) {
        nest.u8(HEADGATE_A_SERVER_ADMIN_STATE, static_cast<std::uint8_t>(state));
    };
}

Fill of_number(int type, std::uint32_t value) {
    return [=](AttributeWriter& nest) { nest.u32(type, value); };
}

Fill by_check(std::uint32_t bits) {
    return [=](AttributeWriter& nest) {
        nest.bitfield32(HEADGATE_A_SERVER_DOWN, bits, HEADGATE_DOWN_CHECK);
    };
}

const Way kWays[] = {
    {"down", by_check(HEADGATE_DOWN_CHECK), by_check(0)},
    {"maint", in_state(HEADGATE_ADMIN_MAINT), in_state(HEADGATE_ADMIN_READY)},
    {"drain", [](AttributeWriter& nest) { nest.nest(HEADGATE_A_SERVER_DRAIN, nothing); },
     in_state(HEADGATE_ADMIN_READY)},
    {"weight", of_number(HEADGATE_A_SERVER_WEIGHT, 0), of_number(HEADGATE_A_SERVER_WEIGHT, 1)},
    {"factor", of_number(HEADGATE_A_SERVER_FACTOR, 0), of_number(HEADGATE_A_SERVER_FACTOR, 1000)},
};

using Case = std::tuple<const char*, Way>;

class SlowStartAfter : public SlowStart, public testing::WithParamInterface<Case> {};

TEST_P(SlowStartAfter, gives_a_server_that_is_back_a_small_share_first) {
    const auto& [scheduler, way] = GetParam();
    const auto key = add(scheduler, 0);
    add_server(key, plan.server);
    add_server(key, plan.third);
    set_window(key, kLong);
    EXPECT_EQ(ramp(key, plan.third), 1000U) << "it was there before";
    set_server(key, plan.third, way.out);
    EXPECT_EQ(share_of_third(4000, 10), 0);
    end_conns();
    set_server(key, plan.third, way.back);
    expect_small_share(key, 5000);
    end_conns();
    set_window(key, 0);
    expect_full_share(key, 6000);
}

TEST_P(SlowStartAfter, leaves_a_server_that_goes_out_again_where_it_was) {
    const auto& [scheduler, way] = GetParam();
    const auto key = add(scheduler, kLong);
    add_server(key, plan.server);
    add_server(key, plan.third);
    const auto begun = ramp(key, plan.third);
    EXPECT_THAT(begun, Le(10U));
    set_server(key, plan.third, way.out);
    EXPECT_EQ(ramp(key, plan.third), begun) << "clients of the other server would move";
    set_server(key, plan.third, way.back);
    expect_small_share(key, 4000);
}

// Another service shows how far it would have come in service.
TEST_F(SlowStart, begins_anew_when_a_server_is_back_after_its_first_step) {
    const auto key = add("wrr", 3000);
    const auto clock = add("wrr", 3000, 81);
    for (const auto& each : {key, clock}) {
        add_server(each, plan.server);
        add_server(each, plan.third);
    }
    const auto begun = ramp(key, plan.third);
    set_down(key, plan.third, HEADGATE_DOWN_CHECK, true);
    EXPECT_TRUE(eventually([&] { return ramp(clock, plan.third) == 1000; }));
    EXPECT_EQ(ramp(key, plan.third), begun);
    set_down(key, plan.third, HEADGATE_DOWN_CHECK, false);
    set_down(clock, plan.third, HEADGATE_DOWN_CHECK, true);
    set_down(clock, plan.third, HEADGATE_DOWN_CHECK, false);
    EXPECT_TRUE(eventually([&] { return ramp(clock, plan.third) > begun; }));
    EXPECT_LT(ramp(key, plan.third), 1000U);
    EXPECT_TRUE(eventually([&] { return ramp(key, plan.third) == 1000; }));
}

INSTANTIATE_TEST_SUITE_P(Ways, SlowStartAfter,
                         testing::Combine(testing::Values("wrr", "wlc", "sh", "mh"),
                                          testing::ValuesIn(kWays)),
                         [](const auto& given) {
                             return std::string(std::get<0>(given.param)) + "_" +
                                    std::get<1>(given.param).name;
                         });

// rr and lc take every server that is in service alike.
TEST_F(SlowStart, is_none_where_weights_are_not_looked_at) {
    const auto key = add("rr", kLong);
    add_server(key, plan.server);
    add_server(key, plan.third);
    EXPECT_EQ(share_of_third(4000, 20), 10);
}

TEST_F(SlowStart, is_none_for_a_server_that_comes_back_to_nobody) {
    const auto key = add("wrr", kLong);
    add_server(key, plan.third);
    set_down(key, plan.third, HEADGATE_DOWN_CHECK, true);
    set_down(key, plan.third, HEADGATE_DOWN_CHECK, false);
    EXPECT_EQ(ramp(key, plan.third), 1000U);
}

} // namespace

// What the admin does by hand beside whoever manages the configuration, and what a reset takes
// back: as the server's attributes tell, and as new conns feel it.
#include "states.h"

#include <gmock/gmock.h>

namespace {

using namespace hg::test;
using hg::AttributeWriter;
using hg::Protocol;
using testing::AllOf;
using testing::Ge;
using testing::Le;

Fill weight(std::uint32_t value, bool managed) {
    return [=](AttributeWriter& nest) {
        nest.u32(HEADGATE_A_SERVER_WEIGHT, value);
        if (managed) {
            nest.bytes(HEADGATE_A_SERVER_MANAGED, {});
        }
    };
}

Fill admin_state(headgate_admin_state state) {
    return [=](AttributeWriter& nest) {
        nest.u8(HEADGATE_A_SERVER_ADMIN_STATE, static_cast<std::uint8_t>(state));
    };
}

class Override : public States {
protected:
    // Two managed servers of weight 1, the first and the third.
    hg::ServiceKey serve(const std::string& scheduler, const Fill& more = nothing) {
        const auto key = add_service(Protocol::Udp, scheduler, more);
        add_server(key, plan.server, weight(1, true));
        add_server(key, plan.third, weight(1, true));
        return key;
    }

    void reset_third(const hg::ServiceKey& key) {
        of_server(HEADGATE_CMD_RESET_SERVER, key, plan.third);
    }
};

TEST_F(Override, of_what_is_managed_is_the_admin_s) {
    const auto key = add_service(Protocol::Udp, "rr");
    const auto expect = [&](std::uint32_t now, std::uint32_t managed, std::uint32_t overrides) {
        const auto all = numbers(key, plan.server);
        EXPECT_EQ(all.at(HEADGATE_A_SERVER_WEIGHT), now);
        EXPECT_EQ(all.at(HEADGATE_A_SERVER_MANAGED_WEIGHT), managed);
        EXPECT_EQ(all.at(HEADGATE_A_SERVER_OVERRIDES), overrides);
    };
    add_server(key, plan.server, weight(5, true));
    expect(5, 5, 0);
    set_server(key, plan.server, weight(9, false));
    expect(9, 5, HEADGATE_OVERRIDE_WEIGHT);
    set_server(key, plan.server, weight(6, true));
    expect(9, 6, HEADGATE_OVERRIDE_WEIGHT);
    set_server(key, plan.server, admin_state(HEADGATE_ADMIN_MAINT));
    set_down(key, plan.server, HEADGATE_DOWN_ADMIN | HEADGATE_DOWN_CHECK, true);
    expect(9, 6, HEADGATE_OVERRIDE_WEIGHT | HEADGATE_OVERRIDE_STATE);
    of_server(HEADGATE_CMD_RESET_SERVER, key, plan.server);
    expect(6, 6, 0);
    EXPECT_EQ(number(key, plan.server, HEADGATE_A_SERVER_ADMIN_STATE),
              std::uint32_t{HEADGATE_ADMIN_READY});
    EXPECT_EQ(number(key, plan.server, HEADGATE_A_SERVER_DOWN), std::uint32_t{HEADGATE_DOWN_CHECK})
        << "the check's own";
}

struct Way {
    const char* name;
    Fill out; // of service, by the admin's hand
};

const Way kWays[] = {
    {"down",
     [](AttributeWriter& nest) {
         nest.bitfield32(HEADGATE_A_SERVER_DOWN, HEADGATE_DOWN_ADMIN, HEADGATE_DOWN_ADMIN);
     }},
    {"maint", admin_state(HEADGATE_ADMIN_MAINT)},
    {"drain", [](AttributeWriter& nest) { nest.nest(HEADGATE_A_SERVER_DRAIN, nothing); }},
    {"weight", weight(0, false)},
};

class OverrideBy : public Override, public testing::WithParamInterface<Way> {};

TEST_P(OverrideBy, takes_all_new_conns_until_a_reset) {
    const auto key = serve("rr");
    set_server(key, plan.third, GetParam().out);
    EXPECT_EQ(share_of_third(4000, 10), 0);
    set_server(key, plan.third, weight(1, true));
    EXPECT_EQ(share_of_third(4100, 10), 0) << "the manager's word does not end it";
    reset_third(key);
    EXPECT_EQ(share_of_third(4200, 10), 5);
}

INSTANTIATE_TEST_SUITE_P(Ways, OverrideBy, testing::ValuesIn(kWays),
                         [](const auto& way) { return std::string(way.param.name); });

TEST_F(Override, of_a_weight_holds_until_a_reset) {
    const auto key = serve("wrr");
    set_server(key, plan.third, weight(3, false));
    EXPECT_EQ(share_of_third(4000, 40), 30);
    reset_third(key);
    EXPECT_EQ(share_of_third(4100, 40), 20);
}

TEST_F(Override, reset_leaves_a_server_down_that_a_check_has_down) {
    const auto key = serve("rr");
    set_down(key, plan.third, HEADGATE_DOWN_ADMIN | HEADGATE_DOWN_CHECK, true);
    reset_third(key);
    EXPECT_EQ(share_of_third(4000, 10), 0);
    set_down(key, plan.third, HEADGATE_DOWN_CHECK, false);
    EXPECT_EQ(share_of_third(4100, 10), 5);
}

TEST_F(Override, reset_leaves_the_daemon_s_factor) {
    const auto key = serve("wrr");
    set_server(key, plan.third, [](AttributeWriter& nest) {
        nest.u32(HEADGATE_A_SERVER_FACTOR, 500).u32(HEADGATE_A_SERVER_WEIGHT, 7);
    });
    reset_third(key);
    EXPECT_EQ(share_of_third(4000, 30), 10);
}

TEST_F(Override, reset_begins_a_slow_start) {
    const auto key = serve("wrr");
    of_service(HEADGATE_CMD_SET_SERVICE, key,
               [](AttributeWriter& nest) { nest.u32(HEADGATE_A_SERVICE_SLOW_START, 600'000); });
    set_down(key, plan.third, HEADGATE_DOWN_ADMIN, true);
    reset_third(key);
    EXPECT_THAT(number(key, plan.third, HEADGATE_A_SERVER_RAMP), AllOf(Ge(1U), Le(10U)));
    EXPECT_THAT(share_of_third(4000, 60), Le(2));
}

TEST_F(Override, reset_of_a_server_in_service_begins_no_slow_start) {
    const auto key = serve("wrr");
    of_service(HEADGATE_CMD_SET_SERVICE, key,
               [](AttributeWriter& nest) { nest.u32(HEADGATE_A_SERVICE_SLOW_START, 600'000); });
    reset_third(key);
    EXPECT_EQ(number(key, plan.third, HEADGATE_A_SERVER_RAMP), 1000U);
    EXPECT_EQ(share_of_third(4000, 60), 30);
}

} // namespace

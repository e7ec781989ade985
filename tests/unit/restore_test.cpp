#include "restore.h"

#include "samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hg {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

// One service with one server of weight 5 that is managed to be of weight 5 and ready.
class Restoration : public testing::Test {
protected:
    Restoration() {
        saved.services = {{.spec = test::web_service().spec, .managed = true}};
        saved.servers = {{.service = service(),
                          .spec = {.endpoint = test::endpoint("10.1.0.2:80"), .weight = 5},
                          .managed = Managed{.weight = 5}}};
    }

    [[nodiscard]] const ServiceKey& service() const { return saved.services[0].spec.key; }

    Server& server() { return saved.servers[0]; }

    // What is added of the server, the service being the first.
    AddServer addition() { return std::get<AddServer>(restoration(saved, {}).at(1)); }

    // What is changed of it then.
    ServerChange change() {
        const auto all = restoration(saved, {});
        return all.size() == 3 ? std::get<SetServer>(all[2]).change : ServerChange{};
    }

    // As a daemon would have written it anew, the admin's own work being lost.
    [[nodiscard]] Running anew() const {
        auto out = saved;
        out.servers[0].spec.weight = 5;
        out.servers[0].overrides = 0;
        out.servers[0].down &= ~std::uint32_t{HEADGATE_DOWN_ADMIN};
        return out;
    }

    Running saved;
};

TEST_F(Restoration, is_nothing_when_all_is_there) {
    EXPECT_THAT(restoration(saved, saved), IsEmpty());
    EXPECT_THAT(restoration({}, saved), IsEmpty());
}

TEST_F(Restoration, has_the_masks_and_factors_from_the_first_moment) {
    server().down = HEADGATE_DOWN_CHECK | HEADGATE_DOWN_ADMIN;
    server().factor = 250;
    EXPECT_EQ(std::get<AddService>(restoration(saved, {}).at(0)),
              (AddService{saved.services[0].spec, true}));
    ServerChange besides{.down = MaskedBits{server().down, HEADGATE_DOWN_ALL}, .factor = 250};
    besides.managed = true;
    EXPECT_EQ(addition(), (AddServer{service(), server().spec, besides}));
    EXPECT_EQ(change(), ServerChange{});
}

TEST_F(Restoration, makes_overrides_again_on_what_is_managed) {
    server().spec.weight = 9;
    server().spec.admin_state = AdminState::Maint;
    server().overrides = HEADGATE_OVERRIDE_WEIGHT | HEADGATE_OVERRIDE_STATE;
    EXPECT_EQ(addition().server.weight, 5U);
    EXPECT_EQ(addition().server.admin_state, AdminState::Ready);
    EXPECT_EQ(change(), (ServerChange{.weight = 9, .admin_state = AdminState::Maint}));
}

TEST_F(Restoration, goes_on_with_a_drain_for_the_time_that_was_left) {
    server().spec.admin_state = AdminState::Drain;
    server().overrides = HEADGATE_OVERRIDE_STATE;
    server().drain = Drain{.then = Then::Reset, .remove = true, .left = 90s};
    EXPECT_EQ(change().drain, (Drain{.deadline = 90s, .then = Then::Reset, .remove = true}));
    server().drain->left = 0s;
    EXPECT_EQ(change().drain->deadline, 1ms);
    server().drain->left.reset();
    EXPECT_EQ(change().drain->deadline, 0s);
}

TEST_F(Restoration, leaves_what_nobody_manages_to_nobody) {
    server().managed.reset();
    server().spec.admin_state = AdminState::Maint;
    EXPECT_EQ(addition().server, server().spec);
    EXPECT_FALSE(addition().besides.managed);
    EXPECT_EQ(change(), ServerChange{});
}

TEST_F(Restoration, adds_the_admin_s_work_to_what_a_daemon_was_quicker_to_write) {
    server().spec.weight = 9;
    server().overrides = HEADGATE_OVERRIDE_WEIGHT;
    server().down = HEADGATE_DOWN_ADMIN | HEADGATE_DOWN_CHECK;
    const SetServer expected{
        service(),
        server().spec,
        {.weight = 9, .down = MaskedBits{HEADGATE_DOWN_ADMIN, HEADGATE_DOWN_ADMIN}}};
    EXPECT_THAT(restoration(saved, anew()), ElementsAre(Op(expected)));
}

TEST_F(Restoration, leaves_a_newer_override_alone) {
    server().spec.weight = 9;
    server().overrides = HEADGATE_OVERRIDE_WEIGHT;
    auto running = anew();
    running.servers[0].overrides = HEADGATE_OVERRIDE_WEIGHT;
    EXPECT_THAT(restoration(saved, running), IsEmpty());
}

} // namespace
} // namespace hg

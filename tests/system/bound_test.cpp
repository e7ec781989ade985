// Thresholds and deadlines of servers with TCP conns, by schedulers that weigh and that hash.
#include "eventually.h"
#include "flow.h"
#include "two_wires.h"

#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using hg::Address;
using hg::Family;
using hg::Mode;
using hg::Protocol;

struct Kind {
    const char* scheduler = nullptr;
    Family family = Family::V4;
};

constexpr Kind kKinds[] = {
    {"wlc", Family::V4}, {"wlc", Family::V6}, {"mh", Family::V4}, {"mh", Family::V6}};

struct KindName {
    template <class Info> std::string operator()(const Info& info) const {
        return std::string(info.param.scheduler) + "_" + std::string(name(info.param.family));
    }
};

class Bounds : public testing::TestWithParam<Kind> {
protected:
    void SetUp() override {
        service = lab.director.add_service(Protocol::Tcp, {plan.vip, 80}, GetParam().scheduler);
        lab.director.add_server(service, {plan.server, 80}, Mode::Nat);
    }

    Flow flow(std::uint16_t port) const {
        return {{plan.client, port}, {plan.vip, 80}, {plan.server, 80}};
    }

    std::optional<Address> way_of(const Packet& packet) {
        lab.client.send(packet);
        const auto got = lab.server.receive();
        return got ? std::optional(got->dst) : std::nullopt;
    }

    void establish(std::uint16_t port) {
        EXPECT_EQ(way_of(flow(port).tcp(kSyn)), plan.server);
        lab.server.send(flow(port).tcp_reply(kSyn | kAck));
        EXPECT_TRUE(lab.client.receive());
        EXPECT_EQ(way_of(flow(port).tcp(kAck)), plan.server);
    }

    bool overloaded() {
        const auto server = must(client().server(service, {plan.server, 80}));
        return (server.status & HEADGATE_STATUS_OVERLOADED) != 0;
    }

    hg::Client& client() { return lab.director.client(); }

    const Plan& plan = plan_of(GetParam().family);
    TwoWires& lab = TwoWires::shared();
    hg::ServiceKey service;
};

TEST_P(Bounds, send_new_conns_elsewhere_until_few_are_left) {
    must(client().set_server(service, {plan.server, 80}, {.upper = 2, .lower = 2}));
    establish(43000);
    EXPECT_FALSE(overloaded());
    EXPECT_EQ(way_of(flow(43001).tcp(kSyn)), plan.server) << "half open ones count too";
    EXPECT_TRUE(overloaded());
    lab.director.add_server(service, {plan.third, 80}, Mode::Nat);
    EXPECT_EQ(way_of(flow(43002).tcp(kSyn)), plan.third);
    EXPECT_EQ(way_of(flow(43000).tcp(kAck | kPsh)), plan.server) << "those it has go on";
    lab.director.set_timeout(HEADGATE_A_TIMEOUT_TCP_CLOSE, 100ms);
    lab.server.send(flow(43001).tcp_reply(kRst | kAck));
    EXPECT_TRUE(lab.client.receive());
    EXPECT_TRUE(eventually([&] {
        must(client().sweep());
        return !overloaded();
    }));
    must(client().del_server(service, {plan.third, 80}));
    EXPECT_EQ(way_of(flow(43003).tcp(kSyn)), plan.server);
}

TEST_P(Bounds, of_time_reset_the_conns_left) {
    establish(43000);
    must(client().set_server(service, {plan.server, 80},
                             {.drain = hg::Drain{.deadline = 100ms, .then = hg::Then::Reset}}));
    for (auto* const wire : {&lab.client, &lab.server}) {
        const auto reset = wire->receive();
        ASSERT_TRUE(reset);
        EXPECT_NE(std::get<Tcp>(reset->transport).flags & kRst, 0);
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Bounds, testing::ValuesIn(kKinds), KindName{});

} // namespace

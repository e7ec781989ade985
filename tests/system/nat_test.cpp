// NAT: addresses and ports there and back, with every checksum.
#include "two_wires.h"

#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using hg::Endpoint;
using hg::Family;
using hg::Mode;
using hg::Protocol;

constexpr std::uint16_t kClientPort = 40000;

class Nat : public testing::TestWithParam<Family> {
protected:
    void serve(Protocol protocol, std::uint16_t server_port = 80) {
        service = lab.director.add_service(protocol, {plan.vip, 80});
        lab.director.add_server(service, {plan.server, server_port}, Mode::Nat);
    }

    [[nodiscard]] Packet syn() const {
        return {.src = plan.client, .dst = plan.vip, .transport = Tcp{kClientPort, 80, kSyn}};
    }

    const Plan& plan = plan_of(GetParam());
    TwoWires lab;
    hg::ServiceKey service;
};

TEST_P(Nat, sends_a_request_to_the_server) {
    serve(Protocol::Tcp);
    lab.client.send(syn());
    auto expected = syn();
    expected.dst = plan.server;
    expected.ttl = 63;
    EXPECT_EQ(lab.server.receive(), expected);
}

INSTANTIATE_TEST_SUITE_P(Families, Nat, testing::Values(Family::V4, Family::V6), FamilyName{});

} // namespace

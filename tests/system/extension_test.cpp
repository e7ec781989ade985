// IPv6 extension headers between the IP header and the ports: they stay, and are looked past, in
// the packets of direct and tunnel conns and in what ICMP errors quote.
#include "tunnel_flow.h"

#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using hg::Family;
using hg::Mode;
using hg::Protocol;

// A PadN option of SIZE bytes.
Octets pad(std::uint8_t size) {
    Octets out(size, 0);
    out[0] = 1;
    out[1] = static_cast<std::uint8_t>(size - 2);
    return out;
}

Packet extended(Packet packet) {
    packet.extensions = {{IPPROTO_HOPOPTS, pad(6)}, {IPPROTO_DSTOPTS, pad(14)}};
    return packet;
}

class Extensions : public testing::Test {
protected:
    void serve(Mode mode) {
        flow.server.port = mode == Mode::Nat ? 8080 : 80;
        for (const auto protocol : {Protocol::Tcp, Protocol::Udp}) {
            const auto service = lab.director.add_service(protocol, flow.vip);
            lab.director.add_server(service, flow.server, mode);
        }
    }

    // The conn is known after this.
    Packet open() {
        auto out = extended(flow.tcp(kSyn));
        lab.client.send(out);
        EXPECT_TRUE(lab.server.receive());
        return out;
    }

    // Without NAT the server answers as the VIP.
    [[nodiscard]] Packet direct_reply() const {
        return extended(Flow{flow.client, flow.vip, flow.vip}.tcp_reply(kSyn | kAck));
    }

    std::vector<Packet> requests() const {
        return {extended(flow.tcp(kSyn)), extended(flow.tcp(kAck | kPsh, filler(1000))),
                extended(flow.udp(filler(100)))};
    }

    const Plan& plan = plan_of(Family::V6);
    TwoWires& lab = TwoWires::shared();
    Flow flow{{plan.client, 48000}, {plan.vip, 80}, {plan.server, 80}};
};

TEST_F(Extensions, go_with_direct_packets) {
    serve(Mode::Direct);
    for (const auto& sent : requests()) {
        lab.client.send(sent);
        EXPECT_EQ(lab.server.receive(), hop(sent));
    }
    EXPECT_EQ(lab.director.conns().size(), 2U);
}

class TunnelExtensions : public Extensions, public testing::WithParamInterface<Family> {};

TEST_P(TunnelExtensions, go_inside) {
    flow.server.address = plan_of(GetParam()).server;
    serve(Mode::Tunnel);
    for (const auto& sent : requests()) {
        lab.client.send(sent);
        EXPECT_EQ(lab.server.receive(), tunnelled(sent, flow.server.address));
    }
    EXPECT_EQ(lab.director.conns().size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(Families, TunnelExtensions, testing::Values(Family::V4, Family::V6),
                         FamilyName{});

TEST_F(Extensions, in_an_error_about_a_nat_request_are_looked_past) {
    serve(Mode::Nat);
    const auto sent = open();
    lab.server.send(error(plan.server, plan.client, Fault::Port, quote(flow.at_server(sent))));
    EXPECT_EQ(lab.client.receive(),
              hop(error(plan.vip, plan.client, Fault::Port, quote(hop(sent)))));
}

TEST_F(Extensions, in_an_error_about_a_nat_reply_are_looked_past) {
    serve(Mode::Nat);
    open();
    const auto reply = extended(flow.tcp_reply(kSyn | kAck));
    lab.server.send(reply);
    EXPECT_EQ(lab.client.receive(), flow.at_client(reply));
    lab.client.send(error(plan.client, plan.vip, Fault::Port, quote(flow.at_client(reply))));
    EXPECT_EQ(lab.server.receive(),
              hop(error(plan.client, plan.server, Fault::Port, quote(hop(reply)))));
}

TEST_F(Extensions, in_an_error_about_a_direct_reply_are_looked_past) {
    serve(Mode::Direct);
    open();
    const auto sent = error(plan.client, plan.vip, Fault::Port, quote(direct_reply()));
    lab.client.send(sent);
    EXPECT_EQ(lab.server.receive(), hop(sent));
}

TEST_F(Extensions, in_an_error_about_a_tunnel_reply_are_looked_past) {
    serve(Mode::Tunnel);
    open();
    const auto sent = error(plan.client, plan.vip, Fault::Port, quote(direct_reply()));
    lab.client.send(sent);
    EXPECT_EQ(lab.server.receive(), tunnelled(sent, plan.server));
}

} // namespace

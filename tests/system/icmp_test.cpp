// ICMP errors about packets of conns: translated inside and out, in both directions.
#include "flow.h"
#include "two_wires.h"

#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using hg::Family;
using hg::Mode;
using hg::Protocol;

struct Case {
    Family family = Family::V4;
    Protocol protocol = Protocol::Tcp;
};

struct CaseName {
    template <class Info> std::string operator()(const Info& info) const {
        return std::string(name(info.param.family)) + "_" + std::string(name(info.param.protocol));
    }
};

constexpr Case kCases[] = {{Family::V4, Protocol::Tcp},
                           {Family::V4, Protocol::Udp},
                           {Family::V6, Protocol::Tcp},
                           {Family::V6, Protocol::Udp}};

class IcmpAbout : public testing::TestWithParam<Case> {
protected:
    // After this the director knows a conn, and the server has got the request.
    void open(Mode mode) {
        flow.server.port = mode == Mode::Nat ? 8080 : 80;
        const auto service = lab.director.add_service(GetParam().protocol, flow.vip);
        lab.director.add_server(service, flow.server, mode);
        lab.client.send(request());
        EXPECT_TRUE(lab.server.receive());
    }

    [[nodiscard]] bool tcp() const { return GetParam().protocol == Protocol::Tcp; }

    [[nodiscard]] Packet request() const {
        return tcp() ? flow.tcp(kSyn, filler(41)) : flow.udp(filler(41));
    }

    [[nodiscard]] Packet reply() const {
        return tcp() ? flow.tcp_reply(kSyn | kAck, filler(77)) : flow.udp_reply(filler(77));
    }

    // Without NAT the server answers as the VIP.
    [[nodiscard]] Packet direct_reply() const {
        const Flow plain_flow{flow.client, flow.vip, flow.vip};
        return tcp() ? plain_flow.tcp_reply(kSyn | kAck, filler(77))
                     : plain_flow.udp_reply(filler(77));
    }

    [[nodiscard]] Octets quoted_request(std::size_t length = 65535) const {
        return quote(flow.at_server(request()), length);
    }

    const Plan& plan = plan_of(GetParam().family);
    TwoWires& lab = TwoWires::shared();
    Flow flow{{plan.client, 45000}, {plan.vip, 80}, {plan.server, 80}};
};

TEST_P(IcmpAbout, a_nat_request_reaches_the_client) {
    open(Mode::Nat);
    lab.server.send(error(plan.server, plan.client, Fault::Port, quoted_request()));
    EXPECT_EQ(lab.client.receive(),
              hop(error(plan.vip, plan.client, Fault::Port, quote(hop(request())))));
}

TEST_P(IcmpAbout, a_nat_request_reaches_the_client_from_a_router) {
    open(Mode::Nat);
    lab.server.send(error(plan.gateway, plan.client, Fault::Ttl, quoted_request()));
    EXPECT_EQ(lab.client.receive(),
              hop(error(plan.vip, plan.client, Fault::Ttl, quote(hop(request())))));
}

TEST_P(IcmpAbout, a_nat_request_says_the_mtu) {
    open(Mode::Nat);
    lab.server.send(error(plan.gateway, plan.client, Fault::TooBig, quoted_request(), 1322));
    EXPECT_EQ(lab.client.receive(),
              hop(error(plan.vip, plan.client, Fault::TooBig, quote(hop(request())), 1322)));
}

TEST_P(IcmpAbout, a_nat_request_may_quote_only_8_bytes_of_transport) {
    open(Mode::Nat);
    const std::size_t length = GetParam().family == Family::V4 ? 28 : 48;
    lab.server.send(error(plan.server, plan.client, Fault::Port, quoted_request(length)));
    EXPECT_EQ(lab.client.receive(),
              hop(error(plan.vip, plan.client, Fault::Port, quote(hop(request()), length))));
}

TEST_P(IcmpAbout, a_nat_request_of_wrong_checksum_is_not_made_right) {
    open(Mode::Nat);
    auto sent = error(plan.server, plan.client, Fault::Port, quoted_request());
    sent.sums_ok = false;
    lab.server.send(sent);
    const auto got = lab.client.receive();
    ASSERT_TRUE(got);
    EXPECT_FALSE(got->sums_ok) << text(*got);
}

TEST_P(IcmpAbout, a_nat_reply_reaches_the_server) {
    open(Mode::Nat);
    lab.server.send(reply());
    EXPECT_EQ(lab.client.receive(), flow.at_client(reply()));
    lab.client.send(error(plan.client, plan.vip, Fault::Port, quote(flow.at_client(reply()))));
    EXPECT_EQ(lab.server.receive(),
              hop(error(plan.client, plan.server, Fault::Port, quote(hop(reply())))));
}

TEST_P(IcmpAbout, a_nat_reply_says_the_mtu) {
    open(Mode::Nat);
    lab.client.send(
        error(plan.client, plan.vip, Fault::TooBig, quote(flow.at_client(reply())), 1322));
    EXPECT_EQ(lab.server.receive(),
              hop(error(plan.client, plan.server, Fault::TooBig, quote(hop(reply())), 1322)));
}

TEST_P(IcmpAbout, no_conn_is_left_alone) {
    open(Mode::Nat);
    flow.client.port++;
    const auto sent = error(plan.server, plan.client, Fault::Port, quoted_request());
    lab.server.send(sent);
    EXPECT_EQ(lab.client.receive(), hop(sent));
}

TEST_P(IcmpAbout, a_direct_reply_reaches_the_server) {
    open(Mode::Direct);
    const auto sent = error(plan.client, plan.vip, Fault::Port, quote(direct_reply()));
    lab.client.send(sent);
    EXPECT_EQ(lab.server.receive(), hop(sent));
}

TEST_P(IcmpAbout, a_tunnel_reply_reaches_the_server) {
    open(Mode::Tunnel);
    const auto sent = error(plan.client, plan.vip, Fault::Port, quote(direct_reply()));
    lab.client.send(sent);
    const auto outer = lab.server.receive();
    ASSERT_TRUE(outer);
    EXPECT_EQ(outer->dst, plan.server);
    EXPECT_EQ(packet_of(outer->payload), hop(sent));
}

TEST_P(IcmpAbout, a_conn_does_not_change_its_state) {
    open(Mode::Nat);
    const auto before = lab.director.conn_of(flow.client);
    lab.server.send(error(plan.server, plan.client, Fault::Port, quoted_request()));
    lab.client.receive();
    EXPECT_EQ(lab.director.conn_of(flow.client)->state, before->state);
}

INSTANTIATE_TEST_SUITE_P(Cases, IcmpAbout, testing::ValuesIn(kCases), CaseName{});

} // namespace

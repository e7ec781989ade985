// Packets that are larger than the path takes, and what the client is told.
#include "eventually.h"
#include "tunnel_flow.h"

#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using hg::Family;
using hg::Mode;
using hg::Protocol;

constexpr std::uint32_t kNarrow = 1300; // the path to the second server

std::size_t headers(Family family) { return family == Family::V4 ? 40 : 60; }

// A TCP segment whose IP packet has SIZE bytes.
Packet sized(const Flow& flow, std::size_t size) {
    return flow.tcp(kAck, filler(size - headers(flow.client.address.family())));
}

// As much of it as an ICMP error may quote.
Octets quoted_by_us(const Packet& packet) {
    return packet.src.family() == Family::V4 ? quote(packet, 576 - 28) : quote(packet, 1280 - 48);
}

class Pmtu : public testing::TestWithParam<Family> {
protected:
    void open(Mode mode) {
        const auto service = lab.director.add_service(Protocol::Tcp, flow.vip);
        lab.director.add_server(service, flow.server, mode);
        lab.client.send(flow.tcp(kSyn));
        EXPECT_TRUE(lab.server.receive());
    }

    void expect_told(const Packet& sent, std::uint32_t mtu) {
        lab.client.send(sent);
        EXPECT_EQ(plain(lab.client.receive()),
                  error(plan.vip, plan.client, Fault::TooBig, quoted_by_us(sent), mtu));
        EXPECT_TRUE(lab.server.silent());
    }

    const Plan& plan = plan_of(GetParam());
    TwoWires& lab = TwoWires::shared();
    Flow flow{{plan.client, 48000}, {plan.vip, 80}, {plan.second, 80}};
};

TEST_P(Pmtu, nat_tells_the_mtu_of_a_narrow_path) {
    open(Mode::Nat);
    expect_told(sized(flow, kNarrow + 1), kNarrow);
}

TEST_P(Pmtu, direct_tells_the_mtu_of_a_narrow_path) {
    open(Mode::Direct);
    expect_told(sized(flow, kNarrow + 1), kNarrow);
}

TEST_P(Pmtu, what_just_fits_passes) {
    open(Mode::Nat);
    lab.client.send(sized(flow, kNarrow));
    EXPECT_EQ(lab.server.receive(), flow.at_server(sized(flow, kNarrow)));
}

TEST_P(Pmtu, what_is_told_is_counted) {
    open(Mode::Nat);
    const auto before = lab.director.dropped(HEADGATE_DROP_TOO_BIG);
    expect_told(sized(flow, 1400), kNarrow);
    EXPECT_EQ(lab.director.dropped(HEADGATE_DROP_TOO_BIG), before + 1);
}

TEST_P(Pmtu, segments_that_fit_pass) {
    open(Mode::Nat);
    const auto sent = flow.tcp(kAck, filler(4000));
    lab.client.send_partial(sent, static_cast<std::uint16_t>(kNarrow - headers(GetParam())));
    EXPECT_EQ(lab.server.receive(), flow.at_server(sent));
}

TEST_P(Pmtu, segments_that_do_not_fit_are_told) {
    open(Mode::Nat);
    lab.client.send_partial(flow.tcp(kAck, filler(4000)), 1400);
    const auto told = lab.client.receive();
    ASSERT_TRUE(told);
    EXPECT_EQ(std::get<Icmp>(told->transport).rest, kNarrow);
    EXPECT_TRUE(lab.server.silent());
}

INSTANTIATE_TEST_SUITE_P(Families, Pmtu, testing::Values(Family::V4, Family::V6), FamilyName{});

class Pmtu4 : public Pmtu {};

TEST_P(Pmtu4, without_df_the_packet_is_cut) {
    open(Mode::Nat);
    auto sent = sized(flow, 1400);
    sent.df = false;
    sent.id = 99;
    lab.client.send(sent);
    EXPECT_EQ(lab.server.receive_whole(), flow.at_server(sent));
}

INSTANTIATE_TEST_SUITE_P(Families, Pmtu4, testing::Values(Family::V4), FamilyName{});

// Each with a director of its own: it learns what the next must not know.
class TunnelPmtu : public testing::TestWithParam<Nesting> {
protected:
    void open() {
        service = lab.director.add_service(Protocol::Tcp, flow.vip);
        lab.director.add_server(service, flow.server, Mode::Tunnel);
        lab.client.send(flow.tcp(kSyn));
        EXPECT_TRUE(lab.server.receive());
    }

    void expect_told(const Packet& sent, std::uint32_t mtu) {
        lab.client.send(sent);
        EXPECT_EQ(plain(lab.client.receive()),
                  error(plan.vip, plan.client, Fault::TooBig, quoted_by_us(sent), mtu));
        EXPECT_TRUE(lab.server.silent());
    }

    void expect_passes(const Packet& sent) {
        lab.client.send(sent);
        EXPECT_EQ(lab.server.receive(), tunnelled(sent, flow.server.address));
    }

    // From a router beyond, about our packet with that client's one in it.
    void complain(const Packet& inner, std::size_t quoted, std::uint32_t mtu) {
        const auto outer = tunnelled(inner, flow.server.address);
        lab.server.send(
            error(far.gateway, far.director_inside, Fault::TooBig, quote(outer, quoted), mtu));
    }

    [[nodiscard]] std::uint32_t full() const { return 1500 - overhead(GetParam().outer); }

    // What a path of 1400 leaves for the client's packet.
    [[nodiscard]] std::uint32_t less() const { return 1400 - overhead(GetParam().outer); }

    const Plan& plan = plan_of(GetParam().inner);
    const Plan& far = plan_of(GetParam().outer);
    TwoWires lab;
    Flow flow{{plan.client, 48000}, {plan.vip, 80}, {far.server, 80}};
    hg::ServiceKey service;
};

TEST_P(TunnelPmtu, is_less_by_the_outer_header) {
    open();
    expect_passes(sized(flow, full()));
    expect_told(sized(flow, full() + 1), full());
    expect_told(sized(flow, 1500), full());
}

TEST_P(TunnelPmtu, of_segments_is_less_by_the_outer_header) {
    open();
    const auto sent = flow.tcp(kAck, filler(4000));
    const auto most = full() - headers(GetParam().inner);
    lab.client.send_partial(sent, static_cast<std::uint16_t>(most + 1));
    EXPECT_EQ(std::get<Icmp>(lab.client.receive().value().transport).rest, full());
    lab.client.send_partial(sent, static_cast<std::uint16_t>(most));
    EXPECT_EQ(plain(lab.server.receive()), plain(tunnelled(sent, flow.server.address)));
}

TEST_P(TunnelPmtu, is_learnt_from_an_error_that_quotes_little) {
    open();
    complain(sized(flow, 1440), overhead(GetParam().outer) + 8, 1400);
    expect_told(sized(flow, 1440), less());
    expect_passes(sized(flow, less()));
}

TEST_P(TunnelPmtu, is_learnt_for_conns_that_outlive_their_server) {
    open();
    must(lab.director.client().del_server(service, flow.server));
    complain(sized(flow, 1440), overhead(GetParam().outer) + 8, 1400);
    expect_told(sized(flow, 1440), less());
}

TEST_P(TunnelPmtu, is_learnt_from_an_error_that_quotes_much) {
    open();
    complain(sized(flow, 1440), 500, 1400);
    const auto told = lab.client.receive();
    ASSERT_TRUE(told);
    EXPECT_EQ(std::get<Icmp>(told->transport).rest, less()) << text(*told);
    expect_told(sized(flow, 1440), less());
}

TEST_P(TunnelPmtu, is_not_learnt_from_an_error_about_another_tunnel) {
    open();
    const auto outer = tunnelled(sized(flow, 1440), far.third);
    lab.server.send(
        error(far.gateway, far.director_inside, Fault::TooBig, quote(outer, 500), 1400));
    expect_passes(sized(flow, 1440));
}

INSTANTIATE_TEST_SUITE_P(All, TunnelPmtu, testing::ValuesIn(kNestings), NestingName{});

// RFC 8200, section 5: an IPv6 packet of 1280 bytes has to pass, if need be as fragments of the
// outer.
class TunnelFloor : public TunnelPmtu {};

TEST_P(TunnelFloor, is_what_every_path_takes) {
    open();
    complain(sized(flow, 1440), overhead(GetParam().outer) + 8, 1290);
    expect_told(sized(flow, 1440), 1280);
    const auto least = sized(flow, 1280);
    lab.client.send(least);
    EXPECT_EQ(plain(lab.server.receive_whole()), plain(tunnelled(least, flow.server.address)));
}

INSTANTIATE_TEST_SUITE_P(Of6, TunnelFloor,
                         testing::Values(Nesting{Family::V6, Family::V4},
                                         Nesting{Family::V6, Family::V6}),
                         NestingName{});

// The client is told at once: by an error of its own family that quotes its own packet.
class TunnelTells : public TunnelPmtu {
protected:
    // As far as the router quoted it.
    void expect_quoted(const std::optional<Packet>& told, const Packet& inner) {
        ASSERT_TRUE(told);
        EXPECT_EQ(told->dst, plan.client);
        EXPECT_TRUE(told->sums_ok);
        const auto length = std::min<std::size_t>(told->payload.size(), 400);
        EXPECT_EQ(Octets(told->payload.begin(), told->payload.begin() + static_cast<long>(length)),
                  quote(hop(inner), length));
    }
};

TEST_P(TunnelTells, the_client_what_it_can_understand) {
    open();
    const auto inner = sized(flow, 1440);
    complain(inner, 500, 1400);
    expect_quoted(lab.client.receive(), inner);
}

// An old router (RFC 1191, section 5), or one that lies: no path is taken for narrower than 552 in
// IPv4, 1280 in IPv6.
TEST_P(TunnelTells, the_client_the_least_there_may_be_when_the_router_does_not_say) {
    open();
    for (const std::uint32_t said : {0U, 100U}) {
        complain(sized(flow, 1440), 500, said);
        const auto told = lab.client.receive();
        const auto least = GetParam().outer == Family::V4 ? 552U : 1280U;
        const auto left = least - overhead(GetParam().outer);
        auto wanted = error(plan.vip, plan.client, Fault::TooBig, {},
                            GetParam().inner == Family::V4 ? left : 1280U);
        ASSERT_TRUE(told);
        EXPECT_EQ(told->transport, wanted.transport) << text(*told);
    }
}

TEST_P(TunnelTells, the_client_that_its_server_is_out_of_reach) {
    open();
    const auto inner = sized(flow, 600);
    for (const auto fault : {Fault::Host, Fault::Ttl}) {
        const auto outer = tunnelled(inner, flow.server.address);
        lab.server.send(error(far.gateway, far.director_inside, fault, quote(outer, 500)));
        const auto told = lab.client.receive();
        expect_quoted(told, inner);
        const auto unreachable = error(plan.vip, plan.client, Fault::Host, {});
        ASSERT_TRUE(told);
        EXPECT_EQ(told->transport, unreachable.transport) << text(*told);
    }
    lab.client.send(inner); // the conn goes on
    EXPECT_EQ(lab.server.receive(), tunnelled(inner, flow.server.address));
}

TEST_P(TunnelTells, nobody_of_a_client_without_a_conn) {
    open();
    const Flow other{{plan.client, 48001}, flow.vip, flow.server};
    complain(sized(other, 1440), 500, 1400);
    EXPECT_TRUE(lab.client.silent());
}

INSTANTIATE_TEST_SUITE_P(All, TunnelTells, testing::ValuesIn(kNestings), NestingName{});

} // namespace

// The director itself as a client, as a server, and as the one who checks.
#include "eventually.h"
#include "firewall.h"
#include "place.h"
#include "tcp_socket.h"
#include "tunnel_flow.h"

#include <array>
#include <gtest/gtest.h>
#include <sys/socket.h>

namespace {

using namespace hg::test;
using hg::Endpoint;
using hg::Family;
using hg::Mode;
using hg::Protocol;
using hg::TcpState;

class Local : public testing::TestWithParam<Family> {
protected:
    explicit Local(TwoWires& wires = TwoWires::shared()) : lab(wires) {}

    void serve(const Endpoint& server, Mode mode) {
        service = lab.director.add_service(Protocol::Tcp, vip);
        lab.director.add_server(service, server, mode);
    }

    // The server's answer to a SYN.
    static Packet answer(const Packet& syn) {
        auto out = syn;
        const auto& asked = std::get<Tcp>(syn.transport);
        std::swap(out.src, out.dst);
        out.transport = Tcp{.sport = asked.dport,
                            .dport = asked.sport,
                            .flags = kSyn | kAck,
                            .seq = 5000,
                            .ack = asked.seq + 1};
        return out;
    }

    // On the director, with a port of its own.
    hg::Fd udp_socket() {
        const auto from = to_sockaddr({plan.director, 45000});
        const auto inside = lab.inside.enter();
        hg::Fd out(socket(from.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        EXPECT_EQ(bind(out.get(), reinterpret_cast<const sockaddr*>(&from), sizeof(from)), 0);
        return out;
    }

    static void send_to(const hg::Fd& socket, const Endpoint& to) {
        const auto where = to_sockaddr(to);
        // Refused by the module, it may fail.
        (void)sendto(socket.get(), "ask", 3, 0, reinterpret_cast<const sockaddr*>(&where),
                     sizeof(where));
    }

    const Plan& plan = plan_of(GetParam());
    TwoWires& lab;
    Endpoint vip{plan.vip, 80};
    hg::ServiceKey service;
};

TEST_P(Local, client_reaches_a_nat_server) {
    serve({plan.server, 8080}, Mode::Nat);
    const auto socket = tcp_connect(lab.inside, vip);
    const auto syn = lab.server.receive();
    ASSERT_TRUE(syn);
    EXPECT_EQ(syn->dst, plan.server);
    EXPECT_EQ(std::get<Tcp>(syn->transport).dport, 8080);
    EXPECT_TRUE(syn->sums_ok) << text(*syn);
    lab.server.send(answer(*syn));
    EXPECT_TRUE(eventually([&] { return tcp_connected(socket); }));
    const Endpoint client{syn->src, std::get<Tcp>(syn->transport).sport};
    EXPECT_EQ(lab.director.state_of(client), TcpState::Established);
}

TEST_P(Local, client_reaches_a_nat_server_by_udp) {
    const auto dns = lab.director.add_service(Protocol::Udp, vip);
    lab.director.add_server(dns, {plan.server, 5353}, Mode::Nat);
    const auto to = to_sockaddr(vip);
    const auto inside = lab.inside.enter();
    const hg::Fd client(socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(connect(client.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
    ASSERT_EQ(send(client.get(), "ask", 3, 0), 3);
    const auto asked = lab.server.receive();
    ASSERT_TRUE(asked);
    EXPECT_TRUE(asked->sums_ok) << text(*asked);
    EXPECT_EQ(asked->dst, plan.server);
    auto told = *asked;
    std::swap(told.src, told.dst);
    auto& ports = std::get<Udp>(told.transport);
    EXPECT_EQ(ports.dport, 5353);
    std::swap(ports.sport, ports.dport);
    lab.server.send(told);
    std::array<char, 16> got{};
    EXPECT_TRUE(eventually([&] { // a connected socket takes what comes from the VIP alone
        return recv(client.get(), got.data(), got.size(), MSG_DONTWAIT) == 3;
    }));
}

TEST_P(Local, client_without_route_to_the_server_is_refused) {
    serve({plan.nowhere, 80}, Mode::Nat);
    const auto before = lab.director.dropped(HEADGATE_DROP_NO_ROUTE);
    const auto socket = tcp_connect(lab.inside, vip);
    EXPECT_TRUE(eventually([&] { return lab.director.dropped(HEADGATE_DROP_NO_ROUTE) > before; }));
}

TEST_P(Local, client_and_nat_server_are_both_on_the_director) {
    serve({plan.director_inside, 8080}, Mode::Nat);
    const auto listener = tcp_listen(lab.inside, {plan.director_inside, 8080});
    const auto socket = tcp_connect(lab.inside, vip);
    EXPECT_TRUE(eventually([&] { return tcp_connected(socket); }));
}

TEST_P(Local, client_and_local_server_are_both_on_the_director) {
    serve({plan.director_inside, 80}, Mode::Local);
    const auto listener = tcp_listen(lab.inside, vip);
    const auto socket = tcp_connect(lab.inside, vip);
    EXPECT_TRUE(eventually([&] { return tcp_connected(socket); }));
    const auto counters = lab.director.counters(service, {plan.director_inside, 80});
    EXPECT_EQ(counters.conns, 1U);
    EXPECT_EQ(counters.in_packets, 2U); // SYN and ACK, though each passes by twice
}

// By its second pick: the first has that reply flow in use already.
TEST_P(Local, client_is_refused_a_direct_server_by_collision_too) {
    const std::array ways{vip, Endpoint{plan.other_vip, 80}};
    for (const auto& way : ways) {
        const auto dns = lab.director.add_service(Protocol::Udp, way);
        lab.director.add_server(dns, {plan.server, 80}, Mode::Nat);
        lab.director.add_server(dns, {plan.third, 80}, Mode::Direct);
    }
    const auto dropped = [&] { return lab.director.dropped(HEADGATE_DROP_COLLISION); };
    const auto before = dropped();
    const auto socket = udp_socket();
    send_to(socket, ways[0]);
    EXPECT_TRUE(lab.server.receive());
    send_to(socket, ways[1]);
    EXPECT_EQ(dropped(), before + 1);
    EXPECT_TRUE(lab.server.silent());
}

TEST_P(Local, client_is_refused_a_direct_server) {
    serve({plan.server, 80}, Mode::Direct);
    const auto before = lab.director.dropped(HEADGATE_DROP_LOCAL_CLIENT);
    const auto socket = tcp_connect(lab.inside, vip);
    EXPECT_TRUE(
        eventually([&] { return lab.director.dropped(HEADGATE_DROP_LOCAL_CLIENT) > before; }));
    EXPECT_TRUE(lab.server.silent());
}

TEST_P(Local, client_is_refused_a_tunnel_server) {
    serve({plan.server, 80}, Mode::Tunnel);
    const auto before = lab.director.dropped(HEADGATE_DROP_LOCAL_CLIENT);
    const auto socket = tcp_connect(lab.inside, vip);
    EXPECT_TRUE(
        eventually([&] { return lab.director.dropped(HEADGATE_DROP_LOCAL_CLIENT) > before; }));
    EXPECT_TRUE(lab.server.silent());
}

TEST_P(Local, server_answers_as_the_vip) {
    serve({plan.director_inside, 80}, Mode::Local);
    const auto listener = tcp_listen(lab.inside, vip);
    const Flow flow{{plan.client, 49000}, vip, {plan.director_inside, 80}};
    lab.client.send(flow.tcp(kSyn));
    const auto got = lab.client.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->src, plan.vip);
    EXPECT_EQ(std::get<Tcp>(got->transport).flags, kSyn | kAck);
    EXPECT_EQ(lab.director.conn_of(flow.client)->mode, Mode::Local);
}

TEST_P(Local, server_of_mode_nat_answers_as_the_vip) {
    serve({plan.director_inside, 8080}, Mode::Nat);
    const auto listener = tcp_listen(lab.inside, {plan.director_inside, 8080});
    const Flow flow{{plan.client, 49000}, vip, {plan.director_inside, 8080}};
    lab.client.send(flow.tcp(kSyn));
    const auto got = lab.client.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->src, plan.vip);
    EXPECT_TRUE(got->sums_ok) << text(*got);
    const auto& answered = std::get<Tcp>(got->transport);
    EXPECT_EQ(answered.sport, 80);
    EXPECT_EQ(answered.flags, kSyn | kAck);
    auto ack = flow.tcp(kAck);
    std::get<Tcp>(ack.transport).seq = 1001;
    std::get<Tcp>(ack.transport).ack = answered.seq + 1;
    lab.client.send(ack);
    EXPECT_TRUE(eventually([&] { return tcp_accept(listener).has_value(); }));
}

INSTANTIATE_TEST_SUITE_P(Families, Local, testing::Values(Family::V4, Family::V6), FamilyName{});

// Health checks: the mark of the second server, which would get no conns otherwise.
class Check : public Local {
protected:
    using Local::Local;

    void serve_two(Mode mode) {
        serve({plan.server, 80}, mode);
        lab.director.add_server(service, {plan.third, 80}, mode, 0);
        hg::SettingsChange change;
        change.check_mark_first = 1000;
        change.check_mark_last = 1999;
        must(lab.director.client().set_settings(change));
    }

    hg::Fd check() {
        const auto mark = must(lab.director.client().server(service, {plan.third, 80})).check_mark;
        return tcp_connect(lab.inside, vip, {.source = plan.director, .mark = mark.value()});
    }

    void expect_uncounted() {
        const auto server = must(lab.director.client().server(service, {plan.third, 80}));
        EXPECT_EQ(server.counters, hg::Counters{});
        EXPECT_EQ(server.active + server.inactive, 0U);
        const auto conns = lab.director.conns();
        ASSERT_EQ(conns.size(), 1U);
        EXPECT_EQ(conns[0].flags & HEADGATE_CONN_F_CHECK, HEADGATE_CONN_F_CHECK);
    }
};

TEST_P(Check, by_nat_reaches_its_server_uncounted) {
    serve_two(Mode::Nat);
    const auto socket = check();
    const auto syn = lab.server.receive();
    ASSERT_TRUE(syn);
    EXPECT_EQ(syn->dst, plan.third);
    lab.server.send(answer(*syn));
    EXPECT_TRUE(eventually([&] { return tcp_connected(socket); }));
    expect_uncounted();
}

TEST_P(Check, direct_reaches_its_server_uncounted) {
    serve_two(Mode::Direct);
    lab.inside.sysctl("net/ipv4/conf/servers/accept_local", "1");
    const auto socket = check();
    const auto syn = lab.server.receive_frame();
    ASSERT_TRUE(syn);
    EXPECT_EQ(syn->to, kThirdMac);
    EXPECT_EQ(syn->packet.dst, plan.vip);
    lab.server.send(answer(syn->packet));
    EXPECT_TRUE(eventually([&] { return tcp_connected(socket); }));
    expect_uncounted();
}

TEST_P(Check, by_tunnel_reaches_its_server_uncounted) {
    serve_two(Mode::Tunnel);
    lab.inside.sysctl("net/ipv4/conf/servers/accept_local", "1");
    const auto socket = check();
    const auto outer = lab.server.receive();
    ASSERT_TRUE(outer);
    EXPECT_EQ(outer->dst, plan.third);
    const auto syn = packet_of(outer->payload);
    ASSERT_TRUE(syn);
    EXPECT_EQ(syn->dst, plan.vip);
    lab.server.send(answer(*syn));
    EXPECT_TRUE(eventually([&] { return tcp_connected(socket); }));
    expect_uncounted();
}

// Or it would be down for ever.
TEST_P(Check, of_a_server_that_is_down_comes_through) {
    serve_two(Mode::Nat);
    constexpr std::uint32_t kCheck = HEADGATE_DOWN_CHECK;
    must(lab.director.client().set_server(service, {plan.third, 80},
                                          {.down = hg::MaskedBits{kCheck, kCheck}}));
    std::vector<hg::Fd> sockets; // none is closed meanwhile, which would be a packet more
    for (const auto on_down : {hg::OnDown::Keep, hg::OnDown::Reset, hg::OnDown::Reschedule}) {
        must(lab.director.client().set_service(service, {.on_down = on_down}));
        const auto& socket = sockets.emplace_back(check());
        const auto syn = lab.server.receive();
        ASSERT_TRUE(syn);
        EXPECT_EQ(syn->dst, plan.third);
        lab.server.send(answer(*syn));
        EXPECT_TRUE(eventually([&] { return tcp_connected(socket); })) << name(on_down);
        lab.server.receive(); // its ACK
    }
}

// Its port comes again before the conn of the check before is over.
TEST_P(Check, by_udp_reaches_its_server_whoever_had_the_port_before) {
    const auto dns = lab.director.add_service(Protocol::Udp, vip);
    serve_two(Mode::Nat);
    lab.director.add_server(dns, {plan.server, 80}, Mode::Nat);
    lab.director.add_server(dns, {plan.third, 80}, Mode::Nat, 0);
    const auto mark_of = [&](const hg::Address& server) {
        return must(lab.director.client().server(dns, {server, 80})).check_mark.value();
    };
    const auto socket = udp_socket();
    const auto reached = [&](std::uint32_t mark) {
        EXPECT_EQ(setsockopt(socket.get(), SOL_SOCKET, SO_MARK, &mark, sizeof(mark)), 0);
        send_to(socket, vip);
        const auto got = lab.server.receive();
        return got ? std::optional(got->dst) : std::nullopt;
    };
    EXPECT_EQ(reached(mark_of(plan.server)), plan.server);
    EXPECT_EQ(reached(mark_of(plan.third)), plan.third);
    EXPECT_EQ(reached(mark_of(plan.third)), plan.third);
    EXPECT_EQ(reached(0), plan.server) << "it is no check";
    const auto counters = lab.director.counters(dns, {plan.server, 80});
    EXPECT_EQ(counters.in_packets, 1U);
}

TEST_P(Check, of_a_mark_that_is_nobodys_is_scheduled) {
    serve_two(Mode::Nat);
    const auto socket = tcp_connect(lab.inside, vip, {.source = plan.director, .mark = 1999});
    const auto syn = lab.server.receive();
    ASSERT_TRUE(syn);
    EXPECT_EQ(syn->dst, plan.server);
}

INSTANTIATE_TEST_SUITE_P(Families, Check, testing::Values(Family::V4, Family::V6), FamilyName{});

// Where the firewall drops what conntrack has not seen begin.
class FirewallCheck : public Check {
protected:
    FirewallCheck() : Check(behind_firewall()) {
        lab.inside.sysctl("net/ipv4/conf/servers/accept_local", "1");
    }

    // What the server gets of it, unwrapped where it came by a tunnel.
    Packet at_server() {
        auto got = lab.server.receive();
        if (got && std::holds_alternative<Other>(got->transport)) {
            got = packet_of(got->payload);
        }
        return got.value();
    }

    void expect_connected() {
        const auto socket = check();
        lab.server.send(answer(at_server()));
        EXPECT_TRUE(eventually([&] { return tcp_connected(socket); }));
    }
};

TEST_P(FirewallCheck, by_nat_is_answered) {
    serve_two(Mode::Nat);
    expect_connected();
}

TEST_P(FirewallCheck, by_direct_is_answered) {
    serve_two(Mode::Direct);
    expect_connected();
}

TEST_P(FirewallCheck, by_tunnel_is_answered) {
    serve_two(Mode::Tunnel);
    expect_connected();
}

INSTANTIATE_TEST_SUITE_P(Families, FirewallCheck, testing::Values(Family::V4, Family::V6),
                         FamilyName{});

} // namespace

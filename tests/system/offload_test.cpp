// What the director's kernel has done to a packet before the module sees it: put together from
// several by GRO, or summed up by the one below (CHECKSUM_COMPLETE), as network cards do it.
#include "cluster.h"
#include "eventually.h"
#include "trace.h"
#include "tunnel_flow.h"

#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using hg::Family;
using hg::Mode;
using hg::Protocol;

constexpr std::uint16_t kSegment = 1000;
constexpr std::size_t kSegments = 4;

// The sender's device cuts packets of several segments, which arrive in one go; what puts them
// together again is GRO at the director, all but the last: that one still belongs to the sender's
// socket, and so differs from the others.
class Gro : public testing::TestWithParam<Way> {
protected:
    static void SetUpTestSuite() {
        lab = std::make_unique<TwoWires>();
        for (const auto* const device : {"clients", "servers"}) {
            lab->cables.run({"ethtool", "-K", device, "tso", "off"});
            lab->inside.run({"ethtool", "-K", device, "gro", "on"});
        }
    }

    static void TearDownTestSuite() { lab.reset(); }

    Gro() {
        lab->reset();
        service = lab->director.add_service(Protocol::Tcp, flow.vip);
        lab->director.add_server(service, flow.server, GetParam().mode);
        lab->client.send(flow.tcp(kSyn));
        lab->server.receive();
    }

    [[nodiscard]] Packet at_server(const Packet& sent) const {
        return forwarded(flow, GetParam().mode, sent);
    }

    static Packet first_of(Packet sent) {
        sent.payload.resize((kSegments - 1) * kSegment);
        return sent;
    }

    static Packet last_of(Packet sent) {
        constexpr std::uint32_t kBefore = (kSegments - 1) * kSegment;
        sent.payload.erase(sent.payload.begin(), sent.payload.begin() + kBefore);
        std::get<Tcp>(sent.transport).seq += kBefore;
        return sent;
    }

    static void expect_pieces(Wire& wire, const Packet& first, const Packet& last) {
        const auto together = wire.receive_frame();
        ASSERT_TRUE(together);
        EXPECT_EQ(plain(together->packet), plain(first));
        EXPECT_EQ(together->gso_size, kSegment);
        const auto alone = wire.receive_frame();
        ASSERT_TRUE(alone);
        EXPECT_EQ(alone->packet.payload.size(), last.payload.size());
        if (!std::holds_alternative<Other>(last.transport)) { // whose inner header has an ID
            EXPECT_EQ(plain(alone->packet), plain(last));
        }
    }

    static std::unique_ptr<TwoWires> lab;
    const Plan& plan = plan_of(GetParam().family);
    Flow flow{{plan.client, 49500}, {plan.vip, 80}, {plan.server, 80}};
    hg::ServiceKey service;
};

std::unique_ptr<TwoWires> Gro::lab;

TEST_P(Gro, packets_put_together_leave_so_and_count_as_on_the_wire) {
    const auto before = lab->director.counters(service, flow.server);
    const auto sent = flow.tcp(kAck, filler(kSegments * kSegment));
    lab->client.send_partial(sent, kSegment);
    expect_pieces(lab->server, at_server(first_of(sent)), at_server(last_of(sent)));
    const auto after = lab->director.counters(service, flow.server);
    const auto header = bytes_of(sent).size() - sent.payload.size();
    EXPECT_EQ(after.in_packets - before.in_packets, kSegments);
    EXPECT_EQ(after.in_bytes - before.in_bytes, kSegments * (header + kSegment));
}

INSTANTIATE_TEST_SUITE_P(Ways, Gro, testing::ValuesIn(kWays), WayName{});

class GroNat : public Gro {};

TEST_P(GroNat, replies_put_together_leave_so) {
    const auto sent = flow.tcp_reply(kAck, filler(kSegments * kSegment));
    lab->server.send_partial(sent, kSegment);
    expect_pieces(lab->client, flow.at_client(first_of(sent)), flow.at_client(last_of(sent)));
}

INSTANTIATE_TEST_SUITE_P(Families, GroNat,
                         testing::Values(Way{Mode::Nat, Family::V4}, Way{Mode::Nat, Family::V6}),
                         WayName{});

// GRE with a checksum: the kernel sums up the whole of it, and keeps the sum for what is inside.
constexpr const char* kGre = R"(
link add summed type gre local 10.1.0.1 remote 10.1.0.2 csum
link set summed up
)";

class SumComplete : public testing::TestWithParam<Way> {
protected:
    static void SetUpTestSuite() {
        lab = std::make_unique<TwoWires>();
        lab->inside.sysctl("net/ipv4/conf/all/rp_filter", "0");
        lab->inside.sysctl("net/ipv4/conf/default/rp_filter", "0");
        lab->inside.ip(kGre);
    }

    static void TearDownTestSuite() { lab.reset(); }

    SumComplete() {
        lab->reset();
        for (const auto protocol : {Protocol::Tcp, Protocol::Udp}) {
            const auto service = lab->director.add_service(protocol, flow.vip);
            lab->director.add_server(service, flow.server, GetParam().mode);
        }
    }

    static Packet wrapped(const Packet& inner) {
        const auto& outside = plan_of(Family::V4);
        const bool v4 = inner.src.family() == Family::V4;
        Octets bytes{0x80,
                     0,
                     v4 ? std::uint8_t{0x08} : std::uint8_t{0x86},
                     v4 ? std::uint8_t{0x00} : std::uint8_t{0xdd},
                     0,
                     0,
                     0,
                     0};
        const auto content = bytes_of(inner);
        bytes.insert(bytes.end(), content.begin(), content.end());
        const auto sum = static_cast<std::uint16_t>(~ones_sum(bytes));
        bytes[4] = static_cast<std::uint8_t>(sum >> 8);
        bytes[5] = static_cast<std::uint8_t>(sum);
        Packet out;
        out.src = outside.client;
        out.dst = outside.director;
        out.transport = Other{IPPROTO_GRE};
        out.payload = std::move(bytes);
        return out;
    }

    static std::unique_ptr<TwoWires> lab;
    const Plan& plan = plan_of(GetParam().family);
    Flow flow{{plan.client, 49600}, {plan.vip, 80}, {plan.server, 80}};
};

std::unique_ptr<TwoWires> SumComplete::lab;

TEST_P(SumComplete, packets_arrive_with_their_sums) {
    for (const auto& sent :
         {flow.tcp(kSyn), flow.tcp(kAck, filler(1001)), flow.udp(filler(33)), flow.udp()}) {
        lab->client.send(wrapped(sent));
        EXPECT_EQ(lab->server.receive(), forwarded(flow, GetParam().mode, sent));
    }
}

// That the packets of these tests are what they are to be.
class SumCompleteTrace : public SumComplete {};

TEST_P(SumCompleteTrace, is_what_the_packets_come_with) {
    if (!Trace::is_there()) {
        GTEST_SKIP() << "this kernel has no tracepoints";
    }
    const Trace trace("net/napi_gro_receive_entry");
    lab->client.send(wrapped(flow.udp()));
    EXPECT_TRUE(lab->server.receive());
    const auto text = Trace::text();
    const auto at = text.find("dev=summed");
    ASSERT_NE(at, std::string::npos) << text;
    EXPECT_NE(text.substr(at, text.find('\n', at) - at).find(" ip_summed=2"), std::string::npos)
        << text;
}

INSTANTIATE_TEST_SUITE_P(Ways, SumComplete, testing::ValuesIn(kWays), WayName{});

INSTANTIATE_TEST_SUITE_P(Way, SumCompleteTrace, testing::Values(Way{Mode::Nat, Family::V4}),
                         WayName{});

} // namespace

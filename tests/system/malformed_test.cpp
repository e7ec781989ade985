// Packets that break their protocol's rules open no conn and reach no server: they are left to the
// director's own stack, which drops them, as it does with those for any of its addresses.
#include "flow.h"
#include "two_wires.h"

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using hg::Family;
using hg::Mode;
using hg::Protocol;

constexpr std::size_t kDataOffset = 12; // where a TCP header says how long it is

struct Damage {
    const char* what;
    Protocol protocol;
    std::function<void(Octets&)> make; // of the transport's bytes
};

const Damage kDamages[] = {
    {"tcp_without_ports", Protocol::Tcp, [](Octets& bytes) { bytes.resize(3); }},
    {"tcp_header_cut_short", Protocol::Tcp, [](Octets& bytes) { bytes.resize(19); }},
    {"tcp_header_shorter_than_there_is", Protocol::Tcp,
     [](Octets& bytes) { bytes[kDataOffset] = 4 << 4; }},
    {"tcp_header_longer_than_the_packet", Protocol::Tcp,
     [](Octets& bytes) { bytes[kDataOffset] = 6 << 4; }},
    {"udp_header_cut_short", Protocol::Udp, [](Octets& bytes) { bytes.resize(7); }},
};

using Case = std::tuple<Family, Damage>;

class Malformed : public testing::TestWithParam<Case> {
protected:
    // The packet's IP header before the bytes that the damage leaves of the rest.
    [[nodiscard]] Packet broken(const Packet& packet) const {
        auto bytes = bytes_of(packet);
        bytes.erase(bytes.begin(), bytes.begin() + (packet.src.family() == Family::V4 ? 20 : 40));
        damage.make(bytes);
        auto out = packet;
        out.transport = Other{static_cast<std::uint8_t>(damage.protocol)};
        out.payload = std::move(bytes);
        return out;
    }

    [[nodiscard]] Packet opener(const Flow& of) const {
        return damage.protocol == Protocol::Tcp ? of.tcp(kSyn) : of.udp();
    }

    void serve() {
        service = lab.director.add_service(damage.protocol, flow.vip);
        lab.director.add_server(service, flow.server, Mode::Nat);
    }

    const Damage& damage = std::get<Damage>(GetParam());
    const Plan& plan = plan_of(std::get<Family>(GetParam()));
    TwoWires& lab = TwoWires::shared();
    const Flow flow{{plan.client, 48000}, {plan.vip, 80}, {plan.server, 8080}};
    hg::ServiceKey service;
};

TEST_P(Malformed, packet_opens_nothing) {
    serve();
    lab.client.send(broken(opener(flow)));
    auto sound = flow;
    sound.client.port++;
    lab.client.send(opener(sound));
    EXPECT_EQ(lab.server.receive(), sound.at_server(opener(sound)));
    const auto conns = lab.director.conns();
    ASSERT_THAT(conns, testing::SizeIs(1));
    EXPECT_EQ(conns[0].client, sound.client);
}

TEST_P(Malformed, packet_of_a_conn_goes_no_further) {
    serve();
    const auto first = opener(flow);
    lab.client.send(first);
    EXPECT_EQ(lab.server.receive(), flow.at_server(first));
    lab.client.send(broken(first));
    auto next = first;
    next.tos = 0x20;
    lab.client.send(next);
    EXPECT_EQ(lab.server.receive(), flow.at_server(next));
    EXPECT_EQ(lab.director.counters(service, flow.server).in_packets, 2U);
}

INSTANTIATE_TEST_SUITE_P(Cases, Malformed,
                         testing::Combine(testing::Values(Family::V4, Family::V6),
                                          testing::ValuesIn(kDamages)),
                         [](const auto& given) {
                             return std::string(name(std::get<Family>(given.param))) + "_" +
                                    std::get<Damage>(given.param).what;
                         });

} // namespace

// Fragments: put together, sent on as if they had come in one piece.
#include "flow.h"
#include "two_wires.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using hg::Family;
using hg::Mode;
using hg::Protocol;

class Fragments : public testing::TestWithParam<Family> {
protected:
    void serve(Mode mode) {
        flow.server.port = mode == Mode::Nat ? 5353 : 80;
        const auto service = lab.director.add_service(Protocol::Udp, flow.vip);
        lab.director.add_server(service, flow.server, mode);
    }

    [[nodiscard]] Packet large() const {
        auto out = flow.udp(filler(3000));
        out.df = GetParam() == Family::V6; // there it says nothing
        out.id = 4711;
        return out;
    }

    static void send_in_pieces(Wire& wire, const std::vector<Packet>& pieces) {
        for (const auto& piece : pieces) {
            wire.send(piece);
        }
    }

    // The numbers of IPv6 fragments are the sender's affair.
    static std::optional<Packet> without_id(std::optional<Packet> packet) {
        if (packet && packet->src.family() == Family::V6) {
            packet->id = 0;
        }
        return packet;
    }

    const Plan& plan = plan_of(GetParam());
    TwoWires& lab = TwoWires::shared();
    Flow flow{{plan.client, 42000}, {plan.vip, 80}, {plan.server, 80}};
};

TEST_P(Fragments, of_a_request_reach_the_nat_server) {
    serve(Mode::Nat);
    send_in_pieces(lab.client, fragments(large(), 1400));
    EXPECT_EQ(lab.server.receive_whole(), without_id(flow.at_server(large())));
}

TEST_P(Fragments, may_come_in_any_order) {
    serve(Mode::Nat);
    auto pieces = fragments(large(), 1400);
    std::reverse(pieces.begin(), pieces.end());
    send_in_pieces(lab.client, pieces);
    EXPECT_EQ(lab.server.receive_whole(), without_id(flow.at_server(large())));
}

TEST_P(Fragments, of_an_answer_reach_the_client) {
    serve(Mode::Nat);
    lab.client.send(flow.udp());
    lab.server.receive();
    auto reply = flow.udp_reply(filler(3000));
    reply.df = large().df;
    reply.id = 99;
    send_in_pieces(lab.server, fragments(reply, 1400));
    EXPECT_EQ(lab.client.receive_whole(), without_id(flow.at_client(reply)));
}

TEST_P(Fragments, reach_the_direct_server) {
    serve(Mode::Direct);
    send_in_pieces(lab.client, fragments(large(), 1400));
    EXPECT_EQ(lab.server.receive_whole(), without_id(hop(large())));
}

// As the tunnel's far end gets them: outer fragments first, then the inner packet.
TEST_P(Fragments, reach_the_tunnel_server) {
    serve(Mode::Tunnel);
    send_in_pieces(lab.client, fragments(large(), 1400));
    auto outer = lab.server.receive();
    ASSERT_TRUE(outer);
    if (outer->more || !outer->extensions.empty()) {
        std::vector<Packet> pieces{*outer};
        while (!reassembled(pieces)) {
            auto next = lab.server.receive();
            ASSERT_TRUE(next);
            pieces.push_back(*next);
        }
        outer = reassembled(pieces);
    }
    const auto inner = packet_of(outer->payload);
    ASSERT_TRUE(inner);
    EXPECT_EQ(without_id(inner), without_id(hop(large())));
}

INSTANTIATE_TEST_SUITE_P(Families, Fragments, testing::Values(Family::V4, Family::V6),
                         FamilyName{});

} // namespace

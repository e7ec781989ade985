// Each cell of the TCP tables that a packet can reach, read back from the list of conns.
#include "eventually.h"
#include "flow.h"
#include "tcp_table.h"
#include "two_wires.h"

#include <gtest/gtest.h>
#include <utility>

namespace {

using namespace hg::test;
using hg::Family;
using hg::Mode;
using hg::Protocol;
using hg::TcpState;

struct Cell {
    Mode mode = Mode::Nat;
    Family family = Family::V4;
    TcpState from = TcpState::None;
    Move move;

    [[nodiscard]] bool half() const { return mode != Mode::Nat; }
};

void add_cells(std::vector<Cell>& out, Mode mode, Family family) {
    for (std::size_t state = 0; state < kStates; state++) {
        for (const auto event : kEvents) {
            for (const auto sender : {Sender::Client, Sender::Server}) {
                const Cell cell{mode, family, static_cast<TcpState>(state), {sender, event}};
                const bool heard = sender == Sender::Client || !cell.half();
                if (heard && way_to(cell.half(), cell.from)) {
                    out.push_back(cell);
                }
            }
        }
    }
}

std::vector<Cell> cells(Mode mode) {
    std::vector<Cell> out;
    add_cells(out, mode, Family::V4);
    add_cells(out, mode, Family::V6);
    return out;
}

struct CellName {
    template <class Info> std::string operator()(const Info& info) const {
        const Cell& cell = info.param;
        const auto* const who = cell.move.sender == Sender::Client ? "client" : "server";
        return std::string(name(cell.mode)) + "_" + std::string(name(cell.family)) + "_" +
               state_letters(cell.from) + "_" + who + "_" +
               std::string(event_name(cell.move.event));
    }
};

class TcpTable : public testing::TestWithParam<Cell> {
protected:
    void SetUp() override {
        const auto service = lab.director.add_service(Protocol::Tcp, flow.vip);
        lab.director.add_server(service, flow.server, GetParam().mode);
    }

    void make(Move move) {
        const auto flags = flags_of(move);
        if (move.sender == Sender::Client) {
            lab.client.send(flow.tcp(flags));
            EXPECT_TRUE(lab.server.receive());
        } else {
            lab.server.send(flow.tcp_reply(flags));
            EXPECT_TRUE(lab.client.receive());
        }
    }

    // A client's SYN to a conn that is over would open another: there it has an ACK with it.
    std::uint8_t flags_of(Move move) {
        const auto from = GetParam().from;
        const bool is_over = from == TcpState::TimeWait || from == TcpState::Close;
        switch (move.event) {
        case Event::Syn:
            return move.sender == Sender::Server || (std::exchange(opened_, true) && is_over)
                       ? kSyn | kAck
                       : kSyn;
        case Event::Fin:
            return kFin | kAck;
        case Event::Ack:
            return kAck;
        case Event::Rst:
            return kRst;
        case Event::None:
            break;
        }
        return kPsh;
    }

    const Plan& plan = plan_of(GetParam().family);
    TwoWires& lab = TwoWires::shared();
    Flow flow{{plan.client, 41000}, {plan.vip, 80}, {plan.server, 80}};

private:
    bool opened_ = false;
};

TEST_P(TcpTable, has_the_cell) {
    const auto& cell = GetParam();
    const auto way = way_to(cell.half(), cell.from).value();
    for (const auto move : way) {
        make(move);
    }
    ASSERT_EQ(lab.director.state_of(flow.client), cell.from);
    make(cell.move);
    EXPECT_EQ(lab.director.state_of(flow.client), next_state(cell.half(), cell.move, cell.from));
}

INSTANTIATE_TEST_SUITE_P(Nat, TcpTable, testing::ValuesIn(cells(Mode::Nat)), CellName{});
INSTANTIATE_TEST_SUITE_P(Direct, TcpTable, testing::ValuesIn(cells(Mode::Direct)), CellName{});
INSTANTIATE_TEST_SUITE_P(Tunnel, TcpTable, testing::ValuesIn(cells(Mode::Tunnel)), CellName{});

std::string reachable(bool half) {
    std::string out;
    for (std::size_t i = 0; i < kStates; i++) {
        if (way_to(half, static_cast<TcpState>(i))) {
            out += " " + state_letters(static_cast<TcpState>(i));
        }
    }
    return out;
}

// The others are in the tables for the sake of what may come.
TEST(TcpStates, of_nat_that_packets_reach) { EXPECT_EQ(reachable(false), " ES SS SR FW TW CL CW"); }

TEST(TcpStates, of_half_conns_that_packets_reach) { EXPECT_EQ(reachable(true), " ES SR FW TW CL"); }

} // namespace

// The tracepoint of dropped packets, as tracefs has it.
#include "eventually.h"
#include "flow.h"
#include "trace.h"
#include "two_wires.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using hg::Mode;
using hg::Protocol;

class Tracepoint : public testing::Test {
protected:
    void SetUp() override {
        if (!Trace::is_there()) {
            GTEST_SKIP() << "this kernel has no tracepoints";
        }
    }

    void expect_drop(const std::string& reason, const Packet& sent) {
        const Trace trace("headgate/drop");
        lab.client.send(sent);
        const auto line =
            fmt::format("drop: skb=[^ ]+ len={} reason={}", bytes_of(sent).size(), reason);
        const auto is_told = [&] {
            return testing::Value(Trace::text(), testing::ContainsRegex(line));
        };
        EXPECT_TRUE(eventually(is_told)) << Trace::text();
    }

    const Plan& plan = plan_of(hg::Family::V4);
    TwoWires& lab = TwoWires::shared();
    Flow flow{{plan.client, 45500}, {plan.vip, 80}, {plan.server, 80}};
};

TEST_F(Tracepoint, of_drops_says_that_there_is_no_server) {
    lab.director.add_service(Protocol::Udp, flow.vip);
    expect_drop("no_server", flow.udp(filler(100)));
}

TEST_F(Tracepoint, of_drops_says_that_no_conn_is_known) {
    const auto service = lab.director.add_service(Protocol::Tcp, flow.vip);
    lab.director.add_server(service, flow.server, Mode::Nat);
    expect_drop("no_conn", flow.tcp(kAck));
}

TEST_F(Tracepoint, of_drops_says_that_the_last_hop_was_used_up) {
    const auto service = lab.director.add_service(Protocol::Udp, flow.vip);
    lab.director.add_server(service, flow.server, Mode::Nat);
    auto sent = flow.udp();
    sent.ttl = 1;
    expect_drop("ttl", sent);
}

} // namespace

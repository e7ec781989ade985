// The command beside real packets: conns killed, counted, and reset by a drain.
#include "eventually.h"
#include "flow.h"
#include "program.h"
#include "reader.h"
#include "two_wires.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using hg::Family;
using hg::Mode;
using hg::Protocol;
using Words = std::vector<std::string>;

// A service of TCP and one of UDP, each with one server.
class ConnCommand : public testing::TestWithParam<Family> {
protected:
    void SetUp() override {
        for (const auto protocol : {Protocol::Tcp, Protocol::Udp}) {
            const hg::ServiceKey service{protocol, {plan.vip, 80}};
            must(lab.director.client().add_service(
                {.key = service,
                 .name = protocol == Protocol::Tcp ? "web" : "dns",
                 .scheduler = "rr"}));
            lab.director.add_server(
                service, {protocol == Protocol::Tcp ? plan.server : plan.third, 80}, Mode::Nat);
        }
    }

    [[nodiscard]] Outcome headgate(const std::string& line) const {
        return run_in(lab.inside, words("headgate " + line));
    }

    // What it prints, when it is done.
    [[nodiscard]] std::string output(const std::string& line) const {
        const auto got = headgate(line);
        EXPECT_EQ(got.code, 0);
        EXPECT_EQ(got.err, "");
        return got.out;
    }

    [[nodiscard]] Flow flow(std::uint16_t port) const {
        return {{plan.client, port}, {plan.vip, 80}, {plan.server, 80}};
    }

    void send(const Packet& packet) {
        lab.client.send(packet);
        EXPECT_TRUE(lab.server.receive());
    }

    void establish(std::uint16_t port) {
        send(flow(port).tcp(kSyn));
        lab.server.send(flow(port).tcp_reply(kSyn | kAck));
        EXPECT_TRUE(lab.client.receive());
        send(flow(port).tcp(kAck));
    }

    // Of the client's port, at both ends, and of no other.
    void expect_resets(std::uint16_t port) {
        const auto at_client = lab.client.receive();
        const auto at_server = lab.server.receive();
        ASSERT_TRUE(at_client && at_server);
        EXPECT_EQ(std::get<Tcp>(at_client->transport).dport, port);
        EXPECT_NE(std::get<Tcp>(at_client->transport).flags & kRst, 0);
        EXPECT_EQ(std::get<Tcp>(at_server->transport).sport, port);
        EXPECT_NE(std::get<Tcp>(at_server->transport).flags & kRst, 0);
        EXPECT_TRUE(lab.client.silent());
        EXPECT_TRUE(lab.server.silent());
    }

    const Plan& plan = plan_of(GetParam());
    TwoWires& lab = TwoWires::shared();
};

TEST_P(ConnCommand, kills_those_a_filter_names) {
    establish(44000);
    establish(44001);
    const auto client = hg::Endpoint{plan.client, 44001}.text();
    EXPECT_EQ(output("conn kill --client " + client), "killed 1 conn\n");
    expect_resets(44001);
    EXPECT_EQ(output("conn kill --client " + client), "killed 0 conns\n") << "it is killed already";
    EXPECT_EQ(output("conn kill --service web"), "killed 1 conn\n");
    expect_resets(44000);
}

TEST_P(ConnCommand, kills_nothing_when_it_is_not_told_what) {
    establish(44000);
    const auto got = headgate("conn kill");
    EXPECT_EQ(got.code, 2);
    EXPECT_EQ(got.err, "headgate: which conns? Say it by a filter, or --all\n");
    send(flow(44000).tcp(kAck | kPsh));
}

// The rows without their heads, blanks made one.
std::vector<Words> rows(const std::string& table) {
    std::vector<Words> out;
    for (const auto& line : lines(table)) {
        out.push_back(words(line));
    }
    out.erase(out.begin());
    return out;
}

TEST_P(ConnCommand, counts_by_state) {
    establish(44000);
    send(flow(44001).tcp(kSyn));
    send(flow(44002).tcp(kSyn));
    send(flow(44003).udp());
    EXPECT_THAT(rows(output("conn count --by state")),
                testing::ElementsAre(Words{"established", "1"}, Words{"syn_recv", "2"},
                                     Words{"udp", "1"}, Words{"total", "4"}));
}

TEST_P(ConnCommand, counts_by_server) {
    establish(44000);
    send(flow(44001).tcp(kSyn));
    send(flow(44003).udp());
    const hg::Endpoint vip{plan.vip, 80};
    const auto row = [&](const char* protocol, const hg::Address& server, const char* conns) {
        return Words{std::string(protocol) + "://" + vip.text(), hg::Endpoint{server, 80}.text(),
                     conns};
    };
    EXPECT_THAT(rows(output("conn count --by server")),
                testing::UnorderedElementsAre(row("tcp", plan.server, "2"),
                                              row("udp", plan.third, "1"), Words{"total", "3"}));
}

TEST_P(ConnCommand, resets_the_conns_left_at_the_end_of_a_drain) {
    establish(44000);
    EXPECT_EQ(output("server drain web " + plan.server.text() + " --deadline 300ms --then reset"),
              "");
    expect_resets(44000);
    EXPECT_THAT(rows(output("conn count --by state")),
                testing::ElementsAre(Words{"killed", "1"}, Words{"total", "1"}));
    lab.client.send(flow(44001).tcp(kSyn));
    EXPECT_TRUE(lab.client.receive()) << "an ICMP error: the only server drains";
    EXPECT_TRUE(lab.server.silent());
}

// More than its reader and the pipe take: it is still at it.
TEST_P(ConnCommand, leaves_nothing_behind_when_it_is_ended_while_it_lists) {
    constexpr std::uint16_t kConns = 3000;
    for (std::uint16_t i = 0; i < kConns; i++) {
        send(flow(static_cast<std::uint16_t>(20000 + i)).udp());
    }
    for (const auto* const signal : {"-INT", "-KILL"}) {
        Reader reader(lab.inside, "conn list");
        ASSERT_TRUE(reader.line());
        EXPECT_EQ(run({"pkill", signal, "-x", "headgate"}).code, 0);
        EXPECT_TRUE(eventually([] { return run(words("pgrep -x headgate")).code == 1; }));
        EXPECT_THAT(rows(output("conn count --by state")),
                    testing::ElementsAre(Words{"udp", "3000"}, Words{"total", "3000"}));
    }
    EXPECT_EQ(output("conn kill --all"), "killed 3000 conns\n");
}

INSTANTIATE_TEST_SUITE_P(Families, ConnCommand, testing::Values(Family::V4, Family::V6),
                         FamilyName{});

} // namespace

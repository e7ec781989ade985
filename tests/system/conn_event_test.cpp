// What the module and the command tell of conns, by real packets.
#include "flow.h"
#include "listener.h"
#include "reader.h"
#include "two_wires.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using hg::EventGroup;
using hg::Mode;
using hg::Protocol;
using testing::ElementsAre;

class ConnEvents : public testing::Test {
protected:
    void serve(Mode mode, Protocol protocol = Protocol::Tcp) {
        const auto service = lab.director.add_service(protocol, flow.vip);
        lab.director.add_server(service, flow.server, mode);
    }

    Listener listen() {
        Listener out(lab.inside, {EventGroup::Conn});
        lab.director.conns(); // asks at once whether somebody listens, and not a jiffy later
        return out;
    }

    void client_sends(std::uint8_t flags) {
        lab.client.send(flow.tcp(flags));
        EXPECT_TRUE(lab.server.receive());
    }

    void server_sends(std::uint8_t flags) {
        lab.server.send(flow.tcp_reply(flags));
        EXPECT_TRUE(lab.client.receive());
    }

    void open_udp(std::uint16_t port) {
        lab.client.send(Flow{{plan.client, port}, flow.vip, flow.server}.udp());
        EXPECT_TRUE(lab.server.receive());
    }

    // What is told of the conn, up to LAST: each event with the state.
    Words told(Listener& listener, std::string_view last) const {
        Words out;
        do {
            const auto event = listener.event();
            const auto& conn = std::get<hg::Conn>(event.subject);
            EXPECT_EQ(conn.client, flow.client);
            EXPECT_EQ(conn.server, flow.server);
            out.push_back(fmt::format("{} {}", hg::event_name(event.type), hg::state_name(conn)));
        } while (out.back() != last);
        return out;
    }

    // The conn is over when its state's time is, and gone by a sweep.
    void sweep() {
        EXPECT_TRUE(eventually([&] {
            must(lab.director.client().sweep());
            return must(lab.director.client().info()).conns == 0;
        }));
    }

    const Plan& plan = plan_of(hg::Family::V4);
    TwoWires& lab = TwoWires::shared();
    Flow flow{{plan.client, 40000}, {plan.vip, 80}, {plan.server, 80}};
};

TEST_F(ConnEvents, tell_each_state_once_of_a_conn_that_both_sides_are_heard_of) {
    serve(Mode::Nat);
    lab.director.set_timeout(HEADGATE_A_TIMEOUT_TCP_CLOSE, 100ms);
    auto listener = listen();
    client_sends(kSyn);
    server_sends(kSyn | kAck);
    client_sends(kAck);
    client_sends(kAck | kPsh);
    server_sends(kAck | kPsh);
    client_sends(kFin | kAck);
    server_sends(kFin | kAck);
    client_sends(kAck);
    client_sends(kRst);
    sweep();
    EXPECT_THAT(told(listener, "conn_gone close"),
                ElementsAre("conn_new syn_recv", "conn_state established", "conn_state close_wait",
                            "conn_state time_wait", "conn_state close", "conn_gone close"));
    EXPECT_EQ(listener.next(0ms), std::nullopt);
}

class HalfConnEvents : public ConnEvents, public testing::WithParamInterface<Mode> {};

TEST_P(HalfConnEvents, tell_each_state_once) {
    serve(GetParam());
    lab.director.set_timeout(HEADGATE_A_TIMEOUT_TCP_CLOSE, 100ms);
    auto listener = listen();
    client_sends(kSyn);
    client_sends(kAck);
    client_sends(kAck | kPsh);
    client_sends(kFin | kAck);
    client_sends(kAck);
    client_sends(kRst);
    sweep();
    EXPECT_THAT(told(listener, "conn_gone close"),
                ElementsAre("conn_new syn_recv", "conn_state established", "conn_state fin_wait",
                            "conn_state close", "conn_gone close"));
    EXPECT_EQ(listener.next(0ms), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Modes, HalfConnEvents, testing::Values(Mode::Direct, Mode::Tunnel),
                         [](const auto& test) { return std::string(name(test.param)); });

TEST_F(ConnEvents, tell_that_a_conn_was_killed) {
    serve(Mode::Nat);
    auto listener = listen();
    client_sends(kSyn);
    client_sends(kAck);
    EXPECT_EQ(must(lab.director.client().kill_conns({.client = flow.client})), 1U);
    EXPECT_THAT(told(listener, "conn_state killed"),
                ElementsAre("conn_new syn_recv", "conn_state established", "conn_state killed"));
}

TEST_F(ConnEvents, tell_a_slow_listener_that_it_lost_some) {
    constexpr std::uint16_t kFirst = 40000;
    constexpr std::uint16_t kConns = 100;
    serve(Mode::Nat, Protocol::Udp);
    auto slow = listen();
    auto quick = listen();
    slow.shrink();
    for (std::uint16_t i = 0; i < kConns; i++) {
        open_udp(kFirst + i);
    }
    std::uint32_t heard = 0;
    auto told = slow.next();
    for (; told && std::holds_alternative<hg::Event>(*told); told = slow.next()) {
        heard++;
    }
    ASSERT_TRUE(told) << "nobody told of the loss";
    EXPECT_LT(heard, kConns);
    open_udp(kFirst + kConns);
    const auto client = [](const hg::Event& event) {
        return std::get<hg::Conn>(event.subject).client.port;
    };
    EXPECT_EQ(client(slow.event()), kFirst + kConns) << "it goes on";
    for (std::uint16_t i = 0; i <= kConns; i++) {
        EXPECT_EQ(client(quick.event()), kFirst + i);
    }
}

TEST_F(ConnEvents, are_printed_by_the_command) {
    serve(Mode::Direct);
    serve(Mode::Nat, Protocol::Udp);
    Reader reader(lab.inside, "events --conns");
    std::optional<std::string> line;
    std::uint16_t port = 41000;
    EXPECT_TRUE(eventually([&] { // it has to listen first
        open_udp(port++);
        line = reader.line(50ms);
        return line.has_value();
    }));
    client_sends(kSyn);
    client_sends(kAck);
    client_sends(kRst);
    Words told;
    while (line && (told.empty() || !told.back().ends_with("close"))) {
        if (line->find("tcp://") != std::string::npos) {
            told.push_back(line->substr(line->find("conn_")));
        }
        line = reader.line();
    }
    const auto* const way = "10.1.0.2:40000 -> tcp://10.1.0.100:80 -> 10.2.0.11:80";
    EXPECT_THAT(told,
                ElementsAre(fmt::format("conn_new         {}  syn_recv active", way),
                            fmt::format("conn_state       {}  established active,assured", way),
                            fmt::format("conn_state       {}  close assured", way)));
}

TEST_F(ConnEvents, are_streamed_by_the_command) {
    serve(Mode::Nat);
    Reader reader(lab.inside, "-j watch --conns --interval 1h");
    (void)reader.object("state");
    client_sends(kSyn);
    const auto opened = reader.object("event");
    EXPECT_EQ(opened.at("type"), "conn_new");
    EXPECT_EQ(opened.at("client"), "10.1.0.2:40000");
    EXPECT_EQ(opened.at("object").at("state"), "syn_recv");
    client_sends(kAck);
    EXPECT_EQ(reader.object("event").at("object").at("state"), "established");
    EXPECT_EQ(must(lab.director.client().kill_conns({.client = flow.client})), 1U);
    const auto killed = reader.object("event");
    EXPECT_EQ(killed.at("type"), "conn_state");
    EXPECT_EQ(killed.at("object").at("killed"), true);
}

// The conns of a list, up to its end; lists are ten seconds apart.
std::set<std::string> listed_by(Reader& reader) {
    EXPECT_EQ(reader.object("conns", 2 * kPatience).at("phase"), "begin");
    std::set<std::string> out;
    for (auto line = reader.line(); line; line = reader.line()) {
        const auto document = nlohmann::json::parse(*line);
        if (document.contains("conns")) {
            EXPECT_EQ(document.at("conns").at("listed"), out.size());
            return out;
        }
        out.insert(document.at("conn").at("client"));
    }
    throw std::runtime_error("the list of conns has no end");
}

TEST_F(ConnEvents, that_a_reader_held_up_are_made_good_by_a_list) {
    constexpr std::uint16_t kFirst = 2000;
    constexpr std::uint16_t kLast = 60000;
    serve(Mode::Nat, Protocol::Udp);
    open_udp(kFirst);
    Reader reader(lab.inside, "-j watch --conns --interval 1h");
    EXPECT_EQ(listed_by(reader).size(), 1U);
    // Its pipe fills up, then its socket.
    const auto inside = lab.inside.enter();
    std::uint16_t port = kFirst;
    while (port < kLast && (port % 256 != 0 || !somebody_overran())) {
        open_udp(++port);
    }
    ASSERT_LT(port, kLast) << "nobody overran";
    std::set<std::string> all;
    for (const auto& conn : lab.director.conns()) {
        all.insert(conn.client.text());
    }
    EXPECT_EQ(all.size(), port - kFirst + 1U);
    (void)reader.object("lost");
    EXPECT_EQ(listed_by(reader), all);
}

} // namespace

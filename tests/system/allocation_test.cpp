// Every command with every allocation of it failing in its turn: the state stays what it was.
//
// Only the KASAN kernel can do that. The failing call may be in the socket's own code too, so that
// the request or the answer is lost: then the change was made whole or not at all. Or it is where
// the change is told: then it was made, and whoever listens hears that there was something.
#include "director.h"
#include "eventually.h"
#include "fail_nth.h"
#include "listener.h"
#include "raw_request.h"
#include "tcp_socket.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <optional>
#include <ostream>
#include <set>
#include <unistd.h>

namespace {

using namespace hg::test;
using hg::AttributeWriter;

// More than any command allocates; reaching it would mean that it loops.
constexpr int kMostAllocations = 400;

// The socket's code allocates one time more, one time less, so that a round can miss one.
constexpr int kRounds = 5;

struct Step {
    int command = 0;
    Fill fill = nothing;
    std::uint16_t flags = 0;
};

struct Scenario {
    const char* name;
    std::vector<Step> steps; // the last one has the fault; those before have none
    // What is said of one of the faults, where the module allocates by itself.
    std::string_view says = {};
};

constexpr std::string_view kNoMemory = "the kernel has no memory for it";
constexpr std::string_view kNoAnswer = "the kernel has no memory for the answer";

Fill service(const std::function<void(AttributeWriter&)>& more = nothing, std::uint16_t port = 80) {
    return [more, port](AttributeWriter& top) {
        top.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& service) {
            service.u8(HEADGATE_A_SERVICE_FAMILY, AF_INET);
            service.u8(HEADGATE_A_SERVICE_PROTOCOL, IPPROTO_TCP);
            address4(service, HEADGATE_A_SERVICE_ADDRESS, {10, 0, 0, 1});
            service.u16(HEADGATE_A_SERVICE_PORT, port);
            more(service);
        });
    };
}

Fill server(std::uint8_t last, const std::function<void(AttributeWriter&)>& more = nothing) {
    return [last, more](AttributeWriter& top) {
        top.nest(HEADGATE_A_SERVICE, service_key);
        top.nest(HEADGATE_A_SERVER, [&](AttributeWriter& server) {
            address4(server, HEADGATE_A_SERVER_ADDRESS, {10, 1, 0, last});
            more(server);
        });
    };
}

Fill scheduler(const char* name, const char* text) {
    return service([name, text](AttributeWriter& service) {
        service.text(HEADGATE_A_SERVICE_SCHEDULER, name);
        service.text(HEADGATE_A_SERVICE_NAME, text);
    });
}

Fill affinity(std::uint32_t timeout) {
    return service([timeout](AttributeWriter& service) {
        service.nest(HEADGATE_A_SERVICE_AFFINITY, [timeout](AttributeWriter& nest) {
            nest.u32(HEADGATE_A_AFFINITY_CONF_TIMEOUT, timeout);
            nest.u8(HEADGATE_A_AFFINITY_CONF_PREFIX, 32);
        });
    });
}

void heartbeat(AttributeWriter& top) { top.u32(HEADGATE_A_HEARTBEAT, 5000); }

void tunnel(AttributeWriter& server) { server.u8(HEADGATE_A_SERVER_MODE, HEADGATE_MODE_TUNNEL); }

void local(AttributeWriter& server) { server.u8(HEADGATE_A_SERVER_MODE, HEADGATE_MODE_LOCAL); }

Fill weight(std::uint8_t last, std::uint32_t value) {
    return server(
        last, [value](AttributeWriter& server) { server.u32(HEADGATE_A_SERVER_WEIGHT, value); });
}

// The attributes of a step; CHECK and COMMIT tell of what was staged before.
Fill with_terms(const Step& step, std::uint32_t generation, std::size_t messages) {
    if (step.command != HEADGATE_CMD_COMMIT && step.command != HEADGATE_CMD_CHECK) {
        return step.fill;
    }
    return [=](AttributeWriter& top) {
        top.nest(HEADGATE_A_TRANSACTION, [=](AttributeWriter& transaction) {
            transaction.u32(HEADGATE_A_TRANSACTION_GENERATION, generation);
            transaction.u32(HEADGATE_A_TRANSACTION_MESSAGES, static_cast<std::uint32_t>(messages));
        });
    };
}

// What packets have made, without what time changes.
struct Traffic {
    std::vector<std::string> conns;
    std::size_t killed = 0;
    std::vector<std::string> clients; // that stay with their server

    bool operator==(const Traffic&) const = default;
};

void PrintTo(const Traffic& traffic, std::ostream* out) {
    *out << fmt::format("{} conns, {} killed, {} clients", traffic.conns.size(), traffic.killed,
                        traffic.clients.size());
}

// What a command leaves of it that is not about the configuration.
Traffic after_command(int command, Traffic before) {
    if (command == HEADGATE_CMD_KILL_CONN) {
        before.killed = before.conns.size();
    } else if (command == HEADGATE_CMD_FLUSH_AFFINITY) {
        before.clients.clear();
    }
    return before;
}

// What a listener has heard since it was asked last.
struct Heard {
    std::set<std::uint32_t> generations; // those whose change was told to its end
    std::size_t killed = 0;              // conns
    bool lost = false;
};

Heard hear(Listener& events) {
    Heard out;
    while (const auto told = events.next(std::chrono::milliseconds(0))) {
        if (std::holds_alternative<hg::Lost>(*told)) {
            out.lost = true;
            continue;
        }
        const auto& event = std::get<hg::Event>(*told);
        if (event.type == HEADGATE_EVENT_COMMIT || event.type == HEADGATE_EVENT_SETTINGS) {
            out.generations.insert(event.generation);
        }
        out.killed += event.type == HEADGATE_EVENT_CONN_STATE &&
                              hg::state_name(std::get<hg::Conn>(event.subject)) == "killed"
                          ? 1
                          : 0;
    }
    return out;
}

// Two services and four servers are there, with conns and clients that stay with their servers;
// the generation is the fixture's.
class AllocationFailure : public testing::TestWithParam<Scenario> {
protected:
    static void SetUpTestSuite() {
        if (access(kFailNth, F_OK) != 0) {
            return;
        }
        place = std::make_unique<Namespace>();
        // Clients, VIP and servers are all in here, but for those of mode tunnel.
        place->ip("address add 10.0.0.1/32 dev lo\n"
                  "route add local 10.1.0.0/25 dev lo\n");
        FailNth::prepare();
    }

    static void TearDownTestSuite() { place.reset(); }

    void SetUp() override {
        if (!place) {
            GTEST_SKIP() << "this kernel has no fault injection";
        }
        listener = tcp_listen(*place, {address("0.0.0.0"), 80});
    }

    [[nodiscard]] static auto state(hg::Client& kernel) {
        return std::tuple(must(kernel.list_services()), must(kernel.list_servers()),
                          must(kernel.settings()));
    }

    [[nodiscard]] static Traffic traffic(Director& director) {
        Traffic out;
        for (const auto& conn : director.conns()) {
            out.conns.push_back(conn.client.text() + " " + conn.server.text());
            out.killed += (conn.flags & HEADGATE_CONN_F_KILLED) != 0 ? 1 : 0;
        }
        must(director.client().list_affinities({}, [&](const hg::Affinity& entry) {
            out.clients.push_back(entry.client.text() + " " + entry.server.text());
            return hg::Client::Next::Go;
        }));
        std::sort(out.conns.begin(), out.conns.end());
        std::sort(out.clients.begin(), out.clients.end());
        return out;
    }

    void prepare(RawRequests& plain) {
        sockets.clear();
        configure(plain);
        for (const auto* const source : {"10.1.0.101", "10.1.0.102", "10.1.0.103"}) {
            sockets.push_back(
                tcp_connect(*place, {address("10.0.0.1"), 80}, {.source = address(source)}));
            std::optional<hg::Fd> accepted;
            ASSERT_TRUE(eventually([&] { return (accepted = tcp_accept(listener)).has_value(); }));
            sockets.push_back(*std::move(accepted));
        }
    }

    static void configure(RawRequests& plain) {
        const auto done = [&](int command, const Fill& fill) {
            ASSERT_EQ(plain.send(command, fill), Verdict{});
        };
        done(HEADGATE_CMD_FLUSH, nothing);
        done(HEADGATE_CMD_SWEEP, nothing);
        done(HEADGATE_CMD_NEW_SERVICE, scheduler("mh", "web"));
        done(HEADGATE_CMD_SET_SERVICE, affinity(300000));
        for (std::uint8_t last = 2; last < 6; last++) {
            done(HEADGATE_CMD_NEW_SERVER, server(last));
        }
        done(HEADGATE_CMD_NEW_SERVICE, service(
                                           [](AttributeWriter& other) {
                                               other.text(HEADGATE_A_SERVICE_SCHEDULER, "wlc");
                                               other.text(HEADGATE_A_SERVICE_NAME, "other");
                                           },
                                           81));
    }

    static std::unique_ptr<Namespace> place;
    hg::Fd listener; // of all servers
    std::vector<hg::Fd> sockets;
};

std::unique_ptr<Namespace> AllocationFailure::place;

TEST_P(AllocationFailure, leaves_the_state_as_it_was) {
    Director director(*place);
    auto& kernel = director.client();
    const auto inside = place->enter();
    RawRequests plain;
    const FailNth fail;
    Listener events(*place, {hg::EventGroup::Config, hg::EventGroup::Conn});
    int lost = 0;
    int told = 0;
    const auto& steps = GetParam().steps;
    const auto says = GetParam().says;
    std::set<std::string> said;
    const auto is_said = [&] { return says.empty() || said.contains(std::string(says)); };
    int rounds = kRounds;
    int n = 1;
    int kept = 0;
    for (bool struck = true; struck; n++) {
        ASSERT_LT(n, kMostAllocations);
        prepare(plain);
        RawRequests fragile; // whose verdicts may get lost
        const auto generation = must(kernel.info()).generation;
        for (std::size_t i = 0; i + 1 < steps.size(); i++) {
            ASSERT_EQ(fragile.send(steps[i].command, steps[i].fill, steps[i].flags), Verdict{});
        }
        const auto& last = steps.back();
        const auto request =
            fragile.make(last.command, with_terms(last, generation, steps.size() - 2), last.flags);
        const auto before = state(kernel);
        const auto conns_before = traffic(director);
        ASSERT_EQ(conns_before.conns.size(), 3U);
        ASSERT_EQ(conns_before.clients.size(), 3U);

        hear(events); // how it came to this

        fail.arm(n);
        fragile.try_send(request);
        struck = fail.disarm();

        const auto verdict = fragile.verdict_on(request);
        if (verdict && verdict->number == ENOMEM) {
            said.insert(verdict->text);
        }
        if (!struck) {
            EXPECT_EQ(verdict, Verdict{});
        }
        const auto after = must(kernel.info()).generation;
        const auto heard = hear(events);
        lost += heard.lost ? 1 : 0;
        if (after == generation) {
            const auto conns = traffic(director);
            if (conns == conns_before) {
                EXPECT_EQ(state(kernel), before) << "allocation " << n;
                kept++;
            } else {
                EXPECT_EQ(conns, after_command(last.command, conns_before)) << "allocation " << n;
                EXPECT_TRUE(heard.lost || heard.killed == conns.killed) << "allocation " << n;
                told += conns.killed > 0 ? 1 : 0;
            }
        } else {
            EXPECT_EQ(after, generation + 1) << "allocation " << n;
            EXPECT_TRUE(heard.lost || heard.generations.contains(after)) << "allocation " << n;
            told++;
        }
        if (!struck && !is_said() && --rounds > 0) {
            struck = true;
            n = 0;
        }
    }
    EXPECT_GT(n, 2) << "no allocation failed";
    EXPECT_GT(kept, 0);
    EXPECT_TRUE(told == 0 || lost > 0) << "no event's allocation failed";
    EXPECT_TRUE(is_said()) << testing::PrintToString(said);
}

class StagedAllocationFailure : public AllocationFailure {};

TEST_P(StagedAllocationFailure, is_what_commit_says) {
    Director director(*place);
    auto& kernel = director.client();
    const auto inside = place->enter();
    RawRequests plain;
    const FailNth fail;
    const auto& staged = GetParam().steps.back();
    int told = 0;
    int rounds = kRounds;
    int n = 0;
    for (bool struck = true; struck || (told == 0 && --rounds > 0);) {
        n = struck ? n + 1 : 1;
        ASSERT_LT(n, kMostAllocations);
        prepare(plain);
        const auto generation = must(kernel.info()).generation;
        const auto before = state(kernel);
        RawRequests fragile; // whose verdict may get lost
        ASSERT_EQ(fragile.send(HEADGATE_CMD_BEGIN, nothing), Verdict{});
        const auto request = fragile.make(staged.command, staged.fill);
        fail.arm(n);
        fragile.try_send(request);
        struck = fail.disarm();
        const auto verdict = fragile.verdict_on(request);
        if (!verdict || verdict->text != kNoMemory) {
            continue; // it went well, or the module has not heard of it
        }
        EXPECT_EQ(
            fragile.send(HEADGATE_CMD_COMMIT, with_terms({HEADGATE_CMD_COMMIT}, generation, 1)),
            (Verdict{ECANCELED, "message 1: " + std::string(kNoMemory), ""}))
            << "allocation " << n;
        EXPECT_EQ(state(kernel), before) << "allocation " << n;
        told++;
    }
    EXPECT_GT(told, 0);
}

class BlockAllocationFailure : public AllocationFailure {};

// Of 64 new servers one begins a block of counters, however many places were left before.
TEST_F(BlockAllocationFailure, leaves_the_state_as_it_was) {
    Director director(*place);
    auto& kernel = director.client();
    const auto inside = place->enter();
    RawRequests plain;
    configure(plain);
    const FailNth fail;
    for (std::uint8_t last = 100; last < 164; last++) {
        const auto before = must(kernel.list_servers());
        const auto generation = must(kernel.info()).generation;
        for (int n = 1; must(kernel.info()).generation == generation; n++) {
            ASSERT_LT(n, kMostAllocations);
            RawRequests fragile; // whose verdict may get lost
            const auto request = fragile.make(HEADGATE_CMD_NEW_SERVER, server(last));
            fail.arm(n);
            fragile.try_send(request);
            static_cast<void>(fail.disarm());
        }
        EXPECT_EQ(must(kernel.list_servers()).size(), before.size() + 1);
    }
}

const Step kBegin{.command = HEADGATE_CMD_BEGIN};
const Step kCommit{.command = HEADGATE_CMD_COMMIT};
const Step kCheck{.command = HEADGATE_CMD_CHECK};
const Step kDelServer{HEADGATE_CMD_DEL_SERVER, server(5)};

// A third service, whose name is free unless a transaction makes it so.
Step third_service(const char* name) {
    return {HEADGATE_CMD_NEW_SERVICE, service(
                                          [name](AttributeWriter& s) {
                                              s.text(HEADGATE_A_SERVICE_SCHEDULER, "wrr");
                                              s.text(HEADGATE_A_SERVICE_NAME, name);
                                          },
                                          82)};
}

Fill settings() {
    return [](AttributeWriter& top) {
        top.nest(HEADGATE_A_SETTINGS, [](AttributeWriter& settings) {
            settings.u32(HEADGATE_A_SETTINGS_CONN_LIMIT, 1000);
        });
    };
}

Fill of_port_80() {
    return [](AttributeWriter& top) {
        top.nest(HEADGATE_A_FILTER,
                 [](AttributeWriter& filter) { filter.u16(HEADGATE_A_FILTER_SERVICE_PORT, 80); });
    };
}

Fill factor() {
    return server(2, [](AttributeWriter& s) { s.u32(HEADGATE_A_SERVER_FACTOR, 900); });
}

Fill drain() {
    return server(2, [](AttributeWriter& server) {
        server.nest(HEADGATE_A_SERVER_DRAIN, [](AttributeWriter& drain) {
            drain.u32(HEADGATE_A_DRAIN_DEADLINE, 600000);
            drain.u8(HEADGATE_A_DRAIN_THEN, HEADGATE_THEN_RESET);
            drain.bytes(HEADGATE_A_DRAIN_REMOVE, {});
        });
    });
}

Fill timeouts(int type) {
    return [type](AttributeWriter& nest) {
        nest.nest(type, [](AttributeWriter& timeouts) {
            timeouts.u32(HEADGATE_A_TIMEOUT_TCP_ESTABLISHED, 77000);
            timeouts.u32(HEADGATE_A_TIMEOUT_UDP, 7000);
        });
    };
}

Fill settings_timeouts() {
    return [](AttributeWriter& top) {
        top.nest(HEADGATE_A_SETTINGS, timeouts(HEADGATE_A_SETTINGS_TIMEOUTS));
    };
}

Fill service_timeouts() { return service(timeouts(HEADGATE_A_SERVICE_TIMEOUTS)); }

const std::vector<Scenario> kScenarios{
    {"get_info", {{HEADGATE_CMD_GET_INFO}}, kNoAnswer},
    {"get_settings", {{HEADGATE_CMD_GET_SETTINGS}}, kNoAnswer},
    {"set_settings", {{HEADGATE_CMD_SET_SETTINGS, settings()}}},
    {"set_settings_timeouts", {{HEADGATE_CMD_SET_SETTINGS, settings_timeouts()}}},
    {"get_service", {{HEADGATE_CMD_GET_SERVICE, service()}}, kNoAnswer},
    {"list_services", {{.command = HEADGATE_CMD_GET_SERVICE, .flags = NLM_F_DUMP}}},
    {"new_service", {third_service("")}, kNoMemory},
    {"new_service_with_a_name", {third_service("third")}, kNoMemory},
    {"set_service", {{HEADGATE_CMD_SET_SERVICE, scheduler("wlc", "web2")}}, kNoMemory},
    {"set_service_without_affinity", {{HEADGATE_CMD_SET_SERVICE, affinity(0)}}, kNoMemory},
    {"set_service_timeouts", {{HEADGATE_CMD_SET_SERVICE, service_timeouts()}}, kNoMemory},
    {"del_service", {{HEADGATE_CMD_DEL_SERVICE, service()}}, kNoMemory},
    {"flush", {{HEADGATE_CMD_FLUSH}}},
    {"get_server", {{HEADGATE_CMD_GET_SERVER, server(2)}}, kNoAnswer},
    {"list_servers", {{.command = HEADGATE_CMD_GET_SERVER, .flags = NLM_F_DUMP}}},
    {"new_server", {{HEADGATE_CMD_NEW_SERVER, server(9)}}, kNoMemory},
    {"new_server_of_mode_tunnel", {{HEADGATE_CMD_NEW_SERVER, server(209, tunnel)}}, kNoMemory},
    {"set_server_in_place", {{HEADGATE_CMD_SET_SERVER, factor()}}, kNoMemory},
    {"set_server_to_another_layout", {{HEADGATE_CMD_SET_SERVER, weight(2, 7)}}, kNoMemory},
    {"set_server_to_another_mode", {{HEADGATE_CMD_SET_SERVER, server(2, local)}}, kNoMemory},
    {"set_server_drain", {{HEADGATE_CMD_SET_SERVER, drain()}}, kNoMemory},
    {"del_server", {kDelServer}, kNoMemory},
    {"reset_server", {{HEADGATE_CMD_RESET_SERVER, server(2)}}, kNoMemory},
    {"list_conns", {{.command = HEADGATE_CMD_GET_CONN, .flags = NLM_F_DUMP}}, kNoMemory},
    {"count_conns", {{.command = HEADGATE_CMD_COUNT_CONN, .flags = NLM_F_DUMP}}, kNoMemory},
    {"kill_conns", {{HEADGATE_CMD_KILL_CONN, of_port_80()}}, kNoAnswer},
    {"sweep", {{HEADGATE_CMD_SWEEP}}},
    {"list_affinity", {{.command = HEADGATE_CMD_GET_AFFINITY, .flags = NLM_F_DUMP}}, kNoMemory},
    {"flush_affinity", {{HEADGATE_CMD_FLUSH_AFFINITY, of_port_80()}}, kNoAnswer},
    {"heartbeat", {{HEADGATE_CMD_HEARTBEAT, heartbeat}}},
    {"begin", {kBegin}, kNoMemory},
    {"abort", {kBegin, {HEADGATE_CMD_NEW_SERVER, server(9)}, {HEADGATE_CMD_ABORT}}},
    {"staged_new_service", {kBegin, third_service("third")}, kNoMemory},
    {"staged_set_service",
     {kBegin, {HEADGATE_CMD_SET_SERVICE, scheduler("wlc", "web2")}},
     kNoMemory},
    {"staged_set_service_timeouts",
     {kBegin, {HEADGATE_CMD_SET_SERVICE, service_timeouts()}},
     kNoMemory},
    {"staged_del_service", {kBegin, {HEADGATE_CMD_DEL_SERVICE, service()}}, kNoMemory},
    {"staged_flush", {kBegin, {HEADGATE_CMD_FLUSH}}, kNoMemory},
    {"staged_new_server", {kBegin, {HEADGATE_CMD_NEW_SERVER, server(9)}}, kNoMemory},
    {"staged_set_server", {kBegin, {HEADGATE_CMD_SET_SERVER, factor()}}, kNoMemory},
    {"staged_set_server_to_another_mode",
     {kBegin, {HEADGATE_CMD_SET_SERVER, server(2, local)}},
     kNoMemory},
    {"staged_set_server_drain", {kBegin, {HEADGATE_CMD_SET_SERVER, drain()}}, kNoMemory},
    {"staged_del_server", {kBegin, kDelServer}, kNoMemory},
    {"staged_reset_server", {kBegin, {HEADGATE_CMD_RESET_SERVER, server(2)}}, kNoMemory},
    {"check",
     {kBegin,
      {HEADGATE_CMD_SET_SERVICE, scheduler("wlc", "web2")},
      {HEADGATE_CMD_NEW_SERVER, server(209, tunnel)},
      kCheck},
     "message 2: the kernel has no memory for it"},
    {"commit_of_a_drain_and_timeouts",
     {kBegin,
      {HEADGATE_CMD_SET_SERVICE, service_timeouts()},
      {HEADGATE_CMD_SET_SERVER, drain()},
      kCommit},
     "message 2: the kernel has no memory for it"},
    {"commit",
     {kBegin,
      {HEADGATE_CMD_SET_SERVICE, scheduler("sh", "web2")},
      {HEADGATE_CMD_NEW_SERVER, server(209, tunnel)},
      {HEADGATE_CMD_SET_SERVER, weight(3, 5)},
      {HEADGATE_CMD_SET_SERVER, server(4, local)},
      kDelServer,
      third_service("web"),
      kCommit},
     "message 6: the kernel has no memory for it"},
};

INSTANTIATE_TEST_SUITE_P(Commands, AllocationFailure, testing::ValuesIn(kScenarios),
                         [](const auto& scenario) { return scenario.param.name; });

bool is_of_a_staged_message(const Scenario& scenario) {
    return scenario.steps.size() == 2 && is_staged(scenario.steps.back().command);
}

std::vector<Scenario> staged_messages() {
    std::vector<Scenario> out;
    std::copy_if(kScenarios.begin(), kScenarios.end(), std::back_inserter(out),
                 is_of_a_staged_message);
    return out;
}

INSTANTIATE_TEST_SUITE_P(Commands, StagedAllocationFailure, testing::ValuesIn(staged_messages()),
                         [](const auto& scenario) { return scenario.param.name; });

TEST(AllocationScenarios, are_there_for_every_command) {
    std::set<int> alone;
    std::set<int> staged;
    for (const auto& scenario : kScenarios) {
        const auto& steps = scenario.steps;
        (steps.size() == 1 ? alone : staged).insert(steps.back().command);
    }
    for (int command = 1; command <= HEADGATE_CMD_MAX; command++) {
        const auto needs_begin = command == HEADGATE_CMD_CHECK || command == HEADGATE_CMD_COMMIT ||
                                 command == HEADGATE_CMD_ABORT;
        if (command == HEADGATE_CMD_EVENT) { // the kernel's own: nobody can send it
            continue;
        }
        EXPECT_TRUE(needs_begin || alone.contains(command)) << command;
        EXPECT_TRUE(!(needs_begin || is_staged(command)) || staged.contains(command)) << command;
    }
}

} // namespace

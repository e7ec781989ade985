// "headgate module reload": what clients see of it, and that nothing else is seen.
#include "apply.h"
#include "eventually.h"
#include "flow.h"
#include "place.h"
#include "two_wires.h"

#include <filesystem>
#include <fmt/format.h>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using hg::AdminState;
using hg::Family;
using hg::Mode;
using hg::Protocol;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kModule = "/opt/headgate/module/headgate.ko";
constexpr const char* kBroken = "/run/broken.ko";

class ModuleCommand : public testing::Test {
protected:
    ModuleCommand() {
        std::filesystem::copy_file(kModule, kBroken,
                                   std::filesystem::copy_options::overwrite_existing);
        std::filesystem::resize_file(kBroken, 20000);
    }

    ~ModuleCommand() override { std::filesystem::remove(kBroken); }

    [[nodiscard]] Outcome headgate(std::string_view line) const {
        return run_in(lab.inside, words(fmt::format("headgate {}", line)));
    }

    static std::string reload(std::string_view file = kModule) {
        return fmt::format("module reload --lose-conns --file {} --back {}", file, kModule);
    }

    [[nodiscard]] bool is_guarded() const {
        return run_in(lab.inside, words("nft list tables")).out.find("headgate_guard") !=
               std::string::npos;
    }

    // By whoever keeps the configuration: its word, and what it is without it.
    void add_managed(const hg::ServiceKey& key, const hg::Endpoint& endpoint, std::uint32_t weight,
                     std::uint32_t down) {
        hg::ServerChange besides{.down = hg::MaskedBits{down, HEADGATE_DOWN_ALL}, .factor = 640};
        besides.managed = true;
        auto& client = lab.director.client();
        const hg::ServerSpec spec{.endpoint = endpoint, .weight = weight};
        must(hg::commit(client, {hg::AddServer{key, spec, besides}},
                        must(client.info()).generation));
    }

    // Something of all that a configuration can have.
    void configure() {
        auto& client = lab.director.client();
        const hg::ServiceKey web{Protocol::Tcp, {plan.vip, 80}};
        hg::ServiceSpec spec{.key = web, .name = "web", .scheduler = "wrr"};
        spec.timeouts[1] = 1h;
        spec.slow_start = 5s;
        spec.affinity = {.timeout = 10min, .prefix = 24};
        must(hg::commit(client, {hg::AddService{spec, true}}, must(client.info()).generation));
        add_managed(web, {plan.server, 80}, 3, HEADGATE_DOWN_CHECK);
        add_managed(web, {plan.second, 80}, 2, 0);
        add_managed(web, {plan.third, 8080}, 1, 0);
        must(client.set_server(web, {plan.second, 80}, {.weight = 9}));
        must(client.set_server(web, {plan.third, 8080}, {.admin_state = AdminState::Maint}));
        must(client.set_server(web, {plan.server, 80},
                               {.down = hg::MaskedBits{HEADGATE_DOWN_ADMIN, HEADGATE_DOWN_ADMIN}}));
        const auto names = lab.director.add_service(Protocol::Udp, {plan.other_vip, 53}, "mh");
        lab.director.add_server(names, {plan.server, 53}, Mode::Direct, 7);
        must(client.set_server(names, {plan.server, 53},
                               {.drain = hg::Drain{.then = hg::Then::Reset}}));
        must(client.set_settings(
            {.conn_limit = 4711, .check_mark_first = 16, .check_mark_last = 99}));
    }

    // What is configured, without what has become of it.
    struct Configured {
        std::vector<hg::Service> services;
        std::vector<hg::Server> servers;
        hg::Settings settings;

        bool operator==(const Configured&) const = default;
    };

    [[nodiscard]] Configured configured() const {
        Director director(lab.inside);
        auto& client = director.client();
        Configured out{must(client.list_services()), must(client.list_servers()),
                       must(client.settings())};
        for (auto& service : out.services) {
            service.counters = {};
            service.active = service.inactive = 0;
        }
        for (auto& server : out.servers) {
            server.counters = {};
            server.active = server.inactive = server.status = 0; // drained at once: no conns
            server.ramp = server.effective_weight = 0;           // its slow start is over
        }
        return out;
    }

    const Plan& plan = plan_of(Family::V4);
    TwoWires& lab = TwoWires::shared();
};

TEST_F(ModuleCommand, puts_back_all_that_was_configured) {
    configure();
    const auto before = configured();
    const auto saved = headgate("save").out;
    const auto done = headgate("-j " + reload());
    ASSERT_EQ(done.code, 0) << done.err;
    const auto report = nlohmann::json::parse(done.out);
    EXPECT_GT(report.at("gap_ms"), 0);
    // Other tests' namespaces may come after ours, which has no name.
    EXPECT_EQ(report.at("namespaces").at(0),
              (nlohmann::json{{"netns", nullptr}, {"services", 2}, {"servers", 4}}));
    EXPECT_EQ(configured(), before);
    EXPECT_EQ(headgate("save").out, saved);
    EXPECT_FALSE(is_guarded());
}

TEST_F(ModuleCommand, puts_back_other_network_namespaces_too) {
    const auto other = Place::make("reload-other");
    other.must_run("headgate service add tcp://192.0.2.1:80 --name other");
    configure();
    const auto before = configured();
    EXPECT_EQ(headgate(reload()).code, 0);
    EXPECT_EQ(configured(), before);
    EXPECT_THAT(other.run(words("headgate save")).out, HasSubstr("name: other"));
    EXPECT_THAT(other.run(words("nft list tables")).out, Not(HasSubstr("headgate_guard")));
}

TEST_F(ModuleCommand, goes_back_when_the_new_module_does_not_load) {
    configure();
    const auto before = configured();
    const auto refused = headgate(reload(kBroken));
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err, HasSubstr(fmt::format("cannot load {}: ", kBroken)));
    EXPECT_THAT(refused.err, HasSubstr(" is back, and the configuration with it; the gap was "));
    EXPECT_EQ(configured(), before);
    EXPECT_FALSE(is_guarded());
}

TEST_F(ModuleCommand, begins_nothing_when_there_is_no_way_back) {
    configure();
    const auto before = configured();
    const auto refused = headgate(fmt::format("module reload --file {}", kBroken));
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err, HasSubstr("; --back names the file"));
    EXPECT_EQ(configured(), before);
    EXPECT_NE(configured().services.front().servers, 0U);
}

TEST_F(ModuleCommand, says_how_many_connections_would_be_lost) {
    const Flow flow{{plan.client, 4000}, {plan.vip, 80}, {plan.server, 80}};
    lab.director.add_server(lab.director.add_service(Protocol::Tcp, flow.vip), flow.server,
                            Mode::Nat);
    ASSERT_TRUE(lab.establish(flow));
    const auto refused = headgate(fmt::format("module reload --file {0} --back {0}", kModule));
    EXPECT_EQ(refused.code, 1);
    EXPECT_EQ(refused.err, "headgate: cannot reload the module: 1 established connection would be "
                           "lost: with --lose-conns they are\n");
    EXPECT_THAT(lab.director.conns(), testing::SizeIs(1));
    EXPECT_THAT(headgate(reload()).out, HasSubstr(" 1 connection lost, "));
}

TEST_F(ModuleCommand, is_not_ended_half_way_by_a_signal) {
    configure();
    const auto before = configured();
    const auto ended = run_in(lab.inside, {"sh", "-c",
                                           "headgate " + reload() +
                                               " & pid=$!\n"
                                               "while [ -d /sys/module/headgate ] && kill -0 $pid\n"
                                               "do :; done\n"
                                               "kill -TERM $pid && kill -HUP $pid && wait $pid"});
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_THAT(ended.out, HasSubstr("the gap was"));
    EXPECT_EQ(configured(), before);
    EXPECT_FALSE(is_guarded());
}

class ModuleCommandGap : public ModuleCommand, public testing::WithParamInterface<Family> {
protected:
    void serve() {
        for (const auto protocol : {Protocol::Tcp, Protocol::Udp}) {
            lab.director.add_server(lab.director.add_service(protocol, {plan.vip, 80}),
                                    {plan.server, 80}, Mode::Nat);
        }
    }

    [[nodiscard]] Flow flow(std::uint16_t port) const {
        return {{plan.client, port}, {plan.vip, 80}, {plan.server, 80}};
    }

    // A SYN and a datagram of that client; and then what has come out of the director by now.
    void knock(std::uint16_t port) {
        lab.client.send(flow(port).tcp(kSyn));
        lab.client.send(flow(port).udp(filler(20)));
        look();
    }

    void look() {
        while (const auto packet = lab.server.take()) {
            if (const auto* const tcp = std::get_if<Tcp>(&packet->transport)) {
                served.insert(tcp->sport);
            }
        }
        while (auto packet = lab.client.take()) {
            answers.push_back(*std::move(packet));
        }
    }

    bool is_served(std::uint16_t port) {
        look();
        return served.contains(port);
    }

    const Plan& plan = plan_of(GetParam());
    std::set<std::uint16_t> served;
    std::vector<Packet> answers; // the servers give none: these would be the director's own
};

TEST_P(ModuleCommandGap, is_seen_by_clients_as_a_lost_packet) {
    serve();
    auto command = std::async(std::launch::async, [this] { return headgate(reload()); });
    std::set<std::uint16_t> sent;
    std::uint16_t port = 1024;
    while (command.wait_for(2ms) != std::future_status::ready) {
        sent.insert(++port);
        knock(port);
    }
    const auto done = command.get();
    ASSERT_EQ(done.code, 0) << done.err;
    knock(++port);
    ASSERT_TRUE(eventually([&] { return is_served(port); }));
    std::set<std::uint16_t> lost;
    std::set_difference(sent.begin(), sent.end(), served.begin(), served.end(),
                        std::inserter(lost, lost.end()));
    EXPECT_THAT(lost, Not(IsEmpty())) << "the gap was not met";
    EXPECT_THAT(served, testing::Contains(1025)) << "it was served before";
    for (const auto each : lost) {
        knock(each); // as its stack does after a second
        EXPECT_TRUE(eventually([&] { return is_served(each); })) << each;
    }
    EXPECT_THAT(answers, IsEmpty());
}

// What the guard is for.
TEST_P(ModuleCommandGap, would_be_seen_as_a_refusal_without_a_guard) {
    const WithoutModule gone;
    knock(4000);
    const auto is_refused = [](const Packet& packet) {
        const auto* const tcp = std::get_if<Tcp>(&packet.transport);
        return tcp != nullptr ? (tcp->flags & kRst) != 0
                              : std::holds_alternative<Icmp>(packet.transport);
    };
    EXPECT_TRUE(eventually([&] {
        look();
        return answers.size() == 2;
    }));
    EXPECT_THAT(answers, testing::Each(testing::Truly(is_refused)));
}

INSTANTIATE_TEST_SUITE_P(Families, ModuleCommandGap, testing::Values(Family::V4, Family::V6),
                         FamilyName{});

} // namespace

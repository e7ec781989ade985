// What the module tells unasked.
#include "director.h"
#include "event_socket.h"
#include "listener.h"
#include "refusal.h"

#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <sys/syscall.h>
#include <thread>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using hg::AttributeWriter;
using hg::EventGroup;
using testing::ElementsAre;

const hg::ServiceKey kDns{hg::Protocol::Udp, {address("10.0.0.1"), 53}};

class Events : public testing::Test {
protected:
    static void SetUpTestSuite() {
        place = std::make_unique<Place>(Place::make("events-test"));
        place->ip("addr add 10.0.0.1/32 dev lo\n");
    }

    static void TearDownTestSuite() { place.reset(); }

    Events() : kernel(*place), requests(open()) { must(kernel->flush()); }

    [[nodiscard]] static RawRequests open() {
        const auto inside = place->enter();
        return {};
    }

    void done(int command, const Fill& fill) { EXPECT_EQ(requests.send(command, fill), Verdict{}); }

    void add_web() {
        done(HEADGATE_CMD_NEW_SERVICE, service_with([](AttributeWriter& service) {
                 service.text(HEADGATE_A_SERVICE_SCHEDULER, "rr");
             }));
        done(HEADGATE_CMD_NEW_SERVER, server_with(nothing));
    }

    void set_weight(std::uint32_t weight) {
        done(HEADGATE_CMD_SET_SERVER, server_with([&](AttributeWriter& server) {
                 server.u32(HEADGATE_A_SERVER_WEIGHT, weight);
             }));
    }

    void set_down(std::uint32_t down) {
        done(HEADGATE_CMD_SET_SERVER, server_with([&](AttributeWriter& server) {
                 server.bitfield32(HEADGATE_A_SERVER_DOWN, down, HEADGATE_DOWN_ALL);
             }));
    }

    void drain(std::uint32_t deadline) {
        done(HEADGATE_CMD_SET_SERVER, server_with([&](AttributeWriter& server) {
                 server.nest(HEADGATE_A_SERVER_DRAIN, [&](AttributeWriter& nest) {
                     nest.u32(HEADGATE_A_DRAIN_DEADLINE, deadline);
                 });
             }));
    }

    // With a deadline that passes soon.
    void drain_dns(headgate_then then) {
        done(HEADGATE_CMD_SET_SERVER, [&](AttributeWriter& top) {
            top.nest(HEADGATE_A_SERVICE, [](AttributeWriter& service) {
                service.u8(HEADGATE_A_SERVICE_FAMILY, AF_INET);
                service.u8(HEADGATE_A_SERVICE_PROTOCOL, IPPROTO_UDP);
                address4(service, HEADGATE_A_SERVICE_ADDRESS, {10, 0, 0, 1});
                service.u16(HEADGATE_A_SERVICE_PORT, 53);
            });
            top.nest(HEADGATE_A_SERVER, [&](AttributeWriter& server) {
                address4(server, HEADGATE_A_SERVER_ADDRESS, {10, 0, 0, 1});
                server.nest(HEADGATE_A_SERVER_DRAIN, [&](AttributeWriter& nest) {
                    nest.u32(HEADGATE_A_DRAIN_DEADLINE, 100);
                    nest.u8(HEADGATE_A_DRAIN_THEN, then);
                });
            });
        });
    }

    // A service on this very machine.
    void add_dns() {
        hg::ServerSpec local;
        local.endpoint = kDns.endpoint;
        local.mode = hg::Mode::Local;
        must(kernel->add_service({.key = kDns, .name = "", .scheduler = "rr", .hash_port = false}));
        must(kernel->add_server(kDns, local));
    }

    static void open_conn() {
        const auto inside = place->enter();
        const hg::Fd client(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        const auto to = to_sockaddr(kDns.endpoint);
        EXPECT_EQ(sendto(client.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to),
                         sizeof(sockaddr_in)),
                  1);
    }

    // Whether somebody listens is asked at once, and not a jiffy later.
    void hear_conns_from_now_on() {
        must(kernel->list_conns({}, [](const hg::Conn&) { return hg::Client::Next::Go; }));
    }

    static std::unique_ptr<Place> place;
    Kernel kernel;
    RawRequests requests;
};

std::unique_ptr<Place> Events::place;

TEST_F(Events, tell_each_change_of_services) {
    Listener listener(*place, {EventGroup::Config});
    done(HEADGATE_CMD_NEW_SERVICE, service_with([](AttributeWriter& service) {
             service.text(HEADGATE_A_SERVICE_SCHEDULER, "rr");
         }));
    EXPECT_THAT(listener.until("commit"), ElementsAre("service_new tcp://10.0.0.1:80", "commit"));
    done(HEADGATE_CMD_SET_SERVICE, service_with([](AttributeWriter& service) {
             service.text(HEADGATE_A_SERVICE_NAME, "web");
         }));
    const auto changed = listener.event();
    EXPECT_EQ(changed.type, HEADGATE_EVENT_SERVICE_SET);
    EXPECT_EQ(std::get<hg::Service>(changed.subject).spec.name, "web") << "as it is afterwards";
    EXPECT_THAT(listener.until("commit"), ElementsAre("commit"));
    done(HEADGATE_CMD_DEL_SERVICE, service_with(nothing));
    EXPECT_THAT(listener.until("commit"), ElementsAre("service_gone tcp://10.0.0.1:80", "commit"));
}

TEST_F(Events, tell_each_change_of_servers) {
    add_web();
    Listener listener(*place, {EventGroup::Config});
    const auto told = [&](const char* what) {
        EXPECT_THAT(listener.until("commit"),
                    ElementsAre(fmt::format("{} tcp://10.0.0.1:80 10.1.0.2", what), "commit"));
    };
    set_weight(7);
    told("server_set");
    set_down(HEADGATE_DOWN_CHECK);
    told("server_down");
    set_down(HEADGATE_DOWN_CHECK | HEADGATE_DOWN_AGENT);
    told("server_set");
    set_down(0);
    told("server_up");
    done(HEADGATE_CMD_DEL_SERVER, server_with(nothing));
    told("server_gone");
    done(HEADGATE_CMD_NEW_SERVER, server_with(nothing));
    told("server_new");
    drain(0);
    told("server_set");
    told("server_drained");
}

TEST_F(Events, tell_the_deadline_of_a_drain) {
    add_dns();
    Listener conns(*place, {EventGroup::Conn});
    hear_conns_from_now_on();
    open_conn();
    EXPECT_EQ(conns.until("conn_new").back(), "conn_new udp://10.0.0.1:53");
    Listener listener(*place, {EventGroup::Config});
    drain_dns(HEADGATE_THEN_RESET);
    EXPECT_EQ(listener.until("commit").front(), "server_set udp://10.0.0.1:53 10.0.0.1");
    const auto deadline = listener.event();
    EXPECT_EQ(deadline.type, HEADGATE_EVENT_SERVER_DEADLINE);
    EXPECT_EQ(std::get<hg::Server>(deadline.subject).inactive, 1U);
    EXPECT_EQ(conns.until("conn_gone").back(), "conn_gone udp://10.0.0.1:53");
    EXPECT_THAT(listener.until("server_drained"), testing::SizeIs(2)); // after the commit
}

TEST_F(Events, tell_when_the_last_conn_has_ended_that_a_deadline_kept) {
    add_dns();
    open_conn();
    Listener listener(*place, {EventGroup::Config});
    drain_dns(HEADGATE_THEN_KEEP);
    EXPECT_THAT(listener.until("commit"),
                ElementsAre("server_set udp://10.0.0.1:53 10.0.0.1", "commit"));
    EXPECT_EQ(listener.event().type, HEADGATE_EVENT_SERVER_DEADLINE);
    listener.until("commit");
    EXPECT_EQ(must(kernel->kill_conns({.all = true})), 1U);
    const auto drained = listener.event();
    EXPECT_EQ(drained.type, HEADGATE_EVENT_SERVER_DRAINED);
    EXPECT_EQ(std::get<hg::Server>(drained.subject).inactive, 0U);
}

// An event that is built takes a number.
TEST_F(Events, of_conns_are_not_built_while_nobody_listens) {
    add_dns();
    std::uint32_t last = 0;
    {
        Listener listener(*place, {EventGroup::Conn});
        hear_conns_from_now_on();
        open_conn();
        last = listener.event().sequence;
    }
    hear_conns_from_now_on(); // or rather not
    open_conn();
    open_conn();
    Listener listener(*place, {EventGroup::Conn});
    hear_conns_from_now_on();
    open_conn();
    EXPECT_EQ(listener.event().sequence, last + 1);
}

TEST_F(Events, tell_of_settings) {
    Listener listener(*place, {EventGroup::Config});
    must(kernel->set_settings({.conn_limit = 4000}));
    EXPECT_THAT(listener.until("settings"), ElementsAre("settings"));
}

TEST_F(Events, of_a_flush_are_of_one_change) {
    add_web();
    Listener listener(*place, {EventGroup::Config});
    must(kernel->flush());
    EXPECT_THAT(listener.until("commit"), ElementsAre("service_gone tcp://10.0.0.1:80", "commit"));
}

TEST_F(Events, of_a_transaction_end_with_one_commit) {
    constexpr std::uint32_t kServers = 300;
    Listener listener(*place, {EventGroup::Config});
    const auto generation = must(kernel->info()).generation;
    done(HEADGATE_CMD_BEGIN, nothing);
    done(HEADGATE_CMD_NEW_SERVICE, service_with([](AttributeWriter& service) {
             service.text(HEADGATE_A_SERVICE_SCHEDULER, "rr");
         }));
    for (std::uint32_t i = 0; i < kServers; i++) {
        done(HEADGATE_CMD_NEW_SERVER, [&](AttributeWriter& top) {
            top.nest(HEADGATE_A_SERVICE, service_key);
            top.nest(HEADGATE_A_SERVER, [&](AttributeWriter& server) {
                address4(server, HEADGATE_A_SERVER_ADDRESS,
                         {10, 1, static_cast<std::uint8_t>(i / 200),
                          static_cast<std::uint8_t>(1 + i % 200)});
            });
        });
    }
    EXPECT_EQ(listener.next(0ms), std::nullopt) << "what is staged is no change";
    done(HEADGATE_CMD_COMMIT, [&](AttributeWriter& top) {
        top.nest(HEADGATE_A_TRANSACTION, [&](AttributeWriter& nest) {
            nest.u32(HEADGATE_A_TRANSACTION_GENERATION, generation);
            nest.u32(HEADGATE_A_TRANSACTION_MESSAGES, kServers + 1);
        });
    });
    std::optional<hg::Event> last;
    std::uint32_t servers = 0;
    for (std::uint32_t i = 0; i < kServers + 2; i++) {
        const auto event = listener.event();
        EXPECT_EQ(event.generation, generation + 1);
        if (last) {
            EXPECT_EQ(event.sequence, last->sequence + 1);
            EXPECT_GE(event.time, last->time);
        }
        servers += event.type == HEADGATE_EVENT_SERVER_NEW;
        last = event;
    }
    EXPECT_EQ(servers, kServers);
    EXPECT_EQ(last->type, HEADGATE_EVENT_COMMIT);
    EXPECT_EQ(listener.next(0ms), std::nullopt);
}

TEST_F(Events, tell_a_slow_listener_that_it_lost_some) {
    constexpr std::uint32_t kChanges = 100;
    add_web();
    Listener slow(*place, {EventGroup::Config});
    Listener quick(*place, {EventGroup::Config});
    slow.shrink();
    for (std::uint32_t i = 1; i <= kChanges; i++) {
        set_weight(i);
    }
    std::uint32_t heard = 0;
    auto told = slow.next();
    for (; told && std::holds_alternative<hg::Event>(*told); told = slow.next()) {
        heard++;
    }
    ASSERT_TRUE(told) << "nobody told of the loss";
    EXPECT_LT(heard, kChanges);
    set_weight(kChanges + 1);
    EXPECT_THAT(slow.until("commit"),
                ElementsAre("server_set tcp://10.0.0.1:80 10.1.0.2", "commit"));
    for (std::uint32_t i = 1; i <= kChanges + 1; i++) {
        EXPECT_EQ(std::get<hg::Server>(quick.event().subject).spec.weight, i);
        EXPECT_EQ(quick.event().type, HEADGATE_EVENT_COMMIT);
    }
}

TEST_F(Events, stay_in_their_namespace) {
    const auto other = Place::make("events-other");
    Listener here(*place, {EventGroup::Config, EventGroup::Conn});
    Listener there(other, {EventGroup::Config, EventGroup::Conn});
    add_web();
    EXPECT_THAT(here.until("commit"), ElementsAre("service_new tcp://10.0.0.1:80", "commit"));
    must(Kernel(other)->set_settings({.conn_limit = 3000}));
    EXPECT_THAT(there.until("settings"), ElementsAre("settings"));
}

// Without CAP_NET_ADMIN, in the calling thread alone.
void drop_capabilities() {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, 2> data{};
    must(syscall(SYS_capset, &header, data.data()) == 0
             ? hg::Result<>{}
             : hg::system_error(errno, "drop capabilities"));
}

TEST_F(Events, are_not_for_everybody) {
    for (const auto group : {EventGroup::Config, EventGroup::Conn}) {
        std::string error;
        std::thread([&] {
            const auto inside = place->enter();
            drop_capabilities();
            const auto got = hg::EventSocket::open(std::array{group});
            error = got ? "it was let in" : got.error().text();
        }).join();
        EXPECT_EQ(error, "cannot hear events: no permission: this needs CAP_NET_ADMIN in the "
                         "network namespace (be root)");
    }
}

// As a module older than the tools does.
TEST_F(Events, of_a_group_that_the_module_does_not_have_are_refused) {
    const auto inside = place->enter();
    const auto got = must(hg::Socket::open())->join("weather");
    EXPECT_EQ(got.error().text(), "cannot join the group \"weather\": the module does not have it: "
                                  "it is older than the tools");
}

} // namespace

// Clients that stay with their server: for how long, in what company, and what ends it.
#include "eventually.h"
#include "flow.h"
#include "raw_request.h"
#include "two_wires.h"

#include <algorithm>
#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <map>
#include <set>
#include <thread>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using hg::Address;
using hg::AttributeWriter;
using hg::Family;
using hg::Mode;
using hg::Protocol;
using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

// An entry as it is listed.
struct Entry {
    Address client;
    int prefix = 0;
    Address server;
    std::uint32_t timeout = 0;
    std::uint32_t expires = 0;
    std::uint32_t conns = 0;
};

Entry entry_of(const hg::Attribute& nest) {
    Entry out;
    Family family = Family::V4;
    Family server_family = Family::V4;
    must(hg::for_each_attribute(nest.payload, [&](const hg::Attribute& a) -> hg::Result<> {
        switch (a.type) {
        case HEADGATE_A_AFFINITY_FAMILY:
            family = static_cast<Family>(must(a.u8()));
            break;
        case HEADGATE_A_AFFINITY_CLIENT_ADDRESS:
            out.client = Address::from_bytes(family, a.payload).value();
            break;
        case HEADGATE_A_AFFINITY_CLIENT_PREFIX:
            out.prefix = must(a.u8());
            break;
        case HEADGATE_A_AFFINITY_SERVER_FAMILY:
            server_family = static_cast<Family>(must(a.u8()));
            break;
        case HEADGATE_A_AFFINITY_SERVER_ADDRESS:
            out.server = Address::from_bytes(server_family, a.payload).value();
            break;
        case HEADGATE_A_AFFINITY_TIMEOUT:
            out.timeout = must(a.u32());
            break;
        case HEADGATE_A_AFFINITY_EXPIRES:
            out.expires = must(a.u32());
            break;
        case HEADGATE_A_AFFINITY_CONNS:
            out.conns = must(a.u32());
            break;
        }
        return {};
    }));
    return out;
}

// The answer's attribute of that type; nothing when it has none.
template <class Read> auto find(const hg::Bytes& attributes, int type, Read read) {
    std::optional<decltype(read(hg::Attribute{}))> out;
    must(hg::for_each_attribute(attributes, [&](const hg::Attribute& a) -> hg::Result<> {
        if (a.type == type) {
            out = read(a);
        }
        return {};
    }));
    return out;
}

constexpr std::uint32_t kLong = 600'000; // ms

void everything(AttributeWriter& filter) {
    filter.u32(HEADGATE_A_FILTER_FLAGS, HEADGATE_FILTER_F_ALL);
}

// Three servers in turn, by rr: without affinity each conn goes to the next.
class AffinityTest : public testing::Test {
protected:
    explicit AffinityTest(Family family = Family::V4) : plan(plan_of(family)) {
        const auto inside = lab.inside.enter();
        requests = std::make_unique<RawRequests>();
    }

    void serve(Protocol protocol, std::uint32_t timeout, const Fill& more = nothing,
               Mode mode = Mode::Nat) {
        key = {protocol, {plan.vip, 80}};
        must(lab.director.client().add_service({.key = key, .scheduler = "rr"}));
        set_affinity([&](AttributeWriter& nest) {
            nest.u32(HEADGATE_A_AFFINITY_CONF_TIMEOUT, timeout);
            more(nest);
        });
        for (const auto& server : {plan.server, plan.second, plan.third}) {
            lab.director.add_server(key, {server, 0}, mode);
        }
    }

    static void put_key(AttributeWriter& nest, const hg::ServiceKey& key) {
        nest.u8(HEADGATE_A_SERVICE_FAMILY, static_cast<std::uint8_t>(key.endpoint.address.family()))
            .u8(HEADGATE_A_SERVICE_PROTOCOL, static_cast<std::uint8_t>(key.protocol))
            .bytes(HEADGATE_A_SERVICE_ADDRESS, key.endpoint.address.bytes())
            .u16(HEADGATE_A_SERVICE_PORT, key.endpoint.port);
    }

    [[nodiscard]] Fill affinity(const Fill& fill) const {
        return [this, fill](AttributeWriter& top) {
            top.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& nest) {
                put_key(nest, key);
                nest.nest(HEADGATE_A_SERVICE_AFFINITY, fill);
            });
        };
    }

    [[nodiscard]] Fill of_server(const Address& server, const Fill& more) const {
        return [this, server, more](AttributeWriter& top) {
            top.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& nest) { put_key(nest, key); });
            top.nest(HEADGATE_A_SERVER, [&](AttributeWriter& nest) {
                nest.bytes(HEADGATE_A_SERVER_ADDRESS, server.bytes());
                more(nest);
            });
        };
    }

    void set_affinity(const Fill& fill) {
        EXPECT_EQ(requests->send(HEADGATE_CMD_SET_SERVICE, affinity(fill)), Verdict{});
    }

    void set_limit(std::uint32_t limit) {
        EXPECT_EQ(requests->send(HEADGATE_CMD_SET_SETTINGS,
                                 [&](AttributeWriter& top) {
                                     top.nest(HEADGATE_A_SETTINGS, [&](AttributeWriter& nest) {
                                         nest.u32(HEADGATE_A_SETTINGS_AFFINITY_LIMIT, limit);
                                     });
                                 }),
                  Verdict{});
    }

    void set_server(const Address& server, const hg::ServerChange& change) {
        must(lab.director.client().set_server(key, {server, 80}, change));
    }

    void set_down(const Address& server, bool is_down) {
        constexpr std::uint32_t kCheck = HEADGATE_DOWN_CHECK;
        set_server(server, {.down = hg::MaskedBits{is_down ? kCheck : 0, kCheck}});
    }

    std::vector<Entry> entries(const Fill& filter = nothing) {
        std::vector<Entry> out;
        const auto fill = [&](AttributeWriter& top) { top.nest(HEADGATE_A_FILTER, filter); };
        for (const auto& answer : requests->ask(HEADGATE_CMD_GET_AFFINITY, fill, NLM_F_DUMP)) {
            out.push_back(find(answer, HEADGATE_A_AFFINITY, entry_of).value());
        }
        return out;
    }

    std::uint32_t flush(const Fill& filter) {
        const auto answers = requests->ask(HEADGATE_CMD_FLUSH_AFFINITY, [&](AttributeWriter& top) {
            top.nest(HEADGATE_A_FILTER, filter);
        });
        return find(answers.at(0), HEADGATE_A_FLUSHED,
                    [](const hg::Attribute& a) { return must(a.u32()); })
            .value();
    }

    // A number that INFO has.
    std::uint32_t info(int type) {
        const auto answers = requests->ask(HEADGATE_CMD_GET_INFO, nothing);
        return find(answers.at(0), HEADGATE_A_INFO,
                    [&](const hg::Attribute& nest) {
                        return find({nest.payload.begin(), nest.payload.end()}, type,
                                    [](const hg::Attribute& a) { return must(a.u32()); })
                            .value();
                    })
            .value();
    }

    [[nodiscard]] Flow flow(const Address& client, std::uint16_t port) const {
        return {{client, port}, {plan.vip, 80}, {plan.server, 80}};
    }

    // Which server gets the packet, whatever the mode: by the frame's MAC address.
    Address way_of(const Packet& packet) {
        lab.client.send(packet);
        const auto frame = lab.server.receive_frame();
        if (!frame) {
            return {};
        }
        return frame->to == kServerMac   ? plan.server
               : frame->to == kSecondMac ? plan.second
                                         : plan.third;
    }

    // Of a new UDP conn.
    Address way_of(const Address& client, std::uint16_t port) {
        return way_of(flow(client, port).udp());
    }

    Address way_of(std::uint16_t port) { return way_of(plan.client, port); }

    void end_conns() { must(lab.director.client().kill_conns({.all = true})); }

    const Plan& plan;
    TwoWires& lab = TwoWires::shared();
    std::unique_ptr<RawRequests> requests;
    hg::ServiceKey key;
};

class AffinityOf : public AffinityTest, public testing::WithParamInterface<Family> {
protected:
    AffinityOf() : AffinityTest(GetParam()) {}

    [[nodiscard]] bool is_v4() const { return GetParam() == Family::V4; }

    const Address near = address(is_v4() ? "10.1.0.7" : "fd01::7");
    const Address far = address(is_v4() ? "10.7.0.2" : "fd07::2");
};

TEST_P(AffinityOf, keeps_a_client_on_its_server) {
    serve(Protocol::Udp, kLong);
    for (std::uint16_t port = 4000; port < 4005; port++) {
        EXPECT_EQ(way_of(port), plan.server);
    }
    EXPECT_EQ(way_of(near, 4000), plan.second) << "another client";
    EXPECT_EQ(way_of(near, 4001), plan.second);
    const auto all = entries();
    ASSERT_THAT(all, SizeIs(2));
    const auto& mine = all[0].client == plan.client ? all[0] : all[1];
    EXPECT_EQ(mine.client, plan.client);
    EXPECT_EQ(mine.prefix, is_v4() ? 32 : 128);
    EXPECT_EQ(mine.server, plan.server);
    EXPECT_EQ(mine.timeout, kLong);
    EXPECT_EQ(mine.expires, kLong);
    EXPECT_EQ(mine.conns, 5U);
    EXPECT_EQ(info(HEADGATE_A_INFO_AFFINITIES), 2U);
}

TEST_P(AffinityOf, takes_the_clients_of_a_network_for_one) {
    serve(Protocol::Udp, kLong, [&](AttributeWriter& nest) {
        nest.u8(HEADGATE_A_AFFINITY_CONF_PREFIX, is_v4() ? 24 : 64);
    });
    EXPECT_EQ(way_of(plan.client, 4000), plan.server);
    EXPECT_EQ(way_of(near, 4000), plan.server);
    EXPECT_EQ(way_of(far, 4000), plan.second);
    const auto all = entries([&](AttributeWriter& filter) {
        filter.u8(HEADGATE_A_FILTER_FAMILY, static_cast<std::uint8_t>(GetParam()))
            .bytes(HEADGATE_A_FILTER_CLIENT_ADDRESS, near.bytes());
    });
    ASSERT_THAT(all, SizeIs(1)) << "the network that the client is in";
    EXPECT_EQ(all[0].client, address(is_v4() ? "10.1.0.0" : "fd01::"));
    EXPECT_EQ(all[0].prefix, is_v4() ? 24 : 64);
}

TEST_P(AffinityOf, tells_clients_apart_by_the_last_bit_of_the_prefix) {
    serve(Protocol::Udp, kLong, [&](AttributeWriter& nest) { // .0 to .3
        nest.u8(HEADGATE_A_AFFINITY_CONF_PREFIX, is_v4() ? 30 : 126);
    });
    EXPECT_EQ(way_of(plan.client, 4000), plan.server);
    EXPECT_EQ(way_of(near, 4000), plan.second);
    EXPECT_EQ(way_of(address(is_v4() ? "10.1.0.3" : "fd01::3"), 4000), plan.server);
}

INSTANTIATE_TEST_SUITE_P(Families, AffinityOf, testing::Values(Family::V4, Family::V6),
                         FamilyName{});

class AffinityIn : public AffinityTest, public testing::WithParamInterface<Mode> {};

TEST_P(AffinityIn, every_mode_keeps_a_client_on_its_server) {
    serve(Protocol::Tcp, kLong, nothing, GetParam());
    for (std::uint16_t port = 4000; port < 4004; port++) {
        EXPECT_EQ(way_of(flow(plan.client, port).tcp(kSyn)), plan.server);
    }
}

INSTANTIATE_TEST_SUITE_P(Modes, AffinityIn, testing::Values(Mode::Nat, Mode::Direct, Mode::Tunnel),
                         [](const auto& mode) { return std::string(hg::name(mode.param)); });

TEST_F(AffinityTest, is_of_one_service) {
    serve(Protocol::Udp, kLong);
    EXPECT_EQ(way_of(4000), plan.server);
    EXPECT_EQ(way_of(4001), plan.server);
    const auto first = key;
    serve(Protocol::Tcp, kLong);
    set_down(plan.server, true);
    EXPECT_EQ(way_of(flow(plan.client, 4000).tcp(kSyn)), plan.second);
    EXPECT_EQ(way_of(4002), plan.server);
    must(lab.director.client().del_service(first));
    EXPECT_TRUE(eventually([&] { return info(HEADGATE_A_INFO_AFFINITIES) == 1; }));
    EXPECT_EQ(way_of(flow(plan.client, 4001).tcp(kSyn)), plan.second);
}

TEST_F(AffinityTest, ends_when_the_client_was_away_for_its_time) {
    lab.director.set_timeout(HEADGATE_A_TIMEOUT_UDP, 100ms);
    serve(Protocol::Udp, 300);
    EXPECT_EQ(way_of(4000), plan.server);
    EXPECT_THAT(entries(), SizeIs(1));
    EXPECT_TRUE(eventually([&] { return entries().empty(); }));
    EXPECT_TRUE(eventually([&] { return info(HEADGATE_A_INFO_AFFINITIES) == 0; }))
        << "nobody has to ask";
    EXPECT_EQ(way_of(4001), plan.second);
}

TEST_F(AffinityTest, lasts_while_the_client_has_a_conn) {
    serve(Protocol::Udp, 100);
    EXPECT_EQ(way_of(4000), plan.server);
    EXPECT_TRUE(eventually([&] {
        return lab.director.conn_of({plan.client, 4000}).value().age > 500ms;
    }));
    must(lab.director.client().sweep());
    EXPECT_EQ(way_of(4001), plan.server);
}

TEST_F(AffinityTest, waits_for_a_client_whose_conns_have_ended) {
    serve(Protocol::Udp, kLong);
    EXPECT_EQ(way_of(4000), plan.server);
    end_conns();
    const auto all = entries();
    ASSERT_THAT(all, SizeIs(1));
    EXPECT_EQ(all[0].conns, 0U);
    EXPECT_THAT(all[0].expires, AllOf(Ge(kLong - 60'000), Le(kLong)));
    EXPECT_EQ(way_of(4001), plan.server);
}

TEST_F(AffinityTest, waits_for_a_client_whose_conns_were_killed) {
    serve(Protocol::Tcp, kLong, nothing, Mode::Direct);
    EXPECT_EQ(way_of(flow(plan.client, 4000).tcp(kSyn)), plan.server);
    EXPECT_EQ(way_of(flow(plan.client, 4000).tcp(kAck)), plan.server);
    end_conns();
    EXPECT_TRUE(lab.server.receive()) << "its RST";
    EXPECT_EQ(way_of(flow(plan.client, 4000).tcp(kSyn)), plan.server);
}

// Or who forges addresses would fill the table.
TEST_F(AffinityTest, does_not_wait_for_a_client_that_never_came_through) {
    lab.director.set_timeout(HEADGATE_A_TIMEOUT_TCP_SYN_RECV, 200ms);
    serve(Protocol::Tcp, kLong);
    EXPECT_EQ(way_of(flow(plan.client, 4000).tcp(kSyn)), plan.server);
    EXPECT_THAT(entries(), SizeIs(1));
    EXPECT_TRUE(eventually([&] { return entries().empty(); }));
    EXPECT_EQ(way_of(flow(plan.client, 4001).tcp(kSyn)), plan.second);
}

TEST_F(AffinityTest, takes_another_timeout_with_the_next_conn) {
    serve(Protocol::Udp, kLong);
    EXPECT_EQ(way_of(4000), plan.server);
    set_affinity(
        [](AttributeWriter& nest) { nest.u32(HEADGATE_A_AFFINITY_CONF_TIMEOUT, kLong / 2); });
    EXPECT_EQ(entries().at(0).timeout, kLong);
    EXPECT_EQ(way_of(4001), plan.server);
    EXPECT_EQ(entries().at(0).timeout, kLong / 2);
}

TEST_F(AffinityTest, of_a_server_that_goes_down_is_lost) {
    serve(Protocol::Udp, kLong);
    EXPECT_EQ(way_of(4000), plan.server);
    set_down(plan.server, true);
    EXPECT_EQ(way_of(4001), plan.second);
    set_down(plan.server, false);
    EXPECT_EQ(way_of(4002), plan.second) << "it stays with the other";
}

TEST_F(AffinityTest, of_a_server_that_was_down_is_lost_for_those_who_were_away) {
    serve(Protocol::Udp, kLong);
    EXPECT_EQ(way_of(4000), plan.server);
    set_down(plan.server, true);
    EXPECT_TRUE(eventually([&] { return info(HEADGATE_A_INFO_AFFINITIES) == 0; }));
}

TEST_F(AffinityTest, of_a_server_in_maintenance_is_lost) {
    serve(Protocol::Udp, kLong);
    EXPECT_EQ(way_of(4000), plan.server);
    set_server(plan.server, {.admin_state = hg::AdminState::Maint});
    EXPECT_EQ(way_of(4001), plan.second);
}

TEST_F(AffinityTest, of_a_deleted_server_is_lost) {
    serve(Protocol::Udp, kLong);
    EXPECT_EQ(way_of(4000), plan.server);
    must(lab.director.client().del_server(key, {plan.server, 80}));
    EXPECT_THAT(entries(), IsEmpty());
    EXPECT_TRUE(eventually([&] { return info(HEADGATE_A_INFO_AFFINITIES) == 0; }));
    lab.director.add_server(key, {plan.server, 0}, Mode::Nat);
    EXPECT_EQ(way_of(4001), plan.second) << "the new one is another server";
}

class AffinityDrain : public AffinityTest, public testing::WithParamInterface<hg::ServerChange> {
protected:
    Address way_when(headgate_drained rule) {
        serve(Protocol::Udp, kLong, [&](AttributeWriter& nest) {
            nest.u8(HEADGATE_A_AFFINITY_CONF_DRAINED, static_cast<std::uint8_t>(rule));
        });
        EXPECT_EQ(way_of(4000), plan.server);
        set_server(plan.server, GetParam());
        return way_of(4001);
    }
};

TEST_P(AffinityDrain, keeps_its_clients) {
    EXPECT_EQ(way_when(HEADGATE_DRAINED_KEEP), plan.server);
    EXPECT_EQ(way_of(address("10.1.0.7"), 4000), plan.second) << "no new ones";
    set_affinity([](AttributeWriter& nest) {
        nest.u8(HEADGATE_A_AFFINITY_CONF_DRAINED, HEADGATE_DRAINED_LOSE);
    });
    EXPECT_EQ(way_of(4002), plan.third);
}

TEST_P(AffinityDrain, loses_its_clients) {
    EXPECT_EQ(way_when(HEADGATE_DRAINED_LOSE), plan.second);
    EXPECT_EQ(entries().at(0).server, plan.second);
}

TEST_F(AffinityTest, is_waited_for_by_a_drain) {
    serve(Protocol::Udp, kLong);
    EXPECT_EQ(way_of(4000), plan.server);
    EXPECT_EQ(way_of(address("10.1.0.7"), 4000), plan.second);
    const Fill drain = [](AttributeWriter& nest) {
        nest.nest(HEADGATE_A_SERVER_DRAIN,
                  [](AttributeWriter& how) { how.bytes(HEADGATE_A_DRAIN_REMOVE, {}); });
    };
    end_conns();
    for (const auto& server : {plan.server, plan.third}) {
        EXPECT_EQ(requests->send(HEADGATE_CMD_SET_SERVER, of_server(server, drain)), Verdict{});
    }
    EXPECT_TRUE(eventually([&] { return info(HEADGATE_A_INFO_SERVERS) == 2; }));
    EXPECT_EQ(way_of(4001), plan.server) << "it has a client";
    end_conns();
    EXPECT_EQ(flush(everything), 2U);
    EXPECT_TRUE(eventually([&] { return info(HEADGATE_A_INFO_SERVERS) == 1; }));
}

INSTANTIATE_TEST_SUITE_P(Ways, AffinityDrain,
                         testing::Values(hg::ServerChange{.admin_state = hg::AdminState::Drain},
                                         hg::ServerChange{.weight = 0},
                                         hg::ServerChange{.factor = 0}),
                         [](const auto& way) {
                             return std::string(way.param.admin_state ? "drain"
                                                : way.param.weight    ? "weight"
                                                                      : "factor");
                         });

TEST_F(AffinityTest, of_an_overloaded_server_stays) {
    serve(Protocol::Udp, kLong);
    const Fill upper = [](AttributeWriter& nest) { nest.u32(HEADGATE_A_SERVER_UPPER, 1); };
    EXPECT_EQ(requests->send(HEADGATE_CMD_SET_SERVER, of_server(plan.server, upper)), Verdict{});
    EXPECT_EQ(way_of(4000), plan.server);
    EXPECT_EQ(way_of(address("10.1.0.7"), 4000), plan.second);
    EXPECT_EQ(way_of(4001), plan.server);
}

TEST_F(AffinityTest, outlasts_other_servers_and_schedulers) {
    serve(Protocol::Udp, kLong);
    EXPECT_EQ(way_of(4000), plan.server);
    must(lab.director.client().del_server(key, {plan.third, 80}));
    EXPECT_EQ(way_of(4001), plan.server);
    lab.director.add_server(key, {address("10.2.0.1"), 0}, Mode::Nat); // before it in order
    EXPECT_EQ(way_of(4002), plan.server);
    std::uint16_t port = 4003;
    for (const auto* scheduler : {"wlc", "mh", "sh", "wrr", "lc", "rr"}) {
        must(lab.director.client().set_service(key, {.scheduler = scheduler}));
        EXPECT_EQ(way_of(port++), plan.server) << scheduler;
    }
    EXPECT_EQ(entries().at(0).conns, 9U);
}

TEST_F(AffinityTest, outlasts_a_transaction_that_replaces_the_pool) {
    serve(Protocol::Udp, kLong);
    EXPECT_EQ(way_of(4000), plan.server);
    const auto server = [&](const char* text) { return of_server(address(text), nothing); };
    const auto generation = info(HEADGATE_A_INFO_GENERATION);
    const auto done = [&](int command, const Fill& fill) {
        EXPECT_EQ(requests->send(command, fill), Verdict{});
    };
    done(HEADGATE_CMD_BEGIN, nothing);
    done(HEADGATE_CMD_DEL_SERVER, server("10.2.0.12"));
    done(HEADGATE_CMD_DEL_SERVER, server("10.2.0.13"));
    done(HEADGATE_CMD_NEW_SERVER, server("10.2.0.2"));
    done(HEADGATE_CMD_NEW_SERVER, server("10.2.0.14"));
    done(HEADGATE_CMD_SET_SERVICE, affinity([](AttributeWriter& nest) {
             nest.u32(HEADGATE_A_AFFINITY_CONF_TIMEOUT, kLong / 2);
         }));
    done(HEADGATE_CMD_COMMIT, [&](AttributeWriter& top) {
        top.nest(HEADGATE_A_TRANSACTION, [&](AttributeWriter& nest) {
            nest.u32(HEADGATE_A_TRANSACTION_GENERATION, generation)
                .u32(HEADGATE_A_TRANSACTION_MESSAGES, 5);
        });
    });
    EXPECT_EQ(way_of(4001), plan.server);
    EXPECT_EQ(entries().at(0).timeout, kLong / 2);
}

TEST_F(AffinityTest, begins_and_ends_on_a_running_service) {
    serve(Protocol::Udp, 0);
    EXPECT_EQ(way_of(4000), plan.server);
    EXPECT_EQ(way_of(4001), plan.second);
    EXPECT_THAT(entries(), IsEmpty());
    set_affinity([](AttributeWriter& nest) { nest.u32(HEADGATE_A_AFFINITY_CONF_TIMEOUT, kLong); });
    EXPECT_EQ(way_of(4002), plan.third);
    EXPECT_EQ(way_of(4003), plan.third);
    set_affinity([](AttributeWriter& nest) { nest.u32(HEADGATE_A_AFFINITY_CONF_TIMEOUT, 0); });
    EXPECT_THAT(entries(), IsEmpty());
    EXPECT_TRUE(eventually([&] { return info(HEADGATE_A_INFO_AFFINITIES) == 0; }));
    EXPECT_EQ(way_of(4004), plan.server);
}

TEST_F(AffinityTest, of_another_prefix_begins_anew) {
    serve(Protocol::Udp, kLong);
    EXPECT_EQ(way_of(4000), plan.server);
    set_affinity([](AttributeWriter& nest) { nest.u8(HEADGATE_A_AFFINITY_CONF_PREFIX, 24); });
    EXPECT_THAT(entries(), IsEmpty());
    EXPECT_TRUE(eventually([&] { return info(HEADGATE_A_INFO_AFFINITIES) == 0; }));
    EXPECT_EQ(way_of(4001), plan.second);
    EXPECT_EQ(way_of(address("10.1.0.7"), 4000), plan.second);
}

TEST_F(AffinityTest, has_a_limit_beyond_which_clients_are_scheduled_without) {
    const auto limit = info(HEADGATE_A_INFO_AFFINITY_LIMIT);
    const auto without = lab.director.dropped(HEADGATE_DROP_NO_AFFINITY);
    serve(Protocol::Udp, kLong);
    set_limit(1);
    EXPECT_EQ(info(HEADGATE_A_INFO_AFFINITY_LIMIT), 1U);
    const auto other = address("10.1.0.7");
    EXPECT_EQ(way_of(4000), plan.server);
    EXPECT_EQ(way_of(other, 4000), plan.second);
    EXPECT_EQ(way_of(other, 4001), plan.third);
    EXPECT_EQ(way_of(4001), plan.server);
    EXPECT_EQ(info(HEADGATE_A_INFO_AFFINITIES), 1U);
    EXPECT_EQ(lab.director.dropped(HEADGATE_DROP_NO_AFFINITY), without + 2);
    set_limit(limit);
    EXPECT_EQ(way_of(other, 4002), plan.server);
    EXPECT_EQ(way_of(other, 4003), plan.server);
}

TEST_F(AffinityTest, is_listed_and_flushed_as_the_filter_says) {
    const auto other = address("10.7.0.2");
    serve(Protocol::Udp, kLong);
    EXPECT_EQ(way_of(plan.client, 4000), plan.server);
    EXPECT_EQ(way_of(other, 4000), plan.second);
    const auto of_server = [&](const Address& server) {
        return [&](AttributeWriter& filter) {
            filter.u8(HEADGATE_A_FILTER_SERVER_FAMILY, AF_INET)
                .bytes(HEADGATE_A_FILTER_SERVER_ADDRESS, server.bytes());
        };
    };
    const auto of_port = [](std::uint16_t port) {
        return [=](AttributeWriter& filter) { filter.u16(HEADGATE_A_FILTER_SERVICE_PORT, port); };
    };
    const auto of_network = [](AttributeWriter& filter) {
        filter.u8(HEADGATE_A_FILTER_FAMILY, AF_INET);
        address4(filter, HEADGATE_A_FILTER_CLIENT_ADDRESS, {10, 7, 0, 0});
        filter.u8(HEADGATE_A_FILTER_CLIENT_PREFIX, 16);
    };
    EXPECT_THAT(entries(of_port(80)), SizeIs(2));
    EXPECT_THAT(entries(of_port(81)), IsEmpty());
    EXPECT_THAT(entries(of_server(plan.third)), IsEmpty());
    ASSERT_THAT(entries(of_server(plan.second)), SizeIs(1));
    ASSERT_THAT(entries(of_network), SizeIs(1));
    EXPECT_EQ(entries(of_network).at(0).client, other);

    EXPECT_EQ(flush(of_server(plan.third)), 0U);
    EXPECT_EQ(flush(of_network), 1U);
    ASSERT_THAT(entries(), SizeIs(1));
    EXPECT_EQ(way_of(other, 4000), plan.second) << "conns go on";
    EXPECT_EQ(way_of(other, 4001), plan.third) << "scheduled anew";
    EXPECT_EQ(flush(everything), 2U);
    EXPECT_EQ(info(HEADGATE_A_INFO_AFFINITIES), 0U);
}

// More than a datagram of the dump holds, and enough for the table to grow.
TEST_F(AffinityTest, is_listed_whole) {
    serve(Protocol::Udp, kLong);
    constexpr int kMany = 400;
    for (int i = 0; i < kMany; i++) {
        way_of(address("10.7." + std::to_string(i / 200) + "." + std::to_string(i % 200 + 1)),
               4000);
    }
    EXPECT_TRUE(eventually([&] { return entries().size() == kMany; }));
}

// Each client's two conns come in at once on two CPUs, which both find that it has no server.
TEST_F(AffinityTest, is_one_for_two_cpus) {
    serve(Protocol::Udp, kLong);
    Wire second(lab.cables, "clients", kClientMac, kClientsMac);
    constexpr int kClients = 200;
    const auto send = [&](Wire& wire, std::uint16_t port) {
        for (int i = 1; i <= kClients; i++) {
            wire.send(flow(address("10.7.0." + std::to_string(i)), port).udp());
        }
    };
    std::thread other(send, std::ref(second), 4001);
    send(lab.client, 4000);
    other.join();
    std::map<Address, std::set<Address>> servers;
    std::size_t conns = 0;
    for (const auto& conn : lab.director.conns()) {
        servers[conn.client.address].insert(conn.server.address);
        conns++;
    }
    EXPECT_EQ(conns, 2U * kClients);
    EXPECT_EQ(servers.size(), std::size_t{kClients});
    EXPECT_TRUE(std::all_of(servers.begin(), servers.end(),
                            [](const auto& of) { return of.second.size() == 1; }));
}

} // namespace

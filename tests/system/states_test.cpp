// What services and servers are told beyond weights: timeouts of their own, thresholds, drains,
// slow start, managed values, and what becomes of the conns of a server that goes down.
#include "eventually.h"
#include "flow.h"
#include "raw_request.h"
#include "two_wires.h"

#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <map>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using hg::AttributeWriter;
using hg::Mode;
using hg::Protocol;
using testing::AllOf;
using testing::Ge;
using testing::Gt;
using testing::Le;

class States : public testing::Test {
protected:
    States() {
        const auto inside = lab.inside.enter();
        requests = std::make_unique<RawRequests>();
        socket = must(hg::Socket::open());
    }

    static void put_service(AttributeWriter& nest, const hg::ServiceKey& key) {
        nest.u8(HEADGATE_A_SERVICE_FAMILY, AF_INET)
            .u8(HEADGATE_A_SERVICE_PROTOCOL, static_cast<std::uint8_t>(key.protocol))
            .bytes(HEADGATE_A_SERVICE_ADDRESS, key.endpoint.address.bytes())
            .u16(HEADGATE_A_SERVICE_PORT, key.endpoint.port);
    }

    void of_service(int command, const hg::ServiceKey& key, const Fill& more) {
        const auto verdict = requests->send(command, [&](AttributeWriter& top) {
            top.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& nest) {
                put_service(nest, key);
                more(nest);
            });
        });
        EXPECT_EQ(verdict, Verdict{});
    }

    static Fill of_server(const hg::ServiceKey& key, const hg::Address& server, const Fill& more) {
        return [&key, &server, &more](AttributeWriter& top) {
            top.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& nest) { put_service(nest, key); });
            top.nest(HEADGATE_A_SERVER, [&](AttributeWriter& nest) {
                nest.bytes(HEADGATE_A_SERVER_ADDRESS, server.bytes());
                more(nest);
            });
        };
    }

    hg::ServiceKey add_service(Protocol protocol, const std::string& scheduler,
                               const Fill& more = nothing, std::uint16_t port = 80) {
        const hg::ServiceKey key{protocol, {plan.vip, port}};
        of_service(HEADGATE_CMD_NEW_SERVICE, key, [&](AttributeWriter& nest) {
            nest.text(HEADGATE_A_SERVICE_SCHEDULER, scheduler);
            more(nest);
        });
        return key;
    }

    void add_server(const hg::ServiceKey& key, const hg::Address& server,
                    const Fill& more = nothing) {
        EXPECT_EQ(requests->send(HEADGATE_CMD_NEW_SERVER, of_server(key, server, more)), Verdict{});
    }

    void set_server(const hg::ServiceKey& key, const hg::Address& server, const Fill& more) {
        EXPECT_EQ(requests->send(HEADGATE_CMD_SET_SERVER, of_server(key, server, more)), Verdict{});
    }

    void drain(const hg::ServiceKey& key, const Fill& how) {
        set_server(key, plan.server,
                   [&](AttributeWriter& nest) { nest.nest(HEADGATE_A_SERVER_DRAIN, how); });
    }

    void set_down(const hg::ServiceKey& key) {
        set_server(key, plan.server, [](AttributeWriter& nest) {
            nest.bitfield32(HEADGATE_A_SERVER_DOWN, HEADGATE_DOWN_CHECK, HEADGATE_DOWN_CHECK);
        });
    }

    // The server's attributes as numbers, by type; empty when there is no such server.
    std::map<int, std::uint32_t> numbers(const hg::ServiceKey& key, const hg::Address& server) {
        AttributeWriter attributes;
        of_server(key, server, nothing)(attributes);
        const auto request = hg::make_message({.type = socket->family(),
                                               .flags = NLM_F_REQUEST,
                                               .command = HEADGATE_CMD_GET_SERVER,
                                               .version = HEADGATE_GENL_VERSION},
                                              std::move(attributes).take());
        must(socket->send(request));
        const auto datagram = must(socket->receive());
        const auto messages = must(hg::split_datagram(datagram));
        std::map<int, std::uint32_t> out;
        if (messages.front().type == NLMSG_ERROR) {
            return out;
        }
        const auto answer = must(hg::read_generic(messages.front()));
        must(hg::for_each_attribute(answer.attributes, [&](const hg::Attribute& a) -> hg::Result<> {
            return a.type == HEADGATE_A_SERVER
                       ? hg::for_each_attribute(
                             a.payload,
                             [&](const hg::Attribute& inner) -> hg::Result<> {
                                 std::uint32_t value = 0;
                                 std::memcpy(&value, inner.payload.data(),
                                             std::min(sizeof(value), inner.payload.size()));
                                 out[inner.type] = value;
                                 return {};
                             })
                       : hg::Result<>{};
        }));
        return out;
    }

    std::uint32_t number(const hg::ServiceKey& key, const hg::Address& server, int type) {
        const auto all = numbers(key, server);
        const auto found = all.find(type);
        return found == all.end() ? 0 : found->second;
    }

    [[nodiscard]] Flow flow(std::uint16_t port, std::uint16_t service_port = 80) const {
        return {{plan.client, port}, {plan.vip, service_port}, {plan.server, service_port}};
    }

    // Where the packet of a client goes; nothing when it goes nowhere.
    std::optional<hg::Address> way_of(const Packet& packet) {
        lab.client.send(packet);
        const auto got = lab.server.receive();
        return got ? std::optional(got->dst) : std::nullopt;
    }

    // How many of that many new UDP conns the third server gets.
    int share_of_third(std::uint16_t first_port, int conns) {
        int out = 0;
        for (int i = 0; i < conns; i++) {
            out += way_of(flow(static_cast<std::uint16_t>(first_port + i)).udp()) == plan.third;
        }
        return out;
    }

    void end(const Flow& conn) {
        EXPECT_EQ(must(lab.director.client().kill_conns({.client = conn.client})), 1U);
    }

    const Plan& plan = plan_of(hg::Family::V4);
    TwoWires& lab = TwoWires::shared();
    std::unique_ptr<RawRequests> requests;
    std::unique_ptr<hg::Socket> socket;
};

TEST_F(States, a_service_has_timeouts_of_its_own) {
    const auto quick = add_service(Protocol::Udp, "rr", [](AttributeWriter& nest) {
        nest.nest(HEADGATE_A_SERVICE_TIMEOUTS,
                  [](AttributeWriter& timeouts) { timeouts.u32(HEADGATE_A_TIMEOUT_UDP, 300); });
    });
    const auto usual = add_service(Protocol::Udp, "rr", nothing, 81);
    add_server(quick, plan.server);
    add_server(usual, plan.server);
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server);
    EXPECT_EQ(way_of(flow(4001, 81).udp()), plan.server);
    EXPECT_EQ(lab.director.conn_of(flow(4000).client).value().timeout, 300ms);
    EXPECT_EQ(lab.director.conn_of(flow(4001).client).value().timeout, 300s);
    EXPECT_TRUE(eventually([&] { return !lab.director.conn_of(flow(4000).client); }));
    EXPECT_TRUE(lab.director.conn_of(flow(4001).client));
}

TEST_F(States, a_server_with_too_many_conns_takes_no_more_until_few_are_left) {
    const auto key = add_service(Protocol::Udp, "rr");
    add_server(key, plan.server, [](AttributeWriter& nest) {
        nest.u32(HEADGATE_A_SERVER_UPPER, 3).u32(HEADGATE_A_SERVER_LOWER, 2);
    });
    const auto overloaded = [&] {
        return number(key, plan.server, HEADGATE_A_SERVER_STATUS) & HEADGATE_STATUS_OVERLOADED;
    };
    for (std::uint16_t port = 4000; port < 4003; port++) {
        EXPECT_EQ(overloaded(), 0U);
        EXPECT_EQ(way_of(flow(port).udp()), plan.server);
    }
    EXPECT_NE(overloaded(), 0U);
    EXPECT_EQ(number(key, plan.server, HEADGATE_A_SERVER_EFFECTIVE_WEIGHT), 0U);
    const auto refused = lab.director.dropped(HEADGATE_DROP_NO_SERVER);
    lab.client.send(flow(4003).udp());
    EXPECT_TRUE(
        eventually([&] { return lab.director.dropped(HEADGATE_DROP_NO_SERVER) > refused; }));
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server) << "those it has go on";
    end(flow(4000));
    EXPECT_NE(overloaded(), 0U) << "two are not fewer than two";
    end(flow(4001));
    EXPECT_TRUE(eventually([&] { return overloaded() == 0; }));
    EXPECT_EQ(way_of(flow(4004).udp()), plan.server);
}

TEST_F(States, a_drain_is_over_with_the_last_conn) {
    const auto key = add_service(Protocol::Udp, "rr");
    add_server(key, plan.server);
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server);
    drain(key, nothing);
    add_server(key, plan.third);
    EXPECT_EQ(way_of(flow(4001).udp()), plan.third) << "no new conns";
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server) << "the old one lives";
    EXPECT_EQ(number(key, plan.server, HEADGATE_A_SERVER_STATUS), 0U);
    end(flow(4000));
    EXPECT_TRUE(eventually([&] {
        return number(key, plan.server, HEADGATE_A_SERVER_STATUS) == HEADGATE_STATUS_DRAINED;
    }));
    set_server(key, plan.server, [](AttributeWriter& nest) {
        nest.u8(HEADGATE_A_SERVER_ADMIN_STATE, HEADGATE_ADMIN_READY);
    });
    EXPECT_EQ(number(key, plan.server, HEADGATE_A_SERVER_STATUS), 0U);
}

TEST_F(States, a_deadline_keeps_the_conns) {
    const auto key = add_service(Protocol::Udp, "rr");
    add_server(key, plan.server);
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server);
    drain(key, [](AttributeWriter& nest) { nest.u32(HEADGATE_A_DRAIN_DEADLINE, 100); });
    EXPECT_TRUE(eventually([&] {
        return number(key, plan.server, HEADGATE_A_SERVER_STATUS) == HEADGATE_STATUS_DRAINED;
    }));
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server);
}

TEST_F(States, a_deadline_resets_the_conns) {
    const auto key = add_service(Protocol::Tcp, "rr");
    add_server(key, plan.server);
    const auto tcp = flow(4000);
    EXPECT_EQ(way_of(tcp.tcp(kSyn)), plan.server);
    lab.server.send(tcp.tcp_reply(kSyn | kAck));
    EXPECT_TRUE(lab.client.receive());
    EXPECT_EQ(way_of(tcp.tcp(kAck)), plan.server);
    drain(key, [](AttributeWriter& nest) {
        nest.u32(HEADGATE_A_DRAIN_DEADLINE, 100).u8(HEADGATE_A_DRAIN_THEN, HEADGATE_THEN_RESET);
    });
    for (auto* const wire : {&lab.client, &lab.server}) {
        const auto reset = wire->receive();
        ASSERT_TRUE(reset);
        EXPECT_NE(std::get<Tcp>(reset->transport).flags & kRst, 0);
    }
}

TEST_F(States, a_drain_removes_the_server) {
    const auto key = add_service(Protocol::Udp, "rr");
    add_server(key, plan.server);
    add_server(key, plan.third);
    drain(key, [](AttributeWriter& nest) { nest.bytes(HEADGATE_A_DRAIN_REMOVE, {}); });
    EXPECT_TRUE(eventually([&] { return numbers(key, plan.server).empty(); }));
    EXPECT_FALSE(numbers(key, plan.third).empty());
}

class SlowStart : public States, public testing::WithParamInterface<const char*> {
protected:
    hg::ServiceKey add(std::uint32_t window) {
        return add_service(Protocol::Udp, GetParam(), [&](AttributeWriter& nest) {
            nest.u32(HEADGATE_A_SERVICE_SLOW_START, window)
                .bitfield32(HEADGATE_A_SERVICE_FLAGS, HEADGATE_SERVICE_F_HASH_PORT,
                            HEADGATE_SERVICE_F_HASH_PORT);
        });
    }
};

TEST_P(SlowStart, gives_a_newcomer_a_small_share_first) {
    const auto key = add(600'000);
    add_server(key, plan.server);
    EXPECT_EQ(number(key, plan.server, HEADGATE_A_SERVER_RAMP), 1000U) << "nobody is beside it";
    add_server(key, plan.third);
    EXPECT_THAT(number(key, plan.third, HEADGATE_A_SERVER_RAMP), AllOf(Ge(1U), Le(10U)));
    EXPECT_THAT(share_of_third(4000, 60), Le(20)); // mh: an eighth of the share, by chance more
    of_service(HEADGATE_CMD_SET_SERVICE, key,
               [](AttributeWriter& nest) { nest.u32(HEADGATE_A_SERVICE_SLOW_START, 0); });
    EXPECT_TRUE(
        eventually([&] { return number(key, plan.third, HEADGATE_A_SERVER_RAMP) == 1000; }));
    EXPECT_THAT(share_of_third(5000, 60), Ge(12));
}

TEST_P(SlowStart, grows_to_the_full_share) {
    const auto key = add(3000);
    add_server(key, plan.server);
    add_server(key, plan.third);
    std::vector<std::uint32_t> ramps;
    EXPECT_TRUE(eventually([&] {
        const auto ramp = number(key, plan.third, HEADGATE_A_SERVER_RAMP);
        if (ramps.empty() || ramps.back() != ramp) {
            ramps.push_back(ramp);
        }
        return ramp == 1000;
    }));
    EXPECT_TRUE(std::is_sorted(ramps.begin(), ramps.end()));
    EXPECT_THAT(ramps.size(), Gt(2U));
}

INSTANTIATE_TEST_SUITE_P(Schedulers, SlowStart, testing::Values("wrr", "wlc", "mh"),
                         [](const auto& scheduler) { return std::string(scheduler.param); });

TEST_F(States, the_admin_overrides_what_is_managed) {
    const auto key = add_service(Protocol::Udp, "rr");
    const auto weight = [](std::uint32_t value, bool managed) {
        return [=](AttributeWriter& nest) {
            nest.u32(HEADGATE_A_SERVER_WEIGHT, value);
            if (managed) {
                nest.bytes(HEADGATE_A_SERVER_MANAGED, {});
            }
        };
    };
    const auto expect = [&](std::uint32_t now, std::uint32_t managed, std::uint32_t overrides) {
        const auto all = numbers(key, plan.server);
        EXPECT_EQ(all.at(HEADGATE_A_SERVER_WEIGHT), now);
        EXPECT_EQ(all.at(HEADGATE_A_SERVER_MANAGED_WEIGHT), managed);
        EXPECT_EQ(all.at(HEADGATE_A_SERVER_OVERRIDES), overrides);
    };
    add_server(key, plan.server, weight(5, true));
    expect(5, 5, 0);
    set_server(key, plan.server, weight(9, false));
    expect(9, 5, HEADGATE_OVERRIDE_WEIGHT);
    set_server(key, plan.server, weight(6, true));
    expect(9, 6, HEADGATE_OVERRIDE_WEIGHT);
    set_server(key, plan.server, [](AttributeWriter& nest) {
        nest.u8(HEADGATE_A_SERVER_ADMIN_STATE, HEADGATE_ADMIN_MAINT)
            .bitfield32(HEADGATE_A_SERVER_DOWN, HEADGATE_DOWN_ADMIN | HEADGATE_DOWN_CHECK,
                        HEADGATE_DOWN_ALL);
    });
    expect(9, 6, HEADGATE_OVERRIDE_WEIGHT | HEADGATE_OVERRIDE_STATE);
    EXPECT_EQ(requests->send(HEADGATE_CMD_RESET_SERVER, of_server(key, plan.server, nothing)),
              Verdict{});
    expect(6, 6, 0);
    EXPECT_EQ(number(key, plan.server, HEADGATE_A_SERVER_ADMIN_STATE),
              std::uint32_t{HEADGATE_ADMIN_READY});
    EXPECT_EQ(number(key, plan.server, HEADGATE_A_SERVER_DOWN), std::uint32_t{HEADGATE_DOWN_CHECK})
        << "the check's own";
}

class OnDown : public States {
protected:
    // A service with a server that will go down, and its conns; then there is another server.
    hg::ServiceKey add(Protocol protocol, headgate_on_down rule) {
        const auto key = add_service(protocol, "rr", [&](AttributeWriter& nest) {
            nest.u8(HEADGATE_A_SERVICE_ON_DOWN, static_cast<std::uint8_t>(rule));
        });
        add_server(key, plan.server);
        return key;
    }

    void lose(const hg::ServiceKey& key) {
        add_server(key, plan.third);
        set_down(key);
    }

    void establish(const Flow& tcp) {
        EXPECT_EQ(way_of(tcp.tcp(kSyn)), plan.server);
        lab.server.send(tcp.tcp_reply(kSyn | kAck));
        EXPECT_TRUE(lab.client.receive());
        EXPECT_EQ(way_of(tcp.tcp(kAck)), plan.server);
    }
};

TEST_F(OnDown, keep_lets_conns_go_on) {
    const auto tcp = add(Protocol::Tcp, HEADGATE_ON_DOWN_KEEP);
    const auto udp = add(Protocol::Udp, HEADGATE_ON_DOWN_KEEP);
    establish(flow(4000));
    EXPECT_EQ(way_of(flow(4001).udp()), plan.server);
    lose(tcp);
    lose(udp);
    EXPECT_EQ(way_of(flow(4000).tcp(kAck | kPsh)), plan.server);
    EXPECT_EQ(way_of(flow(4001).udp()), plan.server);
    EXPECT_EQ(way_of(flow(4002).udp()), plan.third);
}

TEST_F(OnDown, reset_kills_tcp_conns) {
    const auto key = add(Protocol::Tcp, HEADGATE_ON_DOWN_RESET);
    establish(flow(4000));
    lose(key);
    for (auto* const wire : {&lab.client, &lab.server}) {
        const auto reset = wire->receive();
        ASSERT_TRUE(reset);
        EXPECT_NE(std::get<Tcp>(reset->transport).flags & kRst, 0);
    }
}

TEST_F(OnDown, reset_ends_udp_conns) {
    const auto key = add(Protocol::Udp, HEADGATE_ON_DOWN_RESET);
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server);
    lose(key);
    EXPECT_TRUE(eventually([&] { return !lab.director.conn_of(flow(4000).client); }));
    EXPECT_EQ(way_of(flow(4000).udp()), plan.third);
}

TEST_F(OnDown, reschedule_opens_udp_and_half_open_conns_anew) {
    const auto tcp = add(Protocol::Tcp, HEADGATE_ON_DOWN_RESCHEDULE);
    const auto udp = add(Protocol::Udp, HEADGATE_ON_DOWN_RESCHEDULE);
    establish(flow(4000));
    EXPECT_EQ(way_of(flow(4001).tcp(kSyn)), plan.server);
    EXPECT_EQ(way_of(flow(4002).udp()), plan.server);
    lose(tcp);
    lose(udp);
    EXPECT_EQ(way_of(flow(4002).udp()), plan.third);
    EXPECT_EQ(way_of(flow(4001).tcp(kSyn)), plan.third);
    EXPECT_EQ(way_of(flow(4000).tcp(kAck | kPsh)), plan.server) << "it is established";
}

TEST_F(OnDown, a_deleted_server_is_down_too) {
    const auto key = add(Protocol::Udp, HEADGATE_ON_DOWN_RESCHEDULE);
    EXPECT_EQ(way_of(flow(4000).udp()), plan.server);
    add_server(key, plan.third);
    EXPECT_EQ(requests->send(HEADGATE_CMD_DEL_SERVER, of_server(key, plan.server, nothing)),
              Verdict{});
    EXPECT_EQ(way_of(flow(4000).udp()), plan.third);
}

} // namespace

// A service of three servers in turn, whose clients stay with theirs.
#pragma once

#include "flow.h"
#include "two_wires.h"

#include <gtest/gtest.h>

namespace hg::test {

inline constexpr std::chrono::minutes kLong{10};

class AffinityTest : public testing::Test {
protected:
    explicit AffinityTest(Family family = Family::V4) : plan(plan_of(family)) {}

    void serve(Protocol protocol, const AffinitySpec& affinity, Mode mode = Mode::Nat) {
        key = {protocol, {plan.vip, 80}};
        must(client().add_service({.key = key, .scheduler = "rr", .affinity = affinity}));
        for (const auto& server : {plan.server, plan.second, plan.third}) {
            lab.director.add_server(key, {server, 0}, mode);
        }
    }

    void set_affinity(const AffinityChange& change) {
        must(client().set_service(key, {.affinity = change}));
    }

    void set_server(const Address& server, const ServerChange& change) {
        must(client().set_server(key, {server, 80}, change));
    }

    void set_down(const Address& server, bool is_down) {
        constexpr std::uint32_t kCheck = HEADGATE_DOWN_CHECK;
        set_server(server, {.down = MaskedBits{is_down ? kCheck : 0, kCheck}});
    }

    std::vector<Affinity> entries(const ConnFilter& filter = {}) {
        std::vector<Affinity> out;
        must(client().list_affinities(filter, [&](const Affinity& entry) {
            out.push_back(entry);
            return Client::Next::Go;
        }));
        return out;
    }

    std::uint32_t flush(const ConnFilter& filter) {
        return must(client().flush_affinities(filter));
    }

    Info info() { return must(client().info()); }

    Client& client() { return lab.director.client(); }

    [[nodiscard]] Flow flow(const Address& client, std::uint16_t port) const {
        return {{client, port}, {plan.vip, 80}, {plan.server, 80}};
    }

    // Which server gets the packet.
    Address way_of(const Packet& packet) {
        lab.client.send(packet);
        return server_of(plan, lab.server.receive_frame()).value_or(Address{});
    }

    // Of a new UDP conn.
    Address way_of(const Address& client, std::uint16_t port) {
        return way_of(flow(client, port).udp());
    }

    Address way_of(std::uint16_t port) { return way_of(plan.client, port); }

    void end_conns() { must(client().kill_conns({.all = true})); }

    const Plan& plan;
    TwoWires& lab = TwoWires::shared();
    ServiceKey key;
};

} // namespace hg::test

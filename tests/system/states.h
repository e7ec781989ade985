// A director between two cables whose services and servers are told, by raw requests, all that the
// module understands.
#pragma once

#include "flow.h"
#include "raw_request.h"
#include "two_wires.h"

#include <gtest/gtest.h>
#include <map>
#include <memory>

namespace hg::test {

class States : public testing::Test {
protected:
    States();

    void of_service(int command, const ServiceKey& key, const Fill& more);
    // The server of that address, with the service's port.
    void of_server(int command, const ServiceKey& key, const Address& server,
                   const Fill& more = nothing);

    ServiceKey add_service(Protocol protocol, const std::string& scheduler,
                           const Fill& more = nothing, std::uint16_t port = 80);

    void add_server(const ServiceKey& key, const Address& server, const Fill& more = nothing) {
        of_server(HEADGATE_CMD_NEW_SERVER, key, server, more);
    }

    void set_server(const ServiceKey& key, const Address& server, const Fill& more) {
        of_server(HEADGATE_CMD_SET_SERVER, key, server, more);
    }

    // Those of a server's owners that BITS names: it is down by them, or not.
    void set_down(const ServiceKey& key, const Address& server, std::uint32_t bits, bool is_down);

    // The server's attributes as numbers, by type; empty when there is no such server.
    std::map<int, std::uint32_t> numbers(const ServiceKey& key, const Address& server);
    std::uint32_t number(const ServiceKey& key, const Address& server, int type);

    [[nodiscard]] Flow flow(std::uint16_t port, std::uint16_t service_port = 80) const {
        return {{plan.client, port}, {plan.vip, service_port}, {plan.server, service_port}};
    }

    // Where the packet of a client goes; nothing when it goes nowhere.
    std::optional<Address> way_of(const Packet& packet);
    // How many of that many new UDP conns the third server gets.
    int share_of_third(std::uint16_t first_port, int conns);

    const Plan& plan = plan_of(Family::V4);
    TwoWires& lab = TwoWires::shared();
    std::unique_ptr<RawRequests> requests;
    std::unique_ptr<Socket> socket;
};

} // namespace hg::test

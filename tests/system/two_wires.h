// A director between two cables; clients and servers are the tests themselves.
//
//   the client                     director                      the servers
//   10.1.0.2  ----- clients ---- 10.1.0.1  10.2.0.1 ---- servers ----- 10.2.0.11, .12, .13
//   fd01::2                      fd01::1   fd02::1                     fd02::11, ::12, ::13
//                                                                      (the path to .12 takes 1300)
//                                VIPs on clients:       10.3.0.0/24, fd03::/64
//                                10.1.0.100, .101       by way of 10.2.0.254, fd02::254
//                                fd01::100, ::101
//
// Nobody answers ARP or neighbour discovery: the director knows everybody's MAC address.
#pragma once

#include "director.h"
#include "flow.h"
#include "namespace.h"
#include "wire.h"

namespace hg::test {

struct Plan {
    Address client;
    Address director;        // on the clients' side
    Address director_inside; // on the servers' side
    Address vip;
    Address other_vip;
    Address server;
    Address second; // the path to it takes 1300 bytes
    Address third;
    Address remote; // behind the gateway
    Address gateway;
    Address nowhere; // no route leads there
};

const Plan& plan_of(Family family);

// Which of the plan's three servers gets a frame, whatever the mode: by its MAC address.
std::optional<Address> server_of(const Plan& plan, const std::optional<Frame>& frame);

inline constexpr Mac kClientMac{2, 0, 0, 0, 1, 2};
inline constexpr Mac kClientsMac{2, 0, 0, 0, 1, 1}; // the director's
inline constexpr Mac kServersMac{2, 0, 0, 0, 2, 1}; // the director's
inline constexpr Mac kServerMac{2, 0, 0, 0, 2, 0x11};
inline constexpr Mac kSecondMac{2, 0, 0, 0, 2, 0x12};
inline constexpr Mac kThirdMac{2, 0, 0, 0, 2, 0x13};
inline constexpr Mac kGatewayMac{2, 0, 0, 0, 2, 0xfe};

class TwoWires {
public:
    explicit TwoWires(Namespace director_s = Namespace());

    // One that many tests use one after the other: nothing is configured, and nothing under way.
    static TwoWires& shared();

    Namespace cables;
    Namespace inside; // the director's
    Director director;
    Wire client;
    Wire server; // all of them: one cable

    void reset();

    // Opens a TCP conn by NAT; false when a packet of the three does not come through.
    bool establish(const Flow& flow);

    // Ends the director's namespace while the cables are still there.
    void abandon();

private:
    static const Namespace& connect(const Namespace& inside, const Namespace& cables);
};

// The name of a test with the family as its parameter.
struct FamilyName {
    template <class Info> std::string operator()(const Info& info) const {
        return std::string(name(info.param));
    }
};

} // namespace hg::test

// The four ways to put IP into IP.
#pragma once

#include "flow.h"
#include "two_wires.h"

namespace hg::test {

struct Nesting {
    Family inner = Family::V4;
    Family outer = Family::V4;
};

inline constexpr Nesting kNestings[] = {{Family::V4, Family::V4},
                                        {Family::V4, Family::V6},
                                        {Family::V6, Family::V4},
                                        {Family::V6, Family::V6}};

struct NestingName {
    template <class Info> std::string operator()(const Info& info) const {
        return std::string(name(info.param.inner)) + "_in_" + std::string(name(info.param.outer));
    }
};

constexpr std::uint32_t overhead(Family outer) { return outer == Family::V4 ? 20 : 40; }

// The packet that carries one: from the director, which is a hop on the inner one's way.
inline Packet tunnelled(const Packet& inner, const Address& server) {
    const auto& plan = plan_of(server.family());
    Packet out;
    out.src = plan.director_inside;
    out.dst = server;
    out.tos = inner.tos;
    out.transport = Other{
        static_cast<std::uint8_t>(inner.src.family() == Family::V4 ? IPPROTO_IPIP : IPPROTO_IPV6)};
    out.payload = bytes_of(hop(inner));
    return out;
}

// What a server of that mode gets of the flow's packet.
inline Packet forwarded(const Flow& flow, Mode mode, const Packet& sent) {
    switch (mode) {
    case Mode::Nat:
        return flow.at_server(sent);
    case Mode::Tunnel:
        return tunnelled(sent, flow.server.address);
    default:
        return hop(sent);
    }
}

} // namespace hg::test

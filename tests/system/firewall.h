// A director's firewall that lets through no more than it must (docs/architecture.md).
#pragma once

#include "two_wires.h"

namespace hg::test {

inline constexpr const char* kFirewall = R"(
flush ruleset
table inet firewall {
    chain input {
        type filter hook input priority filter; policy drop;
        ct state established,related,untracked accept
        ct state invalid drop
        iif lo accept
        tcp dport 80 ct state new accept
        udp dport 80 ct state new accept
    }
    chain forward {
        type filter hook forward priority filter; policy drop;
        ct state established,related,untracked accept
        ct state invalid drop
    }
}
)";

// A director behind it, which no other tests have: conntrack has come to stay there.
inline TwoWires& behind_firewall() {
    static TwoWires one;
    one.reset();
    one.inside.nft(kFirewall);
    return one;
}

} // namespace hg::test

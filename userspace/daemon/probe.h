// One try of a health check.
#pragma once

#include "health_check.h"

#include <boost/asio/awaitable.hpp>

namespace hg::daemon {

// Where to, and by what way.
struct ProbeTarget {
    Endpoint server; // the check's port already in it

    // The way of a client's packet: to the VIP, with the mark that picks the server.
    struct Through {
        Endpoint vip;
        std::uint32_t mark = 0;

        bool operator==(const Through&) const = default;
    };

    std::optional<Through> through = {};

    // Whom to connect to.
    [[nodiscard]] const Endpoint& peer() const { return through ? through->vip : server; }

    bool operator==(const ProbeTarget&) const = default;
};

struct ProbeResult {
    bool ok = false;
    // For people and JSON: printable UTF-8, up to 200 bytes, what came and what was to come:
    // "HTTP 503, wanted 200-399", "connection refused", "no answer in 1s".
    std::string reason;

    bool operator==(const ProbeResult&) const = default;
};

// Ends within check.timeout, and when it is cancelled (then the result means nothing). What the
// machine itself lacks (files, ports, memory) is a failure whose reason says so.
[[nodiscard]] boost::asio::awaitable<ProbeResult> probe(HealthCheck check, ProbeTarget target);

} // namespace hg::daemon

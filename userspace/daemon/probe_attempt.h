// One try under way, and the kinds of it. probe() sets the time; the kinds end when they are
// cancelled and may throw what Asio throws then.
#pragma once

#include "outcome.h"
#include "probe.h"

#include <memory>
#include <string_view>

namespace hg::daemon {

struct Attempt {
    const HealthCheck& check;
    const ProbeTarget& target;
    std::string_view step = "starting"; // for "no answer in 1s: connecting"
    bool silence_is_good = false;
    std::shared_ptr<void> turn = {}; // of a program: its place among those that may run
};

[[nodiscard]] inline ProbeResult good(std::string reason) {
    return {.ok = true, .reason = std::move(reason)};
}

[[nodiscard]] inline ProbeResult bad(std::string reason) {
    return {.ok = false, .reason = std::move(reason)};
}

using Probing = boost::asio::awaitable<ProbeResult>;

[[nodiscard]] Probing probe_kind(const TcpCheck& check, Attempt& attempt);
[[nodiscard]] Probing probe_kind(const HttpCheck& check, Attempt& attempt);
[[nodiscard]] Probing probe_kind(const DnsCheck& check, Attempt& attempt);
[[nodiscard]] Probing probe_kind(const SmtpCheck& check, Attempt& attempt);
[[nodiscard]] Probing probe_kind(const FtpCheck& check, Attempt& attempt);
[[nodiscard]] Probing probe_kind(const UdpCheck& check, Attempt& attempt);
[[nodiscard]] Probing probe_kind(const IcmpCheck& check, Attempt& attempt);
[[nodiscard]] Probing probe_kind(const ExecCheck& check, Attempt& attempt);

// Programs run a few at a time: waits for a place among them, which is given back when its last
// holder goes.
[[nodiscard]] boost::asio::awaitable<std::shared_ptr<void>> program_turn();

} // namespace hg::daemon

#include "model.h"

#include "number.h"

#include <algorithm>
#include <fmt/format.h>
#include <span>

namespace hg {

namespace {

using Names = std::span<const std::string_view>;

// In the order of the enums of the protocol.
constexpr std::array<std::string_view, __HEADGATE_MODE_MAX> kModes{"nat", "direct", "tunnel",
                                                                   "local"};
constexpr std::array<std::string_view, __HEADGATE_TUNNEL_MAX> kTunnels{"ipip"};
constexpr std::array<std::string_view, __HEADGATE_ADMIN_MAX> kAdminStates{"ready", "drain",
                                                                          "maint"};
constexpr std::array<std::string_view, __HEADGATE_ON_DOWN_MAX> kOnDowns{"keep", "reset",
                                                                        "reschedule"};
constexpr std::array<std::string_view, __HEADGATE_THEN_MAX> kThens{"keep", "reset"};
constexpr std::array<std::string_view, __HEADGATE_DRAINED_MAX> kDrained{"keep", "lose"};
constexpr std::array<std::string_view, kConnStates> kStates{
    "none",       "established", "syn_sent", "syn_recv", "fin_wait", "time_wait", "close",
    "close_wait", "last_ack",    "listen",   "synack",   "udp",      "killed"};
constexpr std::array<std::string_view, kTimeouts> kTimeoutNames{
    "tcp_none",  "tcp_established", "tcp_syn_sent", "tcp_syn_recv", "tcp_fin_wait", "tcp_time_wait",
    "tcp_close", "tcp_close_wait",  "tcp_last_ack", "tcp_listen",   "tcp_synack",   "udp"};
constexpr std::array<std::string_view, 4> kDowns{"admin", "check", "agent", "outlier"};

// A newer module may know more than we do: that is shown, not hidden.
std::string_view named(Names names, std::size_t index) {
    return index < names.size() ? names[index] : "unknown";
}

Result<std::size_t> parse_name(std::string_view text, std::string_view what, Names names) {
    const auto found = std::find(names.begin(), names.end(), text);
    if (found == names.end()) {
        return usage_error(
            fmt::format("unknown {} \"{}\" (there are: {})", what, text, fmt::join(names, ", ")));
    }
    return static_cast<std::size_t>(found - names.begin());
}

} // namespace

std::string label_of(const ServiceSpec& service) {
    return service.name.empty() ? service.key.text() : service.name;
}

std::string_view name(Mode mode) { return named(kModes, static_cast<std::size_t>(mode)); }

std::string_view name(TunnelType tunnel) {
    return named(kTunnels, static_cast<std::size_t>(tunnel));
}

std::string_view name(AdminState state) {
    return named(kAdminStates, static_cast<std::size_t>(state));
}

std::string_view name(OnDown on_down) { return named(kOnDowns, static_cast<std::size_t>(on_down)); }

std::string_view name(Then then) { return named(kThens, static_cast<std::size_t>(then)); }

std::string_view name(Drained drained) {
    return named(kDrained, static_cast<std::size_t>(drained));
}

std::string_view timeout_name(std::size_t at) { return named(kTimeoutNames, at); }

std::string_view state_name(std::size_t at) { return named(kStates, at); }

std::string_view state_name(const Conn& conn) {
    if ((conn.flags & HEADGATE_CONN_F_KILLED) != 0) {
        return kStates[HEADGATE_A_COUNTS_KILLED - 1];
    }
    if (conn.protocol == Protocol::Udp) {
        return kStates[HEADGATE_A_COUNTS_UDP - 1];
    }
    return conn.state < __HEADGATE_TCP_MAX ? kStates[conn.state] : "unknown";
}

std::string affinity_text(const AffinitySpec& affinity) {
    if (affinity.timeout.count() == 0) {
        return "none";
    }
    auto out = duration_text(affinity.timeout);
    if (affinity.prefix != 0) {
        out += fmt::format("/{}", affinity.prefix);
    }
    if (affinity.drained == Drained::Lose) {
        out += ",lose";
    }
    return out;
}

std::string down_text(std::uint32_t down) {
    std::string out;
    for (std::size_t bit = 0; bit < 32; bit++) {
        if ((down >> bit & 1U) != 0) {
            out += (out.empty() ? "" : "+");
            out += named(kDowns, bit);
        }
    }
    return out;
}

Result<Mode> parse_mode(std::string_view text) {
    return static_cast<Mode>(HG_TRY(parse_name(text, "forward mode", kModes)));
}

Result<TunnelType> parse_tunnel(std::string_view text) {
    return static_cast<TunnelType>(HG_TRY(parse_name(text, "tunnel", kTunnels)));
}

Result<AdminState> parse_admin_state(std::string_view text) {
    return static_cast<AdminState>(HG_TRY(parse_name(text, "state", kAdminStates)));
}

Result<OnDown> parse_on_down(std::string_view text) {
    return static_cast<OnDown>(HG_TRY(parse_name(text, "on_down", kOnDowns)));
}

Result<Then> parse_then(std::string_view text) {
    return static_cast<Then>(HG_TRY(parse_name(text, "then", kThens)));
}

// The states come first, and UDP after them, as in headgate_timeout_attr.
std::span<const std::string_view> timeout_names() { return Names(kStates).first(kTimeouts); }

Result<std::size_t> parse_timeout_name(std::string_view text) {
    return parse_name(text, "timeout", timeout_names());
}

Result<Drained> parse_drained(std::string_view text) {
    return static_cast<Drained>(HG_TRY(parse_name(text, "drained", kDrained)));
}

Result<std::size_t> parse_conn_state(std::string_view text) {
    return parse_name(text, "state", kStates);
}

} // namespace hg

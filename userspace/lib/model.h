// What the module knows, as plain values: no invariants, no behaviour, compared member by member.
#pragma once

#include "address.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <headgate.h>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hg {

enum class Mode : std::uint8_t {
    Nat = HEADGATE_MODE_NAT,
    Direct = HEADGATE_MODE_DIRECT,
    Tunnel = HEADGATE_MODE_TUNNEL,
    Local = HEADGATE_MODE_LOCAL,
};

enum class TunnelType : std::uint8_t { Ipip = HEADGATE_TUNNEL_IPIP };

enum class AdminState : std::uint8_t {
    Ready = HEADGATE_ADMIN_READY,
    Drain = HEADGATE_ADMIN_DRAIN,
    Maint = HEADGATE_ADMIN_MAINT,
};

// What becomes of the conns of a server that goes down or is deleted.
enum class OnDown : std::uint8_t {
    Keep = HEADGATE_ON_DOWN_KEEP,
    Reset = HEADGATE_ON_DOWN_RESET,
    Reschedule = HEADGATE_ON_DOWN_RESCHEDULE,
};

// What a drain does with the conns that are left at its deadline.
enum class Then : std::uint8_t {
    Keep = HEADGATE_THEN_KEEP,
    Reset = HEADGATE_THEN_RESET,
};

// The timeouts in the order of headgate_timeout_attr, less one.
inline constexpr std::size_t kTimeouts = HEADGATE_A_TIMEOUT_MAX;
using Timeouts = std::array<std::chrono::milliseconds, kTimeouts>;
using TimeoutChanges = std::array<std::optional<std::chrono::milliseconds>, kTimeouts>;

// What becomes of a drained server's clients.
enum class Drained : std::uint8_t {
    Keep = HEADGATE_DRAINED_KEEP,
    Lose = HEADGATE_DRAINED_LOSE,
};

// Counters never go backwards; "out" is seen in the mode nat only.
struct Counters {
    std::uint64_t conns = 0;
    std::uint64_t in_packets = 0;
    std::uint64_t in_bytes = 0;
    std::uint64_t out_packets = 0;
    std::uint64_t out_bytes = 0;

    bool operator==(const Counters&) const = default;
};

// Which clients stay with their servers, and for how long. Without a timeout none do, and the rest
// is as it is here.
struct AffinitySpec {
    std::chrono::milliseconds timeout{0};
    std::uint8_t prefix = 0; // clients with so many bits in common are one; 0: all bits
    Drained drained = Drained::Keep;

    bool operator==(const AffinitySpec&) const = default;
};

struct AffinityChange {
    std::optional<std::chrono::milliseconds> timeout = {};
    std::optional<std::uint8_t> prefix = {};
    std::optional<Drained> drained = {};

    bool operator==(const AffinityChange&) const = default;
};

// The admin's part of a service: what a configuration can say.
struct ServiceSpec {
    ServiceKey key = {};
    std::string name = {}; // empty: none
    std::string scheduler = {};
    bool hash_port = false;
    Timeouts timeouts = {}; // 0: the namespace's
    std::chrono::milliseconds slow_start = {};
    OnDown on_down = OnDown::Keep;
    AffinitySpec affinity = {};

    bool operator==(const ServiceSpec&) const = default;
};

// Its name, or its URL.
[[nodiscard]] std::string label_of(const ServiceSpec& service);

struct Service {
    ServiceSpec spec = {};
    bool managed = false; // by whoever keeps the configuration
    std::uint32_t servers = 0;
    std::uint32_t active = 0;
    std::uint32_t inactive = 0;
    Counters counters = {};

    bool operator==(const Service&) const = default;
};

// What set_service is to change; what is absent stays.
struct ServiceChange {
    std::optional<std::string> name = {}; // empty: takes the name away
    std::optional<std::string> scheduler = {};
    std::optional<bool> hash_port = {};
    TimeoutChanges timeouts = {}; // 0: the namespace's again
    std::optional<std::chrono::milliseconds> slow_start = {};
    std::optional<OnDown> on_down = {};
    AffinityChange affinity = {};
    std::optional<bool> managed = {};

    bool operator==(const ServiceChange&) const = default;
};

// The admin's part of a server. In requests port 0 stands for the service's port.
struct ServerSpec {
    Endpoint endpoint = {};
    Mode mode = Mode::Nat;
    TunnelType tunnel = TunnelType::Ipip; // means something in the mode tunnel only
    std::uint32_t weight = 1;
    AdminState admin_state = AdminState::Ready;
    std::uint32_t upper = 0; // so many conns are enough; 0: no bound
    std::uint32_t lower = 0; // with fewer it takes new ones again; 0: three quarters of upper

    bool operator==(const ServerSpec&) const = default;
};

// A drain that is watched over until its end.
struct Drain {
    std::chrono::milliseconds deadline = {}; // 0: none
    Then then = Then::Keep;
    bool remove = false;                                // the server is deleted at the end
    std::optional<std::chrono::milliseconds> left = {}; // to the deadline; the kernel's word

    bool operator==(const Drain&) const = default;
};

// What whoever keeps the configuration wants of a server, whatever the admin did by hand.
struct Managed {
    std::uint32_t weight = 1;
    AdminState admin_state = AdminState::Ready;

    bool operator==(const Managed&) const = default;
};

struct Server {
    ServiceKey service = {};
    ServerSpec spec = {};
    std::uint32_t down = 0;             // HEADGATE_DOWN_*: a bit for each that masks it
    std::uint32_t factor = 1000;        // in 1/1000: health x load
    std::uint32_t ramp = 1000;          // in 1/1000: slow start
    std::uint32_t effective_weight = 0; // in 1/256 of a weight
    std::optional<std::uint32_t> check_mark = {};
    std::uint32_t active = 0;
    std::uint32_t inactive = 0;
    Counters counters = {};
    std::uint32_t status = 0; // HEADGATE_STATUS_*
    std::uint32_t overrides =
        0; // HEADGATE_OVERRIDE_*: where the spec is not as it is managed to be
    std::optional<Managed> managed = {};
    std::optional<Drain> drain = {};

    bool operator==(const Server&) const = default;
};

// Bits to write: those of MASK become as in VALUE, the others stay.
struct MaskedBits {
    std::uint32_t value = 0;
    std::uint32_t mask = 0;

    bool operator==(const MaskedBits&) const = default;
};

// What set_server is to change; what is absent stays.
struct ServerChange {
    std::optional<Mode> mode = {};
    std::optional<TunnelType> tunnel = {};
    std::optional<std::uint32_t> weight = {};
    std::optional<AdminState> admin_state = {};
    std::optional<MaskedBits> down = {};
    std::optional<std::uint32_t> factor = {};
    std::optional<std::uint32_t> upper = {};
    std::optional<std::uint32_t> lower = {};
    std::optional<Drain> drain = {}; // sets admin_state too
    bool managed = false;            // it comes from whoever keeps the configuration

    bool operator==(const ServerChange&) const = default;
};

// States of a conn; UDP conns have no state, which is 0 on the wire.
enum class TcpState : std::uint8_t {
    None,
    Established,
    SynSent,
    SynRecv,
    FinWait,
    TimeWait,
    Close,
    CloseWait,
    LastAck,
    Listen,
    SynAck,
};

struct Conn {
    Protocol protocol = Protocol::Tcp;
    Endpoint client = {};
    Endpoint service = {};
    Endpoint server = {};
    Mode mode = Mode::Nat;
    std::uint8_t state = 0;  // headgate_tcp_state; 0 for UDP
    std::uint32_t flags = 0; // HEADGATE_CONN_F_*
    std::chrono::milliseconds timeout{};
    std::chrono::milliseconds expires{};
    std::chrono::milliseconds age{};

    bool operator==(const Conn&) const = default;
};

// The states that filters and counts tell apart: those of TcpState, "udp" and "killed", in the
// order of headgate_counts_attr, less one, and of a filter's bits.
inline constexpr std::size_t kConnStates = HEADGATE_A_COUNTS_MAX;

// Which conns are meant: those that are as all of it says; what is absent does not choose.
struct ConnFilter {
    std::optional<ServiceKey> service = {};
    std::optional<Endpoint> server = {};            // port 0: any
    std::optional<Endpoint> client = {};            // port 0: any
    std::optional<std::uint8_t> client_prefix = {}; // so many bits of the client's address
    std::uint32_t states = 0;                       // a bit for each; 0: any
    std::optional<std::chrono::milliseconds> min_age = {};
    std::optional<std::chrono::milliseconds> max_age = {};
    bool all = false; // every conn is meant: a kill without it has to choose

    bool operator==(const ConnFilter&) const = default;
};

// The server of all clients in a network.
struct Affinity {
    Protocol protocol = Protocol::Tcp;
    Address client = {};
    std::uint8_t prefix = 0; // bits of it that count
    Endpoint service = {};
    Endpoint server = {};
    std::chrono::milliseconds timeout{};
    std::chrono::milliseconds expires{}; // of the timeout, which begins with the last conn's end
    std::uint32_t conns = 0;

    bool operator==(const Affinity&) const = default;
};

// How many conns a server has.
struct ConnCount {
    ServiceKey service = {};
    Endpoint server = {};
    std::array<std::uint32_t, kConnStates> conns{}; // by state

    bool operator==(const ConnCount&) const = default;
};

inline constexpr std::chrono::milliseconds kTimeoutMin{HEADGATE_TIMEOUT_MIN};
inline constexpr std::chrono::milliseconds kTimeoutMax{HEADGATE_TIMEOUT_MAX};
inline constexpr std::chrono::milliseconds kSlowStartMax{HEADGATE_SLOW_START_MAX};
inline constexpr std::chrono::milliseconds kDeadlineMax{HEADGATE_DEADLINE_MAX};

struct Settings {
    std::uint32_t conn_limit = 0;
    std::uint32_t affinity_limit = 0;
    std::uint32_t check_mark_first = 0;
    std::uint32_t check_mark_last = 0;
    Timeouts timeouts{};

    bool operator==(const Settings&) const = default;
};

struct SettingsChange {
    std::optional<std::uint32_t> conn_limit = {};
    std::optional<std::uint32_t> affinity_limit = {};
    std::optional<std::uint32_t> check_mark_first = {};
    std::optional<std::uint32_t> check_mark_last = {};
    TimeoutChanges timeouts{};

    bool operator==(const SettingsChange&) const = default;
};

struct Drop {
    std::uint32_t reason = 0;
    std::string name = {};
    std::uint64_t packets = 0;

    bool operator==(const Drop&) const = default;
};

// The sign of life of whoever keeps health and load.
struct Heartbeat {
    std::chrono::milliseconds interval = {}; // the next was to come within
    std::chrono::milliseconds age = {};

    // Long enough without one to say that nobody is there.
    [[nodiscard]] bool is_gone() const { return age > 3 * interval; }

    bool operator==(const Heartbeat&) const = default;
};

struct Info {
    std::string version = {};
    std::uint32_t generation = 0;
    std::uint32_t services = 0;
    std::uint32_t servers = 0;
    std::uint32_t conns = 0;
    std::uint32_t conn_limit = 0;
    std::uint32_t affinities = 0;
    std::uint32_t affinity_limit = 0;
    std::vector<std::string> schedulers = {};
    std::vector<Drop> drops = {};
    std::optional<Heartbeat> heartbeat = {}; // empty: never one

    bool operator==(const Info&) const = default;
};

// The words for all of these, in text, JSON and YAML alike.
[[nodiscard]] std::string_view name(Mode mode);              // "nat", "direct", ...
[[nodiscard]] std::string_view name(TunnelType tunnel);      // "ipip"
[[nodiscard]] std::string_view name(AdminState state);       // "ready", ...
[[nodiscard]] std::string_view name(OnDown on_down);         // "keep", ...
[[nodiscard]] std::string_view name(Then then);              // "keep", ...
[[nodiscard]] std::string_view name(Drained drained);        // "keep", "lose"
[[nodiscard]] std::string_view timeout_name(std::size_t at); // "tcp_none", ..., "udp"
[[nodiscard]] std::string_view state_name(std::size_t at);   // of kConnStates
[[nodiscard]] std::string_view state_name(const Conn& conn);
// "5m", "5m/24", "5m/24,lose"; "none".
[[nodiscard]] std::string affinity_text(const AffinitySpec& affinity);

// Bits of an address.
[[nodiscard]] constexpr std::uint8_t bits_of(Family family) {
    return family == Family::V4 ? 32 : 128;
}

// "admin+check"; empty when no bit is set.
[[nodiscard]] std::string down_text(std::uint32_t down);

// The other way round; the error names what would be right.
[[nodiscard]] Result<Mode> parse_mode(std::string_view text);
[[nodiscard]] Result<TunnelType> parse_tunnel(std::string_view text);
[[nodiscard]] Result<AdminState> parse_admin_state(std::string_view text);
[[nodiscard]] Result<OnDown> parse_on_down(std::string_view text);
[[nodiscard]] Result<Then> parse_then(std::string_view text);
// The names of a service's timeouts: "none", "established", ..., "udp".
[[nodiscard]] std::span<const std::string_view> timeout_names();
[[nodiscard]] Result<std::size_t> parse_timeout_name(std::string_view text);
[[nodiscard]] Result<Drained> parse_drained(std::string_view text);
// The number of one of the kConnStates.
[[nodiscard]] Result<std::size_t> parse_conn_state(std::string_view text);

} // namespace hg

// What the configuration says of health checks: plain values, compared member by member.
//
// headgated makes the checks; headgate.yaml(5) is the manual of each member.
#pragma once

#include "address.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace hg {

// A TCP handshake, ended by a RST.
struct TcpCheck {
    bool operator==(const TcpCheck&) const = default;
};

// Status codes from FIRST to LAST.
struct StatusRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    bool operator==(const StatusRange&) const = default;
};

struct HttpCheck {
    bool tls = false; // https
    std::string method = "GET";
    std::string path = "/";
    std::string host = {};                          // empty: the server's address
    std::vector<StatusRange> expect = {{200, 399}}; // redirects are not followed
    std::string body = {}; // RE2, somewhere in the first 64 KiB; empty: any
    bool verify = true;    // the certificate, its name too
    std::string sni = {};  // empty: host, where that is a name
    std::string ca = {};   // file of certificates; empty: the system's

    bool operator==(const HttpCheck&) const = default;
};

struct DnsCheck {
    std::string name = {};
    std::string type = "A"; // of the record: A AAAA CNAME MX NS PTR SOA SRV TXT
    std::string rcode = "NOERROR";
    std::string answer = {}; // one of the answers, as text; empty: any, be it none

    bool operator==(const DnsCheck&) const = default;
};

// Banner, EHLO, NOOP, QUIT.
struct SmtpCheck {
    std::string helo = "localhost";
    bool starttls = false; // before NOOP; the certificate is not verified

    bool operator==(const SmtpCheck&) const = default;
};

// Banner; a login where there is a user.
struct FtpCheck {
    std::string user = {};
    std::string password = {};

    bool operator==(const FtpCheck&) const = default;
};

// ICMP unreachable is a failure; silence is one when a reply is wanted.
struct UdpCheck {
    std::string payload = {}; // bytes
    std::string reply = {};   // RE2; empty: none is wanted

    bool operator==(const UdpCheck&) const = default;
};

// An echo.
struct IcmpCheck {
    bool operator==(const IcmpCheck&) const = default;
};

// A program of the admin's; status 0 is well. {address} and {port} in its words are the server's.
struct ExecCheck {
    std::vector<std::string> command = {}; // an absolute path and its words; no shell

    bool operator==(const ExecCheck&) const = default;
};

using CheckKind = std::variant<TcpCheck, HttpCheck, DnsCheck, SmtpCheck, FtpCheck, UdpCheck,
                               IcmpCheck, ExecCheck>;

// What a server is taken for before the first result of its check.
enum class InitialHealth : std::uint8_t { Wait, Up, Down };

[[nodiscard]] std::string_view name(InitialHealth initial); // "wait", "up", "down"

inline constexpr std::chrono::milliseconds kCheckIntervalMin{100};
inline constexpr std::chrono::milliseconds kCheckIntervalMax{std::chrono::hours(1)};
inline constexpr std::chrono::milliseconds kCheckTimeoutMin{10}; // the most is the interval
inline constexpr std::uint32_t kRiseFallMax = 100;

// Equal ones of one address are made once.
struct HealthCheck {
    CheckKind kind = {};
    std::chrono::milliseconds interval{2000};   // from start to start
    std::chrono::milliseconds timeout{1000};    // at most the interval
    std::chrono::milliseconds fast_interval{0}; // after a first contrary result; 0: by the rule
    std::uint32_t rise = 2;                     // so many successes bring a server up
    std::uint32_t fall = 3;                     // so many failures take it down
    std::uint32_t jitter = 10;                  // the interval varies by so many per cent, 0..50
    std::uint16_t port = 0;                     // 0: the server's
    std::optional<Address> source = {};
    bool through_service = false; // the way of a client's packet, by the server's check mark
    InitialHealth initial = InitialHealth::Wait;

    bool operator==(const HealthCheck&) const = default;
};

// fast_interval, or a third of the interval and at least 200 ms where it is 0; never more than
// the interval.
[[nodiscard]] std::chrono::milliseconds fast_interval_of(const HealthCheck& check);

// From a server's failure to its mask, at most: interval * (1 + jitter) + timeout +
// (fall - 1) * (fast interval + timeout).
[[nodiscard]] std::chrono::milliseconds detection_bound(const HealthCheck& check);

// "tcp", "http", "https", "dns", "smtp", "ftp", "udp", "icmp", "exec"
[[nodiscard]] std::string_view type_name(const HealthCheck& check);

// Where the load of a server comes from.
enum class LoadSource : std::uint8_t {
    Agent,        // HAProxy's agent-check protocol
    NodeExporter, // Prometheus' text format
};

[[nodiscard]] std::string_view name(LoadSource source); // "agent", "node_exporter"

struct LoadSpec {
    LoadSource source = LoadSource::Agent;
    std::uint16_t port = 0;        // 0: 8777 of an agent, 9100 of a node_exporter
    std::string path = "/metrics"; // of a node_exporter
    std::chrono::milliseconds interval{5000};
    std::chrono::milliseconds timeout{1000};
    std::uint32_t gain = 1000; // k, in 1/1000
    std::uint32_t floor = 100; // the least factor, in 1/1000

    bool operator==(const LoadSpec&) const = default;
};

inline constexpr std::uint32_t kQuorumMax = 1'000'000'000; // no pool has so much weight

// So much admin weight has to be up, or it is told: up again at weight + hysteresis, lost below
// weight - hysteresis.
struct Quorum {
    std::uint32_t weight = 1;
    std::uint32_t hysteresis = 0; // less than weight

    bool operator==(const Quorum&) const = default;
};

} // namespace hg

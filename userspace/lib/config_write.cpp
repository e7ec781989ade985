// The configuration as a file. Everything is said, so that a changed default changes nothing.
#include "config_write.h"

#include "config.h"
#include "number.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace hg {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// What needs no quotes anywhere, be it in a flow list.
bool is_plain(char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '/';
}

// Words that YAML readers take for something else than text; ours would for "null" only.
bool is_special(std::string_view name) {
    constexpr std::array<std::string_view, 10> kWords{"null", "true", "false", "yes", "no",
                                                      "on",   "off",  "y",     "n",   "nan"};
    std::string lower(name);
    for (auto& c : lower) {
        c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

// Characters beyond ASCII that cannot stand for themselves, and how they are escaped: line ends and
// those that the bytes of a file must not have.
struct Escape {
    std::string_view bytes;
    std::string_view text;
};

constexpr std::array<Escape, 5> kEscapes{{{"\xe2\x80\xa8", "\\u2028"},
                                          {"\xe2\x80\xa9", "\\u2029"},
                                          {"\xef\xbb\xbf", "\\ufeff"},
                                          {"\xef\xbf\xbe", "\\ufffe"},
                                          {"\xef\xbf\xbf", "\\uffff"}}};

// Writes the first character of REST between quotes; answers its length.
std::size_t write_quoted(std::string_view rest, std::string& out) {
    const auto byte = static_cast<unsigned char>(rest[0]);
    if (byte == '"' || byte == '\\') {
        out += '\\';
    }
    if (byte < 0x20 || byte == 0x7f) {
        out += fmt::format("\\x{:02x}", byte);
        return 1;
    }
    if (byte == 0xc2 && rest.size() > 1 && (static_cast<unsigned char>(rest[1]) & 0xe0U) == 0x80) {
        out += fmt::format("\\x{:02x}", static_cast<unsigned char>(rest[1]));
        return 2;
    }
    for (const auto& escape : kEscapes) {
        if (rest.starts_with(escape.bytes)) {
            out += escape.text;
            return escape.bytes.size();
        }
    }
    out += rest[0];
    return 1;
}

// An IPv6 endpoint has to be quoted.
std::string endpoint_text(const std::string& text) {
    return text.find('[') == std::string::npos ? text : fmt::format("\"{}\"", text);
}

std::string server_text(const ServerSpec& server) {
    auto out = fmt::format("      - {{ address: {}, forward: {}, ",
                           endpoint_text(server.endpoint.text()), name(server.mode));
    if (server.mode == Mode::Tunnel) {
        out += fmt::format("tunnel: {}, ", name(server.tunnel));
    }
    out += fmt::format("weight: {}", server.weight);
    if (server.admin_state != AdminState::Ready) {
        out += fmt::format(", state: {}", name(server.admin_state));
    }
    if (server.upper != 0) {
        out += fmt::format(", upper: {}", server.upper);
    }
    if (server.lower != 0) {
        out += fmt::format(", lower: {}", server.lower);
    }
    return out + " }\n";
}

std::string server_lines(std::string_view key, const std::vector<ServerSpec>& servers) {
    auto out = fmt::format("    {}:\n", key);
    for (const auto& server : servers) {
        out += server_text(server);
    }
    return out;
}

// "{ established: 15m, udp: 30s }"; empty when all are the namespace's.
std::string timeouts_text(const Timeouts& timeouts) {
    std::string out;
    for (std::size_t i = 0; i < kTimeouts; i++) {
        if (timeouts[i] != std::chrono::milliseconds::zero()) {
            out += fmt::format("{} {}: {}", out.empty() ? "{" : ",", timeout_names()[i],
                               duration_text(timeouts[i]));
        }
    }
    return out.empty() ? out : out + " }";
}

std::string affinity_line(const ServiceSpec& service) {
    const auto& affinity = service.affinity;
    const auto out = fmt::format("    affinity: {{ timeout: {}", duration_text(affinity.timeout));
    const auto family = service.key.endpoint.address.family();
    return out + fmt::format(", {}: {}, drained: {} }}\n", family == Family::V4 ? "mask" : "prefix",
                             affinity.prefix != 0 ? affinity.prefix : bits_of(family),
                             name(affinity.drained));
}

// What headgated does for the service.
std::string care_lines(const PoolCare& care) {
    std::string out;
    if (care.check) {
        out += check_lines(*care.check);
    }
    if (care.load) {
        out += load_line(*care.load);
    }
    if (!care.fallback.empty()) {
        out += server_lines("fallback", care.fallback);
    }
    if (care.panic_threshold != 0) {
        out += fmt::format("    panic_threshold: {}%\n", care.panic_threshold);
    }
    if (care.quorum) {
        out += fmt::format("    quorum: {{ weight: {}, hysteresis: {} }}\n", care.quorum->weight,
                           care.quorum->hysteresis);
    }
    return out;
}

// Whether one list of URLs can make both: services without a name, which are alike but for that.
bool is_alike(const PoolConfig& a, const PoolConfig& b) {
    auto service = b.service;
    service.key = a.service.key;
    return service.name.empty() && service == a.service && a.servers == b.servers &&
           a.care == b.care &&
           a.service.key.endpoint.address.family() == b.service.key.endpoint.address.family();
}

std::string listen_text(std::span<const PoolConfig> pools) {
    if (pools.size() == 1) {
        return endpoint_text(pools[0].service.key.text());
    }
    std::string out;
    for (const auto& pool : pools) {
        out +=
            fmt::format("{}{}", out.empty() ? "[ " : ", ", endpoint_text(pool.service.key.text()));
    }
    return out + " ]";
}

// Of pools that are alike.
std::string service_text(std::span<const PoolConfig> pools) {
    const auto& pool = pools[0];
    const auto& service = pool.service;
    auto out = fmt::format("  - listen: {}\n", listen_text(pools));
    if (!service.name.empty()) {
        out += fmt::format("    name: {}\n", yaml_text(service.name));
    }
    out += fmt::format("    scheduler: {}\n", service.scheduler);
    if (service.hash_port) {
        out += "    hash_port: true\n";
    }
    if (const auto timeouts = timeouts_text(service.timeouts); !timeouts.empty()) {
        out += fmt::format("    timeouts: {}\n", timeouts);
    }
    if (service.slow_start != std::chrono::milliseconds::zero()) {
        out += fmt::format("    slow_start: {}\n", duration_text(service.slow_start));
    }
    if (service.on_down != OnDown::Keep) {
        out += fmt::format("    on_down: {}\n", name(service.on_down));
    }
    if (service.affinity != AffinitySpec{}) {
        out += affinity_line(service);
    }
    out += pool.servers.empty() ? "    servers: []\n" : server_lines("servers", pool.servers);
    return out + care_lines(pool.care);
}

std::string node_text(const NodeConfig& node) {
    auto out = fmt::format("  - name: {}\n    address: {}\n", yaml_text(node.name),
                           yaml_address(node.address));
    if (node.check) {
        out += check_lines(*node.check);
    }
    if (node.load) {
        out += load_line(*node.load);
    }
    return out;
}

// What is as it is without a word of it is left out.
std::string daemon_lines(const DaemonConfig& daemon) {
    if (daemon == DaemonConfig{}) {
        return {};
    }
    auto out = fmt::format("daemon:\n  metrics: {}\n",
                           daemon.metrics ? endpoint_text(daemon.metrics->text()) : "none");
    if (!daemon.on_change.empty()) {
        out += fmt::format("  on_change: {}\n", yaml_list(daemon.on_change));
    }
    return out;
}

} // namespace

std::string yaml_text(std::string_view value) {
    if (!value.empty() && (is_letter(value[0]) || value[0] == '/') &&
        std::all_of(value.begin(), value.end(), is_plain) && !is_special(value)) {
        return std::string(value);
    }
    std::string out = "\"";
    while (!value.empty()) {
        value.remove_prefix(write_quoted(value, out));
    }
    return out + '"';
}

std::string yaml_address(const Address& address) {
    const auto text = address.text();
    return address.family() == Family::V4 ? text : fmt::format("\"{}\"", text);
}

std::string yaml_list(std::span<const std::string> values) {
    std::string out;
    for (const auto& value : values) {
        out += out.empty() ? "[ " : ", ";
        out += yaml_text(value);
    }
    return out.empty() ? "[]" : out + " ]";
}

std::string config_text(const Config& config) {
    std::string out = config.exclusive ? "exclusive: true\n" : "";
    out += daemon_lines(config.daemon);
    out += config.services.empty() ? "services: []\n" : "services:\n";
    for (std::span<const PoolConfig> left(config.services); !left.empty();) {
        const auto end = std::find_if_not(left.begin(), left.end(), [&](const PoolConfig& pool) {
            return is_alike(left[0], pool);
        });
        // A service with a name is not even like itself.
        const auto count =
            std::max<std::size_t>(1, static_cast<std::size_t>(std::distance(left.begin(), end)));
        out += service_text(left.first(count));
        left = left.subspan(count);
    }
    out += config.nodes.empty() ? "" : "nodes:\n";
    for (const auto& node : config.nodes) {
        out += node_text(node);
    }
    return out;
}

} // namespace hg

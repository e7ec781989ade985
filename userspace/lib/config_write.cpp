// The configuration as a file. Everything is said, so that a changed default changes nothing.
#include "config.h"
#include "number.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace hg {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

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

// Names have no character that needs an escape.
std::string name_text(const std::string& name) {
    const bool is_plain = !name.empty() && is_letter(name[0]) && !is_special(name);
    return is_plain ? name : fmt::format("\"{}\"", name);
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

std::string service_text(const PoolConfig& pool) {
    const auto& service = pool.service;
    auto out = fmt::format("  - listen: {}\n", endpoint_text(service.key.text()));
    if (!service.name.empty()) {
        out += fmt::format("    name: {}\n", name_text(service.name));
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
    out += pool.servers.empty() ? "    servers: []\n" : "    servers:\n";
    for (const auto& server : pool.servers) {
        out += server_text(server);
    }
    return out;
}

} // namespace

std::string config_text(const Config& config) {
    if (config.services.empty()) {
        return "services: []\n";
    }
    std::string out = "services:\n";
    for (const auto& pool : config.services) {
        out += service_text(pool);
    }
    return out;
}

} // namespace hg

#include "import_virtual.h"

#include "number.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <span>

namespace hg {

namespace {

constexpr std::string_view kToldOtherwise = "what happens is told to on_change of headgated";

struct Reading {
    ImportPools& out;
    Virtual& to;
};

// NAT, DR, or TUN with its kind.
Forward read_forward(const KeepalivedNode& node) {
    const auto word = value_of(node);
    if (word == "NAT") {
        return {Mode::Nat};
    }
    if (word == "DR") {
        return {Mode::Direct};
    }
    if (word != "TUN") {
        return {.problem =
                    fmt::format("{} {} is none of NAT, DR and TUN", node.words[0], quoted(word))};
    }
    const bool has_type = node.words.size() > 3 && node.words[2] == "type";
    if (has_type && node.words[3] != "ipip") {
        return {.problem = fmt::format("there is no tunnel {}, only ipip", quoted(node.words[3]))};
    }
    return {Mode::Tunnel};
}

void protocol(const KeepalivedNode& node, Reading& reading) {
    const auto word = value_of(node);
    if (word == "UDP") {
        reading.to.protocol = Protocol::Udp;
    } else if (word != "TCP") {
        reading.to.problem = fmt::format("there is no protocol {}", quoted(word));
    }
}

void scheduler(const KeepalivedNode& node, Reading& reading) {
    reading.to.scheduler = reading.out.scheduler(node.line, value_of(node));
}

void flag(const KeepalivedNode& node, Reading& reading) { reading.to.flags.push_back(&node); }

void persistence(const KeepalivedNode& node, Reading& reading) { reading.to.persistence = &node; }

void granularity(const KeepalivedNode& node, Reading& reading) { reading.to.granularity = &node; }

void forward(const KeepalivedNode& node, Reading& reading) {
    reading.to.forward = read_forward(node);
}

void sorry_server(const KeepalivedNode& node, Reading& reading) { reading.to.sorry = &node; }

void sorry_forward(const KeepalivedNode& node, Reading& reading) {
    reading.to.sorry_forward = read_forward(node);
}

void quorum(const KeepalivedNode& node, Reading& reading) {
    if (const auto weight = read_count(node, reading.out, kQuorumMax)) {
        reading.to.quorum.weight = *weight;
        reading.to.quorum_node = &node;
    }
}

void hysteresis(const KeepalivedNode& node, Reading& reading) {
    reading.to.quorum.hysteresis = read_count(node, reading.out, kQuorumMax).value_or(0);
}

// It is what happens anyway, or it goes with something that is told by itself.
void nothing(const KeepalivedNode& /*node*/, Reading& /*reading*/) {}

void told_otherwise(const KeepalivedNode& node, Reading& reading) {
    note_left(node, kToldOtherwise, reading.out);
}

void alert(const KeepalivedNode& node, Reading& reading) {
    if (is_on(node)) {
        told_otherwise(node, reading);
    }
}

void one_packet(const KeepalivedNode& node, Reading& reading) {
    note_left(node, "each packet cannot be scheduled for itself", reading.out);
}

void engine(const KeepalivedNode& node, Reading& reading) {
    note_left(node, "clients stay with their servers by address only", reading.out);
}

void suspend(const KeepalivedNode& node, Reading& reading) {
    note_left(node, "checks go on wherever the VIP is", reading.out);
}

void omega(const KeepalivedNode& node, Reading& reading) {
    note_left(node, "nothing is done to servers when headgated ends", reading.out);
}

void label(const KeepalivedNode& node, Reading& reading) {
    note_left(node, "there is no SNMP; name: NAME is what commands and metrics call a service",
              reading.out);
}

struct Key {
    std::string_view name;
    void (*read)(const KeepalivedNode& node, Reading& reading);
};

constexpr auto kVirtualKeys = std::to_array<Key>({{"protocol", protocol},
                                                  {"lvs_sched", scheduler},
                                                  {"lb_algo", scheduler},
                                                  {"sh-port", flag},
                                                  {"mh-port", flag},
                                                  {"sh-fallback", flag},
                                                  {"mh-fallback", flag},
                                                  {"flag-1", flag},
                                                  {"flag-2", flag},
                                                  {"flag-3", flag},
                                                  {"ops", one_packet},
                                                  {"lvs_method", forward},
                                                  {"lb_kind", forward},
                                                  {"persistence_engine", engine},
                                                  {"persistence_timeout", persistence},
                                                  {"persistence_granularity", granularity},
                                                  {"sorry_server", sorry_server},
                                                  {"sorry_server_inhibit", nothing},
                                                  {"sorry_server_lvs_method", sorry_forward},
                                                  {"quorum", quorum},
                                                  {"hysteresis", hysteresis},
                                                  {"quorum_up", told_otherwise},
                                                  {"quorum_down", told_otherwise},
                                                  {"smtp_alert", alert},
                                                  {"ha_suspend", suspend},
                                                  {"omega", omega},
                                                  {"snmp_name", label},
                                                  {"ip_family", nothing},
                                                  {"inhibit_on_failure", nothing},
                                                  {"real_server", nothing}});

// Those of a real server that are read into nothing of its own.
constexpr auto kRealKeys = std::to_array<Key>({{"notify_up", told_otherwise},
                                               {"notify_down", told_otherwise},
                                               {"smtp_alert", alert},
                                               {"snmp_name", label},
                                               {"inhibit_on_failure", nothing}});

void read_key(const KeepalivedNode& node, std::span<const Key> keys, Reading& reading) {
    const auto found = std::find_if(keys.begin(), keys.end(),
                                    [&](const Key& key) { return key.name == node.words[0]; });
    if (found != keys.end()) {
        found->read(node, reading);
    } else {
        note_left(node, "it is unknown here", reading.out);
    }
}

// Its first check is what the service may have; the others are told.
void read_real_keys(const KeepalivedNode& node, const Virtual& virtual_server, RealServer& server,
                    Forward& forward, Reading& reading) {
    auto tries = virtual_server.tries;
    std::vector<const KeepalivedNode*> checks;
    for (const auto& line : node.block) {
        const std::string_view key = line.words[0];
        if (read_tries(line, reading.out, tries)) {
            continue;
        }
        if (is_keepalived_check(line)) {
            checks.push_back(&line);
        } else if (key == "weight") {
            const auto weight = read_count(line, reading.out, HEADGATE_WEIGHT_MAX);
            server.spec.weight = weight.value_or(server.spec.weight);
        } else if (key == "uthreshold") {
            server.spec.upper = read_count(line, reading.out, HEADGATE_THRESHOLD_MAX).value_or(0);
        } else if (key == "lthreshold") {
            server.spec.lower = read_count(line, reading.out, HEADGATE_THRESHOLD_MAX).value_or(0);
        } else if (key == "lvs_method" || key == "lb_kind") {
            forward = read_forward(line);
        } else {
            read_key(line, kRealKeys, reading);
        }
    }
    for (const auto* const check : checks) {
        if (server.check) {
            note_left(*check, "a server has one check, the first", reading.out);
            continue;
        }
        server.check_node = check;
        server.check = read_keepalived_check(*check, tries, server.spec.endpoint.port, reading.out);
    }
}

void read_real_server(const KeepalivedNode& node, Reading& reading) {
    const auto endpoint = read_endpoint(node);
    if (!endpoint) {
        note_left(node, endpoint.error().reason, reading.out);
        return;
    }
    RealServer server{.node = &node};
    server.spec.endpoint = *endpoint;
    if (server.spec.endpoint.port == 0 && !reading.to.listens.empty()) {
        server.spec.endpoint.port = reading.to.listens[0].port;
    }
    auto forward = reading.to.forward;
    read_real_keys(node, reading.to, server, forward, reading);
    if (!forward.problem.empty()) {
        note_left(node, forward.problem, reading.out);
        return;
    }
    server.spec.mode = forward.mode;
    reading.to.servers.push_back(std::move(server));
}

std::string text_of(const std::optional<HealthCheck>& check) {
    return check ? fmt::format("another check ({})", type_name(*check)) : "no check";
}

// A service has one check for all of its servers.
void choose_check(Virtual& to, ImportPools& out) {
    const auto first = std::find_if(to.servers.begin(), to.servers.end(),
                                    [](const RealServer& server) { return server.check; });
    if (first == to.servers.end()) {
        return;
    }
    to.check = first->check;
    to.check_node = first->check_node;
    for (const auto& server : to.servers) {
        if (server.check != to.check) {
            out.note(server.node->line,
                     fmt::format("server {} had {}: it gets that of {}, since all servers of a "
                                 "service are checked alike",
                                 server.spec.endpoint.text(), text_of(server.check),
                                 first->spec.endpoint.text()));
        }
    }
}

} // namespace

Result<Endpoint> read_endpoint(const KeepalivedNode& node) {
    const auto address = HG_TRY(parse_address(value_of(node)));
    if (node.words.size() < 3) {
        return Endpoint{address, 0};
    }
    const auto port = HG_TRY(parse_number(node.words[2], "port", {0, 65535}));
    return Endpoint{address, static_cast<std::uint16_t>(port)};
}

void read_virtual_keys(ImportPools& out, Virtual& to) {
    Reading reading{out, to};
    for (const auto& line : to.node->block) {
        if (!read_tries(line, out, to.tries)) {
            read_key(line, kVirtualKeys, reading);
        }
    }
}

void read_real_servers(ImportPools& out, Virtual& to) {
    Reading reading{out, to};
    for (const auto& line : to.node->block) {
        if (line.words[0] == "real_server") {
            read_real_server(line, reading);
        }
    }
    choose_check(to, out);
}

} // namespace hg

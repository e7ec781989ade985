#include "import_keepalived_check.h"
#include "import_range.h"
#include "number.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>

namespace hg {

namespace {

constexpr std::string_view kDefaultPersistence = "360"; // seconds
constexpr std::string_view kToldOtherwise = "what happens is told to on_change of headgated";

// How packets get to a server; what virtual servers say holds for their real servers.
struct Forward {
    Mode mode = Mode::Nat;
    std::string problem = {}; // why it cannot be ours
};

struct RealServer {
    const KeepalivedNode* node = nullptr;
    ServerSpec spec = {}; // its port may be the service's
    std::optional<HealthCheck> check = {};
};

// One virtual_server, with all of its addresses.
struct Virtual {
    const KeepalivedNode* node = nullptr;
    std::vector<Endpoint> listens = {};
    Protocol protocol = Protocol::Tcp;
    std::string problem = {}; // why it cannot be ours
    std::string scheduler = "wlc";
    std::vector<std::string> flags = {};
    const KeepalivedNode* persistence = nullptr;
    const KeepalivedNode* granularity = nullptr;
    Forward forward = {};
    KeepalivedTries tries = {};
    const KeepalivedNode* sorry = nullptr;
    std::optional<Forward> sorry_forward = {};
    const KeepalivedNode* quorum_node = nullptr;
    Quorum quorum = {};
    std::vector<RealServer> servers = {};
    std::optional<HealthCheck> check = {};
    std::uint32_t check_line = 0;
};

struct Reading {
    ImportPools& out;
    Virtual& to;
};

std::optional<std::uint32_t> read_number(const KeepalivedNode& node, ImportPools& out,
                                         std::uint32_t max) {
    const auto number = parse_number(value_of(node), node.words[0], {0, max});
    if (!number) {
        note_left(node, number.error().reason, out);
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(*number);
}

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

// An address, and a port where there is one.
Result<Endpoint> read_endpoint(const KeepalivedNode& node) {
    const auto address = HG_TRY(parse_address(value_of(node)));
    if (node.words.size() < 3) {
        return Endpoint{address, 0};
    }
    const auto port = HG_TRY(parse_number(node.words[2], "port", {0, 65535}));
    return Endpoint{address, static_cast<std::uint16_t>(port)};
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

void flag(const KeepalivedNode& node, Reading& reading) {
    reading.to.flags.push_back(node.words[0]);
}

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
    if (const auto weight = read_number(node, reading.out, 1'000'000'000)) {
        reading.to.quorum.weight = *weight;
        reading.to.quorum_node = &node;
    }
}

void hysteresis(const KeepalivedNode& node, Reading& reading) {
    reading.to.quorum.hysteresis = read_number(node, reading.out, 1'000'000'000).value_or(0);
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
            const auto weight = read_number(line, reading.out, HEADGATE_WEIGHT_MAX);
            server.spec.weight = weight.value_or(server.spec.weight);
        } else if (key == "uthreshold") {
            server.spec.upper = read_number(line, reading.out, HEADGATE_THRESHOLD_MAX).value_or(0);
        } else if (key == "lthreshold") {
            server.spec.lower = read_number(line, reading.out, HEADGATE_THRESHOLD_MAX).value_or(0);
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
    return check ? fmt::format("a {} check", type_name(*check)) : "no check";
}

// A service has one check for all of its servers.
void choose_check(Virtual& to, ImportPools& out) {
    const auto first = std::find_if(to.servers.begin(), to.servers.end(),
                                    [](const RealServer& server) { return server.check; });
    if (first == to.servers.end()) {
        return;
    }
    to.check = first->check;
    to.check_line = first->node->line;
    for (const auto& server : to.servers) {
        if (server.check != to.check) {
            out.note(server.node->line,
                     fmt::format("server {} had {}{}: it gets the one of {}, all servers of a "
                                 "service are checked alike",
                                 server.spec.endpoint.text(), text_of(server.check),
                                 server.check ? " of its own" : "", first->spec.endpoint.text()));
        }
    }
}

class Importer {
public:
    explicit Importer(const KeepalivedTree& tree) : tree_(tree) {}

    Imported run();

private:
    void read_other(const KeepalivedNode& node);
    void read_group(const KeepalivedNode& node);
    void read_virtual(const KeepalivedNode& node);
    void read_listens(const KeepalivedNode& node, Virtual& to);
    void add_pools(const Virtual& from);
    void set_flags(const Virtual& from, ServiceSpec& service);
    void set_affinity(const Virtual& from, ServiceSpec& service);
    void set_care(const Virtual& from, PoolConfig& pool);
    void set_fallback(const Virtual& from, PoolConfig& pool);

    // Keeps what the trial has more than the pool, unless our reader would refuse it.
    void keep(std::uint32_t line, std::string_view what, PoolConfig trial, PoolConfig& pool);

    const KeepalivedTree& tree_;
    ImportPools out_;
    std::map<std::string, std::vector<Endpoint>, std::less<>> groups_;
    std::set<std::string> told_; // blocks that are none of ours
};

Imported Importer::run() {
    for (const auto& note : tree_.notes) {
        out_.note(note.line, note.text);
    }
    for (const auto& node : tree_.nodes) {
        if (node.words[0] == "virtual_server_group") {
            read_group(node);
        } else if (node.words[0] != "virtual_server") {
            read_other(node);
        }
    }
    for (const auto& node : tree_.nodes) {
        if (node.words[0] == "virtual_server") {
            read_virtual(node);
        }
    }
    return out_.finish();
}

// Once for all of a kind.
void Importer::read_other(const KeepalivedNode& node) {
    const std::string_view key = node.words[0];
    if (!told_.insert(node.words[0]).second) {
        return;
    }
    if (key.starts_with("vrrp_")) {
        out_.note(node.line, fmt::format("{} is not carried over: moving a VIP between directors "
                                         "is not headgate's, leave it to keepalived",
                                         quoted(key)));
    } else {
        out_.note(node.line, fmt::format("{} is not carried over: only virtual servers and groups "
                                         "of them are",
                                         quoted(key)));
    }
}

void Importer::read_group(const KeepalivedNode& node) {
    auto& group = groups_[std::string(value_of(node))];
    for (const auto& line : node.block) {
        if (line.words[0] == "fwmark") {
            note_left(line, "there are services of addresses only", out_);
            continue;
        }
        const auto range = parse_range(line.words[0]);
        const auto port = line.words.size() > 1 ? parse_number(line.words[1], "port", {0, 65535})
                                                : Result<std::uint64_t>(0);
        if (!range || !port) {
            note_left(line, range ? port.error().reason : range.error().reason, out_);
            continue;
        }
        for (const auto& address : *range) {
            group.push_back({address, static_cast<std::uint16_t>(*port)});
        }
    }
}

// What holds for all of its real servers comes first, wherever it stands.
void Importer::read_virtual(const KeepalivedNode& node) {
    Virtual to{.node = &node};
    Reading reading{out_, to};
    read_listens(node, to);
    for (const auto& line : node.block) {
        if (!read_tries(line, out_, to.tries)) {
            read_key(line, kVirtualKeys, reading);
        }
    }
    if (!to.problem.empty()) {
        note_left(node, to.problem, out_);
        return;
    }
    for (const auto& line : node.block) {
        if (line.words[0] == "real_server") {
            read_real_server(line, reading);
        }
    }
    choose_check(to, out_);
    add_pools(to);
}

void Importer::read_listens(const KeepalivedNode& node, Virtual& to) {
    const auto kind = value_of(node);
    if (kind == "fwmark") {
        to.problem = "there are services of addresses only, not of marks";
        return;
    }
    if (kind == "group") {
        const auto group = groups_.find(node.words.size() > 2 ? node.words[2] : std::string());
        if (group == groups_.end()) {
            to.problem = "there is no such group";
        } else {
            to.listens = group->second;
        }
        return;
    }
    if (const auto endpoint = read_endpoint(node)) {
        to.listens = {*endpoint};
    } else {
        to.problem = endpoint.error().reason;
    }
}

void Importer::add_pools(const Virtual& from) {
    for (const auto& listen : from.listens) {
        PoolConfig pool;
        pool.service.key = {from.protocol, listen};
        if (!out_.claim(from.node->line, pool.service.key)) {
            continue;
        }
        pool.service.scheduler = from.scheduler;
        set_flags(from, pool.service);
        set_affinity(from, pool.service);
        for (const auto& server : from.servers) {
            out_.add_server(server.node->line, pool, server.spec);
        }
        set_care(from, pool);
        out_.add(std::move(pool));
    }
}

void Importer::set_flags(const Virtual& from, ServiceSpec& service) {
    for (const auto& flag : from.flags) {
        out_.set_flag(from.node->line, flag, service);
    }
}

void Importer::set_affinity(const Virtual& from, ServiceSpec& service) {
    if (from.persistence == nullptr) {
        return;
    }
    const auto word = value_of(*from.persistence);
    const auto timeout =
        out_.affinity_timeout(from.persistence->line, word.empty() ? kDefaultPersistence : word);
    if (!timeout) {
        return;
    }
    service.affinity.timeout = *timeout;
    if (from.granularity != nullptr) {
        service.affinity.prefix = out_.prefix(from.granularity->line, value_of(*from.granularity),
                                              service.key.endpoint.address.family())
                                      .value_or(0);
    }
}

void Importer::keep(std::uint32_t line, std::string_view what, PoolConfig trial, PoolConfig& pool) {
    if (const auto fault = fault_of(trial)) {
        out_.note(line, fmt::format("the {} of {} is left out: {}", what, pool.service.key.text(),
                                    *fault));
    } else {
        pool = std::move(trial);
    }
}

void Importer::set_care(const Virtual& from, PoolConfig& pool) {
    if (from.check) {
        auto trial = pool;
        trial.care.check = from.check;
        keep(from.check_line, "check", std::move(trial), pool);
    }
    if (from.quorum_node != nullptr) {
        auto trial = pool;
        trial.care.quorum = from.quorum;
        keep(from.quorum_node->line, "quorum", std::move(trial), pool);
    }
    if (from.sorry != nullptr) {
        set_fallback(from, pool);
    }
}

void Importer::set_fallback(const Virtual& from, PoolConfig& pool) {
    const auto endpoint = read_endpoint(*from.sorry);
    const auto forward = from.sorry_forward.value_or(from.forward);
    if (!endpoint || !forward.problem.empty()) {
        note_left(*from.sorry, endpoint ? forward.problem : endpoint.error().reason, out_);
        return;
    }
    ServerSpec server;
    server.endpoint = with_port_of(pool.service.key, *endpoint);
    server.mode = forward.mode;
    auto trial = pool;
    trial.care.fallback = {server};
    keep(from.sorry->line, "sorry server", std::move(trial), pool);
    if (from.quorum_node != nullptr && from.quorum.weight > 1) {
        out_.note(from.sorry->line, "the sorry server comes in when no server is left, not already "
                                    "when the quorum is lost");
    }
}

} // namespace

Imported import_keepalived(std::string_view text) {
    const auto tree = parse_keepalived(text);
    return Importer(tree).run();
}

} // namespace hg

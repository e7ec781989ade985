#include "import_range.h"
#include "import_virtual.h"
#include "number.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace hg {

namespace {

constexpr std::string_view kDefaultPersistence = "360"; // seconds

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

void Importer::read_virtual(const KeepalivedNode& node) {
    Virtual to{.node = &node};
    read_listens(node, to);
    read_virtual_keys(out_, to);
    if (!to.problem.empty()) {
        note_left(node, to.problem, out_);
        return;
    }
    read_real_servers(out_, to);
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
        } else if (group->second.empty()) {
            to.problem = "its group has no address";
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
    for (const auto* const flag : from.flags) {
        out_.set_flag(flag->line, flag->words[0], service);
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
        keep(from.check_node->line, "check", std::move(trial), pool);
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
    const auto is_same = [&](const ServerSpec& other) { return other.endpoint == server.endpoint; };
    if (std::any_of(pool.servers.begin(), pool.servers.end(), is_same)) {
        note_left(*from.sorry, "it is one of the servers already", out_);
        return;
    }
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

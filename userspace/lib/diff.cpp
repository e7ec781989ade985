#include "diff.h"

#include "diff_names.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace hg {

namespace {

struct RunningServer {
    ServerSpec spec;
    std::uint64_t conns = 0;
};

struct RunningPool {
    ServiceSpec service;
    std::map<Endpoint, RunningServer> servers;
};

using Pools = std::map<ServiceKey, RunningPool>;

Pools pools_of(const Running& running) {
    Pools out;
    for (const auto& service : running.services) {
        out[service.spec.key].service = service.spec;
    }
    for (const auto& server : running.servers) {
        const auto pool = out.find(server.service);
        // A server whose service went while the dumps were made has gone with it.
        if (pool != out.end()) {
            const auto conns = std::uint64_t{server.active} + server.inactive;
            pool->second.servers[server.spec.endpoint] = {server.spec, conns};
        }
    }
    return out;
}

template <class T> std::optional<T> if_changed(const T& from, const T& to) {
    return from == to ? std::nullopt : std::optional<T>(to);
}

ServerChange change_of(const ServerSpec& from, const ServerSpec& to) {
    ServerChange change;
    change.mode = if_changed(from.mode, to.mode);
    if (to.mode == Mode::Tunnel) {
        change.tunnel = if_changed(from.tunnel, to.tunnel);
    }
    change.weight = if_changed(from.weight, to.weight);
    change.admin_state = if_changed(from.admin_state, to.admin_state);
    return change;
}

ServiceChange change_of(const ServiceSpec& from, const ServiceSpec& to) {
    ServiceChange change;
    change.scheduler = if_changed(from.scheduler, to.scheduler);
    change.hash_port = if_changed(from.hash_port, to.hash_port);
    return change;
}

class Differ {
public:
    Differ(const Config& desired, const Running& running)
        : desired_(desired), running_(running), pools_(pools_of(running)) {}

    Difference run() {
        del_services();
        set_names();
        is_tight_ = is_tight();
        if (is_tight_) {
            for (const auto& pool : desired_.services) {
                del_servers(pool);
            }
        }
        for (const auto& pool : desired_.services) {
            match(pool);
        }
        return std::move(out_);
    }

private:
    // First of all: what is to go may hold the names of what is to come.
    void del_services() {
        for (const auto& pool : desired_.services) {
            wanted_.emplace(pool.service.key, &pool.service);
        }
        for (const auto& service : running_.services) {
            if (!wanted_.contains(service.spec.key)) {
                out_.ops.emplace_back(DelService{service.spec});
                pools_.erase(service.spec.key);
            }
        }
        for (const auto& [key, pool] : pools_) {
            if (!pool.service.name.empty()) {
                names_.emplace(pool.service.name, key);
            }
        }
    }

    void set_names() {
        std::vector<Rename> wanted;
        for (const auto& pool : desired_.services) {
            const auto found = pools_.find(pool.service.key);
            const auto& name = pool.service.name;
            if (found != pools_.end() && !name.empty() && found->second.service.name != name) {
                wanted.push_back({pool.service.key, found->second.service.name, name});
            }
        }
        const auto plan = plan_renames(wanted, names_);
        for (const auto& step : plan.steps) {
            rename(step);
        }
        for (const auto& step : plan.blocked) {
            block(step.key, step.to);
        }
    }

    void rename(const Rename& step) {
        auto& service = pools_.at(step.key).service;
        const auto& wanted = *wanted_.at(step.key);
        const bool is_last = step.to == wanted.name; // and not a step aside
        auto change = is_last ? change_of(service, wanted) : ServiceChange{};
        change.name = step.to;
        out_.ops.emplace_back(SetService{service, change});
        names_.erase(step.from);
        names_[step.to] = step.key;
        if (is_last) {
            service = wanted;
        }
        service.name = step.to;
    }

    void block(const ServiceKey& key, const std::string& name) {
        out_.obstacles.push_back(
            fmt::format("{} cannot have the name {}: {} has it, and the configuration gives that "
                        "one no other",
                        key.text(), name, names_.at(name).text()));
    }

    void match(const PoolConfig& pool) {
        const auto found = pools_.find(pool.service.key);
        if (found == pools_.end()) {
            add_pool(pool);
            return;
        }
        const auto change = change_of(found->second.service, pool.service);
        if (change != ServiceChange{}) {
            out_.ops.emplace_back(SetService{found->second.service, change});
        }
        match_servers(pool, found->second);
        if (!is_tight_) {
            del_servers(pool);
        }
    }

    void add_pool(const PoolConfig& pool) {
        const auto& name = pool.service.name;
        if (!name.empty() && names_.contains(name)) {
            block(pool.service.key, name);
        }
        out_.ops.emplace_back(AddService{pool.service});
        for (const auto& server : pool.servers) {
            out_.ops.emplace_back(AddServer{pool.service.key, server});
        }
    }

    // New servers before old ones go, so that the service is never without.
    void match_servers(const PoolConfig& pool, const RunningPool& running) {
        for (const auto& server : pool.servers) {
            if (!running.servers.contains(server.endpoint)) {
                out_.ops.emplace_back(AddServer{pool.service.key, server});
            }
        }
        for (const auto& server : pool.servers) {
            const auto found = running.servers.find(server.endpoint);
            if (found != running.servers.end()) {
                match_server(pool.service.key, found->second, server);
            }
        }
    }

    void match_server(const ServiceKey& service, const RunningServer& from, const ServerSpec& to) {
        const auto change = change_of(from.spec, to);
        if (change == ServerChange{}) {
            return;
        }
        out_.ops.emplace_back(SetServer{service, from.spec, change});
        if ((change.mode || change.tunnel) && from.conns > 0) {
            out_.obstacles.push_back(fmt::format(
                "server {} of {} has {} conns, and its forward mode cannot change from {} to {} "
                "under them: drain it (weight: 0) and apply again when they have ended, or take "
                "it out of the file, apply, put it back and apply",
                to.endpoint.text(), service.text(), from.conns, name(from.spec.mode),
                name(to.mode)));
        }
    }

    void del_servers(const PoolConfig& pool) {
        const auto found = pools_.find(pool.service.key);
        if (found == pools_.end()) {
            return;
        }
        std::set<Endpoint> wanted;
        for (const auto& server : pool.servers) {
            wanted.insert(server.endpoint);
        }
        for (const auto& [endpoint, server] : found->second.servers) {
            if (!wanted.contains(endpoint)) {
                out_.ops.emplace_back(DelServer{pool.service.key, server.spec});
            }
        }
    }

    // Old and new servers together would be more than the module takes.
    [[nodiscard]] bool is_tight() const {
        std::size_t total = 0;
        bool is_full = false;
        for (const auto& pool : desired_.services) {
            auto servers = pool.servers.size();
            const auto found = pools_.find(pool.service.key);
            servers += found == pools_.end() ? 0 : found->second.servers.size();
            is_full = is_full || servers > HEADGATE_POOL_MAX;
            total += servers;
        }
        return is_full || total > HEADGATE_SERVERS_MAX;
    }

    const Config& desired_;
    const Running& running_;
    Pools pools_;
    std::map<ServiceKey, const ServiceSpec*> wanted_;
    std::map<std::string, ServiceKey> names_;
    bool is_tight_ = false;
    Difference out_;
};

} // namespace

Difference diff(const Config& desired, const Running& running) {
    return Differ(desired, running).run();
}

Config config_of(const Running& running) {
    Config out;
    std::map<ServiceKey, std::size_t> places;
    for (const auto& service : running.services) {
        places.emplace(service.spec.key, out.services.size());
        out.services.push_back({service.spec, {}});
    }
    for (const auto& server : running.servers) {
        const auto place = places.find(server.service);
        if (place != places.end()) {
            out.services[place->second].servers.push_back(server.spec);
        }
    }
    return out;
}

} // namespace hg

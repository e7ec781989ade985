#include "diff.h"

#include "change.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace hg {

namespace {

struct RunningPool {
    ServiceSpec service;
    std::map<Endpoint, ServerSpec> servers;
};

using Pools = std::map<ServiceKey, RunningPool>;

Pools pools_of(const Running& running) {
    Pools out;
    for (const auto& service : running.services) {
        out[service.spec.key].service = service.spec;
    }
    auto pool = out.end();
    for (const auto& server : running.servers) {
        // They come by services.
        if (pool == out.end() || pool->first != server.service) {
            pool = out.find(server.service);
        }
        // A server whose service went while the dumps were made has gone with it.
        if (pool != out.end()) {
            pool->second.servers.emplace_hint(pool->second.servers.end(), server.spec.endpoint,
                                              server.spec);
        }
    }
    return out;
}

class Differ {
public:
    explicit Differ(const Running& running) : pools_(pools_of(running)) {}

    Difference run(const Config& desired) {
        rest_.reserve(most_ops(desired));
        for (const auto& pool : desired.services) {
            const auto found = pools_.find(pool.service.key);
            if (found == pools_.end()) {
                add_pool(pool);
            } else {
                match_pool(pool, found->second);
                pools_.erase(found);
            }
        }
        // What nobody asked for goes.
        for (const auto& [key, pool] : pools_) {
            gone_.emplace_back(DelService{pool.service});
        }
        if (gone_.empty()) {
            return std::move(rest_);
        }
        gone_.insert(gone_.end(), std::make_move_iterator(rest_.begin()),
                     std::make_move_iterator(rest_.end()));
        return std::move(gone_);
    }

private:
    static std::size_t most_ops(const Config& desired) {
        auto out = desired.services.size();
        for (const auto& pool : desired.services) {
            out += pool.servers.size();
        }
        return out;
    }

    void add_pool(const PoolConfig& pool) {
        rest_.emplace_back(AddService{pool.service});
        for (const auto& server : pool.servers) {
            rest_.emplace_back(AddServer{pool.service.key, server});
        }
    }

    void match_pool(const PoolConfig& pool, RunningPool& running) {
        const auto change = change_between(running.service, pool.service);
        if (change != ServiceChange{}) {
            rest_.emplace_back(SetService{running.service, change});
        }
        for (const auto& server : pool.servers) {
            const auto found = running.servers.find(server.endpoint);
            if (found == running.servers.end()) {
                rest_.emplace_back(AddServer{pool.service.key, server});
            } else {
                match_server(pool.service.key, found->second, server);
                running.servers.erase(found);
            }
        }
        for (const auto& [endpoint, server] : running.servers) {
            gone_.emplace_back(DelServer{pool.service.key, server});
        }
    }

    void match_server(const ServiceKey& service, const ServerSpec& from, const ServerSpec& to) {
        const auto change = change_between(from, to);
        if (change != ServerChange{}) {
            rest_.emplace_back(SetServer{service, from, change});
        }
    }

    Pools pools_; // those that were not met yet
    Difference gone_;
    Difference rest_;
};

} // namespace

Difference diff(const Config& desired, const Running& running) {
    return Differ(running).run(desired);
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

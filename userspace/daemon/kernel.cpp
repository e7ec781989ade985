#include "kernel.h"

namespace hg::daemon {

const KnownPool* Known::find(const ServiceKey& service) const {
    const auto found = pools.find(service);
    return found != pools.end() ? &found->second : nullptr;
}

const Server* Known::find(const ServiceKey& service, const Endpoint& server) const {
    const auto* const pool = find(service);
    if (pool == nullptr) {
        return nullptr;
    }
    const auto found = pool->servers.find(server);
    return found != pool->servers.end() ? &found->second : nullptr;
}

Known known_of(const Running& running) {
    Known out;
    out.generation = running.generation;
    for (const auto& service : running.services) {
        out.pools[service.spec.key].service = service;
    }
    for (const auto& server : running.servers) {
        // A server whose service went while the dumps were made has gone with it.
        const auto pool = out.pools.find(server.service);
        if (pool != out.pools.end()) {
            pool->second.servers.emplace(server.spec.endpoint, server);
        }
    }
    return out;
}

} // namespace hg::daemon

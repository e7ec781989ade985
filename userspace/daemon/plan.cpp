#include "plan.h"

#include "change.h"

#include <algorithm>

namespace hg::daemon {

namespace {

ServerChange keepers_of(const ServerWish& wish) {
    ServerChange out;
    out.down = MaskedBits{wish.down, kOurDown};
    out.factor = wish.factor;
    out.managed = true;
    return out;
}

// Of down and factor, what differs.
ServerChange health_change(const ServerWish& wish, const Server& server) {
    ServerChange out;
    if ((server.down & kOurDown) != wish.down) {
        out.down = MaskedBits{wish.down, kOurDown};
    }
    if (server.factor != wish.factor) {
        out.factor = wish.factor;
    }
    return out;
}

// Weight and state are the admin's too: what they are managed to be is compared, and what was
// changed by hand stays.
ServerChange full_change(const ServerWish& wish, const Server& server) {
    auto out = health_change(wish, server);
    auto rest = change_between(server.spec, wish.spec);
    out.mode = rest.mode;
    out.tunnel = rest.tunnel;
    out.upper = rest.upper;
    out.lower = rest.lower;
    const Managed wanted{wish.spec.weight, wish.spec.admin_state};
    if (server.managed != wanted) {
        out.weight = wanted.weight;
        out.admin_state = wanted.admin_state;
        out.managed = true;
    }
    return out;
}

bool is_fallback(const PoolWish& wish, const Endpoint& server) {
    return std::find(wish.fallback.begin(), wish.fallback.end(), server) != wish.fallback.end();
}

bool is_wished(const PoolWish& wish, const Endpoint& server) {
    return std::any_of(wish.servers.begin(), wish.servers.end(),
                       [&](const ServerWish& each) { return each.spec.endpoint == server; });
}

AddServer addition(const ServiceKey& service, const ServerWish& wish) {
    return {service, wish.spec, keepers_of(wish)};
}

void add_pool(const PoolWish& wish, Difference& out) {
    out.emplace_back(AddService{wish.service, true});
    for (const auto& server : wish.servers) {
        out.emplace_back(addition(wish.service.key, server));
    }
}

// Those of POOL that nobody wishes for.
void drop_servers(const PoolWish& wish, const KnownPool& pool, bool exclusive, Difference& out) {
    std::set<Endpoint> wished;
    for (const auto& server : wish.servers) {
        wished.insert(server.spec.endpoint);
    }
    for (const auto& [endpoint, server] : pool.servers) {
        if (!wished.contains(endpoint) && (server.managed || exclusive)) {
            out.emplace_back(DelServer{wish.service.key, server.spec});
        }
    }
}

void match_service(const PoolWish& wish, const KnownPool& pool, Difference& out) {
    auto change = change_between(pool.service.spec, wish.service);
    if (!pool.service.managed) {
        change.managed = true;
    }
    if (change != ServiceChange{}) {
        out.emplace_back(SetService{pool.service.spec, std::move(change)});
    }
}

void match_servers(const PoolWish& wish, const KnownPool& pool, Overrides overrides,
                   Difference& out) {
    for (const auto& server : wish.servers) {
        const auto found = pool.servers.find(server.spec.endpoint);
        if (found == pool.servers.end()) {
            out.emplace_back(addition(wish.service.key, server));
            continue;
        }
        auto change = full_change(server, found->second);
        if (change != ServerChange{}) {
            out.emplace_back(SetServer{wish.service.key, found->second.spec, change});
        }
        // Behind that, since it gives back what the server is managed to be by then.
        if (overrides == Overrides::Reset && is_overridden(found->second)) {
            out.emplace_back(ResetServer{wish.service.key, server.spec});
        }
    }
}

} // namespace

bool is_overridden(const Server& server) {
    return server.overrides != 0 || (server.down & HEADGATE_DOWN_ADMIN) != 0;
}

Difference plan_health(const PoolWish& wish, const Known& known) {
    Difference out;
    const auto* const pool = known.find(wish.service.key);
    if (pool == nullptr) {
        return out;
    }
    for (const auto& server : wish.servers) {
        const auto found = pool->servers.find(server.spec.endpoint);
        if (found == pool->servers.end()) {
            if (is_fallback(wish, server.spec.endpoint)) {
                out.emplace_back(addition(wish.service.key, server));
            }
            continue;
        }
        auto change = health_change(server, found->second);
        if (change != ServerChange{}) {
            out.emplace_back(SetServer{wish.service.key, found->second.spec, change});
        }
    }
    for (const auto& endpoint : wish.fallback) {
        const auto found = pool->servers.find(endpoint);
        if (found != pool->servers.end() && found->second.managed && !is_wished(wish, endpoint)) {
            out.emplace_back(DelServer{wish.service.key, found->second.spec});
        }
    }
    return out;
}

Difference plan_all(const std::vector<PoolWish>& wishes, const Known& known, bool exclusive,
                    Overrides overrides) {
    Difference gone;
    Difference out;
    std::set<ServiceKey> wished;
    for (const auto& wish : wishes) {
        wished.insert(wish.service.key);
        const auto* const pool = known.find(wish.service.key);
        if (pool == nullptr) {
            add_pool(wish, out);
            continue;
        }
        drop_servers(wish, *pool, exclusive, gone);
        match_service(wish, *pool, out);
        match_servers(wish, *pool, overrides, out);
    }
    for (const auto& [key, pool] : known.pools) {
        if (!wished.contains(key) && (pool.service.managed || exclusive)) {
            gone.emplace_back(DelService{pool.service.spec});
        }
    }
    // What goes is first, so that there is room for what comes.
    gone.insert(gone.end(), std::make_move_iterator(out.begin()),
                std::make_move_iterator(out.end()));
    return gone;
}

} // namespace hg::daemon

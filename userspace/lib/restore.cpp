#include "restore.h"

#include <algorithm>
#include <map>
#include <set>

namespace hg {

namespace {

using namespace std::chrono_literals;

// As it is asked for: what was left to its deadline is what is left now.
Drain drain_again(const Drain& drain) {
    Drain out{.then = drain.then, .remove = drain.remove};
    if (drain.left) {
        out.deadline = std::max(*drain.left, 1ms); // 0 would be none
    }
    return out;
}

// The admin's part, as far as it is not what the server is managed to be.
ServerChange by_hand(const Server& server) {
    ServerChange out;
    if (server.managed && (server.overrides & HEADGATE_OVERRIDE_WEIGHT) != 0) {
        out.weight = server.spec.weight;
    }
    if (server.drain) {
        out.drain = drain_again(*server.drain);
    } else if (server.managed && (server.overrides & HEADGATE_OVERRIDE_STATE) != 0) {
        out.admin_state = server.spec.admin_state;
    }
    return out;
}

// Of what the admin did by hand that which a server made anew from its file lacks.
ServerChange lacking(const Server& saved, const Server& running) {
    if (!saved.managed || running.overrides != 0) {
        return {};
    }
    auto out = by_hand(saved);
    if ((saved.down & ~running.down & HEADGATE_DOWN_ADMIN) != 0) {
        out.down = MaskedBits{HEADGATE_DOWN_ADMIN, HEADGATE_DOWN_ADMIN};
    }
    return out;
}

AddServer addition(const Server& server) {
    AddServer out{server.service, server.spec};
    out.besides.down = MaskedBits{server.down, HEADGATE_DOWN_ALL};
    out.besides.factor = server.factor;
    if (server.managed) {
        out.server.weight = server.managed->weight;
        out.server.admin_state = server.managed->admin_state;
        out.besides.managed = true;
    }
    return out;
}

using Key = std::pair<ServiceKey, Endpoint>;

Key key_of(const Server& server) { return {server.service, server.spec.endpoint}; }

void restore_server(const Server& saved, const std::map<Key, Server>& running, Difference& out) {
    const auto found = running.find(key_of(saved));
    if (found == running.end()) {
        out.emplace_back(addition(saved));
    }
    const auto change = found == running.end() ? by_hand(saved) : lacking(saved, found->second);
    if (change != ServerChange{}) {
        out.emplace_back(SetServer{saved.service, saved.spec, change});
    }
}

} // namespace

Difference restoration(const Running& saved, const Running& running) {
    std::map<Key, Server> servers;
    for (const auto& server : running.servers) {
        servers.emplace(key_of(server), server);
    }
    std::set<ServiceKey> services;
    for (const auto& service : running.services) {
        services.insert(service.spec.key);
    }
    Difference out;
    for (const auto& service : saved.services) {
        if (!services.contains(service.spec.key)) {
            out.emplace_back(AddService{service.spec, service.managed});
        }
    }
    for (const auto& server : saved.servers) {
        restore_server(server, servers, out);
    }
    return out;
}

} // namespace hg

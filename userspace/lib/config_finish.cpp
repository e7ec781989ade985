// What can be said of a service only when all of its keys are read.
#include "check.h"
#include "config_service.h"

#include <algorithm>
#include <fmt/format.h>

namespace hg {

void ServiceReader::finish(const ServiceDraft& draft, std::vector<PoolConfig>& out) {
    std::size_t number = 0;
    for (const auto& listen : draft.listens) {
        PoolConfig pool;
        pool.service = draft.spec;
        pool.service.key = listen.key;
        pool.service.affinity = affinity_for(draft.affinity, listen.key.endpoint.address.family());
        // Names are unique in the kernel: the further listeners of "dns" are "dns.2", "dns.3".
        if (++number > 1 && draft.name_node != nullptr) {
            pool.service.name += fmt::format(".{}", number);
        }
        if (draft.name_node != nullptr) {
            claim_name(pool.service.name, *draft.name_node);
        }
        // Few lines can ask for billions: every listener gets every server.
        total_servers_ += draft.servers.size();
        if (total_servers_ <= HEADGATE_SERVERS_MAX) {
            pool.servers = servers_for(draft, listen.key);
        }
        out.push_back(std::move(pool));
    }
    if (draft.listens.empty() && draft.name_node != nullptr) {
        claim_name(draft.spec.name, *draft.name_node);
    }
}

void ServiceReader::claim_name(const std::string& name, const YamlNode& node) {
    if (name.size() > HEADGATE_NAME_MAX) {
        source_.fault(node, fmt::format("name \"{}\" is too long with the number of its listener: "
                                        "up to {} characters in all",
                                        name, HEADGATE_NAME_MAX));
        return;
    }
    const auto [first, is_new] = names_.emplace(name, node.place);
    if (!is_new) {
        source_.fault(node, fmt::format("name \"{}\" is here a second time, the first is at {}",
                                        name, first->second.text()));
    }
}

std::vector<ServerSpec> ServiceReader::servers_for(const ServiceDraft& draft,
                                                   const ServiceKey& key) {
    std::vector<ServerSpec> out;
    std::vector<Placed> seen;
    out.reserve(draft.servers.size());
    seen.reserve(draft.servers.size());
    for (const auto& server : draft.servers) {
        if (!server.endpoint || told_.contains(server.node)) {
            continue;
        }
        auto spec = server.spec;
        spec.endpoint = with_port_of(key, *server.endpoint);
        if (const auto good = check_server(key, spec); !good) {
            source_.fault(*server.node, good.error().reason);
            told_.insert(server.node);
            continue;
        }
        out.push_back(spec);
        seen.push_back({spec.endpoint, server.node});
    }
    refuse_twins(std::move(seen));
    if (out.size() > HEADGATE_POOL_MAX) {
        source_.fault(*draft.node, fmt::format("{} servers are too many for one service: up to {}",
                                               out.size(), HEADGATE_POOL_MAX));
    }
    return out;
}

// Servers with the same address, as they stand in the file: the first is the one that is right.
void ServiceReader::refuse_twins(std::vector<Placed> servers) {
    const auto by_endpoint = [](const Placed& a, const Placed& b) {
        return a.endpoint < b.endpoint;
    };
    if (!std::is_sorted(servers.begin(), servers.end(), by_endpoint)) {
        std::stable_sort(servers.begin(), servers.end(), by_endpoint);
    }
    const Placed* first = nullptr;
    for (const auto& server : servers) {
        if (first == nullptr || first->endpoint != server.endpoint) {
            first = &server;
            continue;
        }
        source_.fault(*server.node,
                      fmt::format("server {} is here a second time, the first is at {}",
                                  server.endpoint.text(), first->node->place.text()));
        told_.insert(server.node);
    }
}

void ServiceReader::check_totals(const YamlNode& list, const std::vector<PoolConfig>& services) {
    if (services.size() > HEADGATE_SERVICES_MAX) {
        source_.fault(list, fmt::format("{} services are too many: up to {}", services.size(),
                                        HEADGATE_SERVICES_MAX));
    }
    if (total_servers_ > HEADGATE_SERVERS_MAX) {
        source_.fault(list, fmt::format("{} servers are too many in all: up to {}", total_servers_,
                                        HEADGATE_SERVERS_MAX));
    }
}

} // namespace hg

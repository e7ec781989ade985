// What can be said of a service only when all of its keys are read.
#include "check.h"
#include "config_service.h"

#include <algorithm>
#include <fmt/format.h>

namespace hg {

void ServiceReader::finish(const ServiceDraft& draft, std::vector<PoolConfig>& out) {
    std::size_t number = 0;
    told_.clear();
    for (const auto& listen : draft.listens) {
        PoolConfig pool;
        pool.service = draft.spec;
        pool.service.key = listen.key;
        pool.care = draft.care;
        pool.service.affinity = affinity_for(draft.affinity, listen.key.endpoint.address.family());
        // Names are unique in the kernel: the further listeners of "dns" are "dns.2", "dns.3".
        if (++number > 1 && draft.name_node != nullptr) {
            pool.service.name += fmt::format(".{}", number);
        }
        if (draft.name_node != nullptr) {
            claim_name(pool.service.name, *draft.name_node);
        }
        // Few lines can ask for billions: every listener gets every server.
        total_servers_ += draft.servers.size() + draft.fallback.size();
        if (total_servers_ <= HEADGATE_SERVERS_MAX) {
            std::vector<Placed> seen;
            pool.servers = servers_for(draft.servers, listen.key, seen);
            pool.care.fallback = servers_for(draft.fallback, listen.key, seen);
            refuse_twins(std::move(seen));
        }
        if (pool.servers.size() + pool.care.fallback.size() > HEADGATE_POOL_MAX) {
            source_.fault(*draft.node, fmt::format("{} servers are too many for one service: up to "
                                                   "{}",
                                                   pool.servers.size() + pool.care.fallback.size(),
                                                   HEADGATE_POOL_MAX));
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
    const auto [first, is_new] = names_.emplace(name, source_.place_of(node));
    if (!is_new) {
        source_.fault(node, fmt::format("name \"{}\" is here a second time, the first is at {}",
                                        name, source_.text_of(first->second)));
    }
}

std::vector<ServerSpec> ServiceReader::servers_for(const std::vector<ServerDraft>& drafts,
                                                   const ServiceKey& key,
                                                   std::vector<Placed>& seen) {
    std::vector<ServerSpec> out;
    out.reserve(drafts.size());
    seen.reserve(seen.size() + drafts.size());
    for (const auto& server : drafts) {
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

// Of all files together, told at the first list that is too much.
void ServiceReader::check_totals(const YamlNode& list, std::size_t services) {
    if (totals_told_) {
        return;
    }
    if (services > HEADGATE_SERVICES_MAX) {
        source_.fault(list, fmt::format("{} services are too many: up to {}", services,
                                        HEADGATE_SERVICES_MAX));
    }
    if (total_servers_ > HEADGATE_SERVERS_MAX) {
        source_.fault(list, fmt::format("{} servers are too many in all: up to {}", total_servers_,
                                        HEADGATE_SERVERS_MAX));
    }
    totals_told_ = services > HEADGATE_SERVICES_MAX || total_servers_ > HEADGATE_SERVERS_MAX;
}

} // namespace hg

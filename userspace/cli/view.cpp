#include "view.h"

#include "args.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace hg::cli {

namespace {

constexpr int kStateAttempts = 20;

Result<std::vector<ServiceView>> read_one(Client& client, const std::string& text) {
    const auto key = HG_TRY(find_service(client, text));
    std::vector<ServiceView> out(1);
    out[0].service = HG_TRY(client.service(key));
    out[0].servers = HG_TRY(client.list_servers(key));
    return out;
}

std::uint64_t rate(std::uint64_t before, std::uint64_t after, std::chrono::milliseconds interval) {
    constexpr double kMsPerSecond = 1000;
    if (after <= before || interval.count() <= 0) {
        return 0; // less than before: another object under the same name
    }
    const auto grown = static_cast<double>(after - before);
    return static_cast<std::uint64_t>(
        std::llround(grown * kMsPerSecond / static_cast<double>(interval.count())));
}

Counters rates(const Counters& before, const Counters& after, std::chrono::milliseconds interval) {
    return {.conns = rate(before.conns, after.conns, interval),
            .in_packets = rate(before.in_packets, after.in_packets, interval),
            .in_bytes = rate(before.in_bytes, after.in_bytes, interval),
            .out_packets = rate(before.out_packets, after.out_packets, interval),
            .out_bytes = rate(before.out_bytes, after.out_bytes, interval)};
}

// A check's answer comes from the VIP, one of our own addresses, in these modes; only IPv4 minds.
bool needs_accept_local(const Server& server) {
    return server.service.endpoint.address.family() == Family::V4 &&
           (server.spec.mode == Mode::Direct || server.spec.mode == Mode::Tunnel);
}

bool is_in_network(const Address& address, const InterfaceAddress& network) {
    if (address.family() != network.address.family()) {
        return false;
    }
    const auto bytes = address.bytes();
    for (std::size_t i = 0; i < bytes.size(); i++) {
        if (((bytes[i] ^ network.address.bytes()[i]) & network.mask.bytes()[i]) != std::byte{0}) {
            return false;
        }
    }
    return true;
}

// The interfaces that have both the VIP and the network of a NAT server: there the server's
// answers leave through the interface they came in. IPv6 has no sysctl for it.
std::set<std::string> one_arms(const ServiceView& view,
                               const std::vector<InterfaceAddress>& present) {
    const auto& vip = view.service.spec.key.endpoint.address;
    std::set<std::string> of_vip;
    for (const auto& each : present) {
        if (each.address == vip && vip.family() == Family::V4) {
            of_vip.insert(each.interface);
        }
    }
    std::set<std::string> out;
    for (const auto& each : present) {
        const auto is_behind = [&](const Server& server) {
            return server.spec.mode == Mode::Nat &&
                   is_in_network(server.spec.endpoint.address, each);
        };
        if (of_vip.contains(each.interface) &&
            std::any_of(view.servers.begin(), view.servers.end(), is_behind)) {
            out.insert(each.interface);
        }
    }
    return out;
}

Result<std::vector<std::string>> redirecting(Host& host, const std::vector<ServiceView>& services) {
    const auto present = HG_TRY(host.addresses());
    std::set<std::string> found;
    for (const auto& view : services) {
        found.merge(one_arms(view, present));
    }
    std::erase_if(found, [&](const auto& interface) { return !host.sends_redirects(interface); });
    return std::vector<std::string>(found.begin(), found.end());
}

using ServerKey = std::pair<ServiceKey, Endpoint>;

} // namespace

Result<std::vector<ServiceView>> read_views(Client& client, const std::string& service) {
    if (!service.empty()) {
        return read_one(client, service);
    }
    std::vector<ServiceView> out;
    std::map<ServiceKey, std::size_t> place;
    for (auto& each : HG_TRY(client.list_services())) {
        place.emplace(each.spec.key, out.size());
        out.push_back({.service = std::move(each), .servers = {}, .vip_missing = false});
    }
    for (const auto& server : HG_TRY(client.list_servers())) {
        // One of a service that came in between is left for the next look.
        if (const auto found = place.find(server.service); found != place.end()) {
            out[found->second].servers.push_back(server);
        }
    }
    return out;
}

Result<InfoView> read_info(Client& client, Host& host, const std::vector<ServiceView>& services) {
    InfoView out;
    out.info = HG_TRY(client.info());
    out.settings = HG_TRY(client.settings());
    const auto needs_it = [](const ServiceView& view) {
        return std::any_of(view.servers.begin(), view.servers.end(), needs_accept_local);
    };
    if (std::any_of(services.begin(), services.end(), needs_it)) {
        out.without_accept_local = host.without_accept_local();
    }
    out.redirecting = HG_TRY(redirecting(host, services));
    return out;
}

Result<std::optional<State>> read_state(Client& client, Host& host) {
    for (int attempt = 0; attempt < kStateAttempts; attempt++) {
        State out;
        const auto before = HG_TRY(client.info());
        auto services = read_views(client, "");
        if (!services && services.error().code == std::errc::resource_unavailable_try_again) {
            continue;
        }
        out.services = HG_TRY(std::move(services));
        out.info = HG_TRY(read_info(client, host, out.services));
        if (HG_TRY(client.info()).generation == before.generation) {
            return std::optional<State>(std::move(out));
        }
    }
    return std::optional<State>{};
}

Result<> mark_missing_vips(std::vector<ServiceView>& views, Host& host) {
    const auto present = HG_TRY(host.addresses());
    for (auto& view : views) {
        const auto& vip = view.service.spec.key.endpoint.address;
        view.vip_missing = std::none_of(present.begin(), present.end(),
                                        [&](const auto& each) { return each.address == vip; });
    }
    return {};
}

std::vector<ServiceView> rates_between(const std::vector<ServiceView>& before,
                                       std::vector<ServiceView> after,
                                       std::chrono::milliseconds interval) {
    std::map<ServiceKey, Counters> services;
    std::map<ServerKey, Counters> servers;
    for (const auto& view : before) {
        services.emplace(view.service.spec.key, view.service.counters);
        for (const auto& server : view.servers) {
            servers.emplace(ServerKey{server.service, server.spec.endpoint}, server.counters);
        }
    }
    // What is new has no rate yet: as if it had been where it is.
    for (auto& view : after) {
        auto& counters = view.service.counters;
        const auto old = services.find(view.service.spec.key);
        counters = rates(old == services.end() ? counters : old->second, counters, interval);
        for (auto& server : view.servers) {
            const auto was = servers.find({server.service, server.spec.endpoint});
            server.counters = rates(was == servers.end() ? server.counters : was->second,
                                    server.counters, interval);
        }
    }
    return after;
}

} // namespace hg::cli

#include "client.h"

#include <algorithm>
#include <fmt/format.h>

namespace hg {

namespace {

// A dump that a change interrupts is repeated; a configuration that never rests is an error.
constexpr int kDumpAttempts = 20;

} // namespace

template <class T, class Decode> Result<T> Client::ask(const Request& request, Decode decode) {
    std::optional<T> out;
    HG_TRY(channel_.exchange(request, [&](std::span<const std::byte> attributes) -> Result<Next> {
        out = HG_TRY(decode(attributes));
        return Next::Go;
    }));
    if (!out) {
        return attempting<T>(refusal("the kernel gave no answer", std::errc::bad_message),
                             request.attempted.text());
    }
    return *std::move(out);
}

template <class T, class Decode>
Result<std::vector<T>> Client::ask_all(const Request& request, Decode decode) {
    for (int attempt = 0; attempt < kDumpAttempts; attempt++) {
        std::vector<T> out;
        const auto ending =
            channel_.exchange(request, [&](std::span<const std::byte> attributes) -> Result<Next> {
                out.push_back(HG_TRY(decode(attributes)));
                return Next::Go;
            });
        if (!ending && !lost_messages(ending.error())) {
            return tl::make_unexpected(ending.error());
        }
        if (ending && !ending->interrupted) {
            return out;
        }
    }
    return attempting<std::vector<T>>(
        refusal(fmt::format("the configuration changed during each of {} readings", kDumpAttempts),
                std::errc::resource_unavailable_try_again),
        request.attempted.text());
}

// An unknown scheduler is refused with those there are, whatever words the kernel had.
Result<> Client::explain_scheduler(Result<> result, const std::string& scheduler) {
    if (result || result.error().code != std::errc::no_such_file_or_directory) {
        return result;
    }
    const auto known = info();
    if (!known || std::find(known->schedulers.begin(), known->schedulers.end(), scheduler) !=
                      known->schedulers.end()) {
        return result;
    }
    auto error = std::move(result).error();
    error.reason = fmt::format("unknown scheduler \"{}\" (there are: {})", scheduler,
                               fmt::join(known->schedulers, ", "));
    error.attribute.clear();
    return tl::make_unexpected(std::move(error));
}

Result<Info> Client::info() { return ask<Info>(get_info_request(), decode_info); }

Result<Settings> Client::settings() {
    return ask<Settings>(get_settings_request(), decode_settings);
}

Result<> Client::set_settings(const SettingsChange& change) {
    return channel_.execute(set_settings_request(change));
}

Result<Service> Client::service(const ServiceKey& key) {
    return ask<Service>(get_service_request(key), decode_service);
}

Result<std::vector<Service>> Client::list_services() {
    return ask_all<Service>(list_services_request(), decode_service);
}

Result<> Client::add_service(const ServiceSpec& service) {
    return explain_scheduler(channel_.execute(add_service_request(service)), service.scheduler);
}

Result<> Client::set_service(const ServiceKey& key, const ServiceChange& change) {
    auto result = channel_.execute(set_service_request(key, change));
    return change.scheduler ? explain_scheduler(std::move(result), *change.scheduler) : result;
}

Result<> Client::del_service(const ServiceKey& key) {
    return channel_.execute(del_service_request(key));
}

Result<> Client::flush() { return channel_.execute(flush_request()); }

Result<Server> Client::server(const ServiceKey& service, const Endpoint& server) {
    return ask<Server>(get_server_request(service, server), decode_server);
}

Result<std::vector<Server>> Client::list_servers() {
    return ask_all<Server>(list_servers_request(std::nullopt), decode_server);
}

Result<std::vector<Server>> Client::list_servers(const ServiceKey& service) {
    return ask_all<Server>(list_servers_request(service), decode_server);
}

Result<> Client::add_server(const ServiceKey& service, const ServerSpec& server) {
    return channel_.execute(add_server_request(service, server));
}

Result<> Client::set_server(const ServiceKey& service, const Endpoint& server,
                            const ServerChange& change) {
    return channel_.execute(set_server_request(service, server, change));
}

Result<> Client::del_server(const ServiceKey& service, const Endpoint& server) {
    return channel_.execute(del_server_request(service, server));
}

Result<> Client::reset_server(const ServiceKey& service, const Endpoint& server) {
    return channel_.execute(reset_server_request(service, server));
}

Result<Client::ConnWalk> Client::list_conns(const ConnFilter& filter,
                                            const std::function<Next(const Conn&)>& visit) {
    const auto ending = HG_TRY(channel_.exchange(
        list_conns_request(filter), [&](std::span<const std::byte> attributes) -> Result<Next> {
            return visit(HG_TRY(decode_conn(attributes)));
        }));
    return ConnWalk{.stopped = ending.stopped, .duplicates = ending.interrupted};
}

Result<Client::ConnCounts> Client::count_conns(const ConnFilter& filter) {
    ConnCounts out;
    const auto ending = HG_TRY(channel_.exchange(
        count_conns_request(filter), [&](std::span<const std::byte> attributes) -> Result<Next> {
            out.servers.push_back(HG_TRY(decode_conn_count(attributes)));
            return Next::Go;
        }));
    out.duplicates = ending.interrupted;
    return out;
}

Result<std::uint32_t> Client::kill_conns(const ConnFilter& filter) {
    return ask<std::uint32_t>(kill_conns_request(filter), decode_killed);
}

Result<Client::ConnWalk>
Client::list_affinities(const ConnFilter& filter,
                        const std::function<Next(const Affinity&)>& visit) {
    const auto ending =
        HG_TRY(channel_.exchange(list_affinities_request(filter),
                                 [&](std::span<const std::byte> attributes) -> Result<Next> {
                                     return visit(HG_TRY(decode_affinity(attributes)));
                                 }));
    return ConnWalk{.stopped = ending.stopped, .duplicates = ending.interrupted};
}

Result<std::uint32_t> Client::flush_affinities(const ConnFilter& filter) {
    return ask<std::uint32_t>(flush_affinities_request(filter), decode_flushed);
}

Result<> Client::sweep() { return channel_.execute(sweep_request()); }

Result<> Client::heartbeat(std::chrono::milliseconds interval) {
    return channel_.execute(heartbeat_request(interval));
}

} // namespace hg

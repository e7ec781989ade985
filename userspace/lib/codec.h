// Values to requests, answers to values: pure functions over bytes.
#pragma once

#include "event.h"
#include "message.h"
#include "model.h"

namespace hg {

// What a request is to do, put into words only when something comes of it.
struct Attempt {
    std::string_view verb;      // "add server"
    std::string_view link = {}; // "to"
    std::optional<ServiceKey> service = {};
    std::optional<Endpoint> server = {};

    // "add server 10.1.0.2:80 to tcp://10.0.0.1:80"
    [[nodiscard]] std::string text() const;
};

// A request before it has a sequence number.
struct Request {
    std::uint8_t command = 0; // headgate_cmd
    bool dump = false;
    Bytes attributes = {};
    Attempt attempted = {};
};

[[nodiscard]] Request get_info_request();
[[nodiscard]] Request get_settings_request();
[[nodiscard]] Request set_settings_request(const SettingsChange& change);
[[nodiscard]] Request get_service_request(const ServiceKey& key);
[[nodiscard]] Request list_services_request();
[[nodiscard]] Request add_service_request(const ServiceSpec& service, bool managed = false);
[[nodiscard]] Request set_service_request(const ServiceKey& key, const ServiceChange& change);
[[nodiscard]] Request del_service_request(const ServiceKey& key);
[[nodiscard]] Request flush_request();
[[nodiscard]] Request get_server_request(const ServiceKey& service, const Endpoint& server);
[[nodiscard]] Request list_servers_request(const std::optional<ServiceKey>& service);
// BESIDES is what is not the admin's: down, factor, managed.
[[nodiscard]] Request add_server_request(const ServiceKey& service, const ServerSpec& server,
                                         const ServerChange& besides = {});
[[nodiscard]] Request set_server_request(const ServiceKey& service, const Endpoint& server,
                                         const ServerChange& change);
[[nodiscard]] Request del_server_request(const ServiceKey& service, const Endpoint& server);
[[nodiscard]] Request reset_server_request(const ServiceKey& service, const Endpoint& server);
[[nodiscard]] Request list_conns_request(const ConnFilter& filter);
[[nodiscard]] Request count_conns_request(const ConnFilter& filter);
[[nodiscard]] Request kill_conns_request(const ConnFilter& filter);
[[nodiscard]] Request sweep_request();
[[nodiscard]] Request heartbeat_request(std::chrono::milliseconds interval);
[[nodiscard]] Request list_affinities_request(const ConnFilter& filter);
[[nodiscard]] Request flush_affinities_request(const ConnFilter& filter);
[[nodiscard]] Request begin_request();
// MESSAGES is how many have been sent to be staged.
[[nodiscard]] Request check_request(std::uint32_t generation, std::uint32_t messages);
[[nodiscard]] Request commit_request(std::uint32_t generation, std::uint32_t messages);
[[nodiscard]] Request abort_request();

// From the attributes of an answer. What a newer module adds is passed over; what cannot be
// done without must be there.
[[nodiscard]] Result<Info> decode_info(std::span<const std::byte> attributes);
[[nodiscard]] Result<Settings> decode_settings(std::span<const std::byte> attributes);
[[nodiscard]] Result<Service> decode_service(std::span<const std::byte> attributes);
[[nodiscard]] Result<Server> decode_server(std::span<const std::byte> attributes);
[[nodiscard]] Result<Conn> decode_conn(std::span<const std::byte> attributes);
[[nodiscard]] Result<ConnCount> decode_conn_count(std::span<const std::byte> attributes);
[[nodiscard]] Result<std::uint32_t> decode_killed(std::span<const std::byte> attributes);
[[nodiscard]] Result<Event> decode_event(std::span<const std::byte> attributes);
[[nodiscard]] Result<Affinity> decode_affinity(std::span<const std::byte> attributes);
[[nodiscard]] Result<std::uint32_t> decode_flushed(std::span<const std::byte> attributes);

} // namespace hg

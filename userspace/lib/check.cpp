#include "check.h"

#include <algorithm>
#include <fmt/format.h>

namespace hg {

namespace {

Result<> check_family(const ServiceKey& service, const ServerSpec& server) {
    const auto ours = server.endpoint.address.family();
    const auto theirs = service.endpoint.address.family();
    if (ours == theirs || server.mode == Mode::Tunnel) {
        return {};
    }
    return refusal(fmt::format("the server is {} and the service {}: only the mode tunnel can "
                               "forward from one family to the other, not {}",
                               name(ours), name(theirs), name(server.mode)),
                   std::errc::invalid_argument);
}

Result<> check_port(const ServiceKey& service, const ServerSpec& server) {
    const auto port = server.endpoint.port;
    if (port == 0 || port == service.endpoint.port || server.mode == Mode::Nat) {
        return {};
    }
    return refusal(fmt::format("port {} is not the service's port {}: only the mode nat can change "
                               "the port, not {}",
                               port, service.endpoint.port, name(server.mode)),
                   std::errc::invalid_argument);
}

bool name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

} // namespace

Result<> check_unicast(const Address& address, std::string_view what) {
    if (address.is_loopback()) {
        return refusal(fmt::format("{} {} is a loopback address: packets could not leave the "
                                   "director, use one of its other addresses",
                                   what, address.text()),
                       std::errc::invalid_argument);
    }
    if (address.is_unspecified() || address.is_multicast()) {
        return refusal(fmt::format("{} {} is not a unicast address", what, address.text()),
                       std::errc::invalid_argument);
    }
    if (address.is_v4_mapped()) {
        return refusal(fmt::format("{} {} is an IPv4 address in IPv6 dress: write the IPv4 address",
                                   what, address.text()),
                       std::errc::invalid_argument);
    }
    if (address.is_link_local()) {
        return refusal(fmt::format("{} {} is a link-local address, which says nothing without its "
                                   "link: use one of its other addresses",
                                   what, address.text()),
                       std::errc::invalid_argument);
    }
    return {};
}

Result<> check_key(const ServiceKey& key) {
    HG_TRY(check_unicast(key.endpoint.address, "VIP"));
    if (key.endpoint.port == 0) {
        return usage_error("a service needs a port");
    }
    return {};
}

Result<> check_name(std::string_view name, std::string_view owner) {
    if (name.empty() || name.size() > HEADGATE_NAME_MAX ||
        !std::all_of(name.begin(), name.end(), name_char)) {
        return usage_error(fmt::format("\"{}\" cannot be {}'s name: 1 to {} of A-Z a-z 0-9 "
                                       ". _ -",
                                       name, owner, HEADGATE_NAME_MAX));
    }
    return {};
}

Result<> check_service(const ServiceSpec& service) {
    HG_TRY(check_key(service.key));
    if (!service.name.empty()) {
        HG_TRY(check_name(service.name));
    }
    if (service.scheduler.empty() || service.scheduler.size() > HEADGATE_SCHED_MAX) {
        return usage_error(fmt::format("\"{}\" cannot be a scheduler's name", service.scheduler));
    }
    return {};
}

Result<> check_server(const ServiceKey& service, const ServerSpec& server) {
    HG_TRY(check_unicast(server.endpoint.address, "server"));
    HG_TRY(check_family(service, server));
    HG_TRY(check_port(service, server));
    if (server.weight > HEADGATE_WEIGHT_MAX) {
        return usage_error(
            fmt::format("weight {} is out of range: 0 to {}", server.weight, HEADGATE_WEIGHT_MAX));
    }
    if (server.lower > server.upper) {
        return usage_error(fmt::format("the lower threshold, {}, is over the upper one, {}",
                                       server.lower, server.upper));
    }
    return {};
}

} // namespace hg

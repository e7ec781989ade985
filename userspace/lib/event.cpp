#include "event.h"

namespace hg {

namespace {

constexpr std::array<std::string_view, __HEADGATE_EVENT_MAX> kEvents{
    "commit",         "settings",        "service_new", "service_set", "service_gone",
    "server_new",     "server_set",      "server_down", "server_up",   "server_gone",
    "server_drained", "server_deadline", "conn_new",    "conn_state",  "conn_gone"};

} // namespace

std::string_view name(EventGroup group) {
    return group == EventGroup::Config ? HEADGATE_GROUP_CONFIG : HEADGATE_GROUP_CONN;
}

// A newer module may tell more than we know: that is shown, not hidden.
std::string_view event_name(std::uint32_t type) {
    return type < kEvents.size() ? kEvents[type] : "unknown";
}

std::optional<ServiceKey> service_of(const Event& event) {
    if (const auto* const service = std::get_if<Service>(&event.subject)) {
        return service->spec.key;
    }
    if (const auto* const server = std::get_if<Server>(&event.subject)) {
        return server->service;
    }
    if (const auto* const conn = std::get_if<Conn>(&event.subject)) {
        return ServiceKey{conn->protocol, conn->service};
    }
    return std::nullopt;
}

bool may_follow(const Event& event, std::uint32_t generation) {
    const auto younger = static_cast<std::int32_t>(event.generation - generation);
    const auto ends_drain =
        event.type == HEADGATE_EVENT_SERVER_DRAINED || event.type == HEADGATE_EVENT_SERVER_DEADLINE;
    return event.group == EventGroup::Config && (younger > 0 || (younger == 0 && ends_drain));
}

bool changes_the_set(const Event& event) {
    switch (event.type) {
    case HEADGATE_EVENT_SETTINGS:
    case HEADGATE_EVENT_SERVICE_NEW:
    case HEADGATE_EVENT_SERVICE_GONE:
    case HEADGATE_EVENT_SERVER_NEW:
    case HEADGATE_EVENT_SERVER_GONE:
        return true;
    default:
        return false;
    }
}

} // namespace hg

#include "event_report.h"

#include "json_values.h"
#include "number.h"
#include "words.h"

#include <algorithm>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hg::cli {

namespace {

using std::chrono::duration_cast;

// What moves without an event, or only follows from what else an event changed.
constexpr auto kMoving =
    std::to_array<std::string_view>({"server_count", "active", "inactive", "counters", "ramp",
                                     "effective_weight", "overloaded", "drain"});

Json changes_between(const Json& before, const Json& after) {
    Json out = Json::object();
    for (const auto& [key, value] : after.items()) {
        const auto was = before.find(key);
        if (was != before.end() && *was != value &&
            std::find(kMoving.begin(), kMoving.end(), key) == kMoving.end()) {
            out[key] = {*was, value};
        }
    }
    return out;
}

bool is_end(const Event& event) {
    return event.type == HEADGATE_EVENT_SERVICE_GONE || event.type == HEADGATE_EVENT_SERVER_GONE;
}

// Puts VALUE where KEY is, or takes it away at the end; what was changed.
template <class Map>
Json replace(Map& map, const typename Map::key_type& key, const typename Map::mapped_type& value,
             bool end) {
    Json out = Json::object();
    const auto found = map.find(key);
    if (end) {
        map.erase(key);
    } else if (found == map.end()) {
        map.emplace(key, value);
    } else {
        out = changes_between(to_json(found->second), to_json(value));
        found->second = value;
    }
    return out;
}

// What an object's coming, change and end are called.
struct Kinds {
    std::uint32_t created;
    std::uint32_t set;
    std::uint32_t gone;
};

template <class Map, class Tell>
void compare(const Map& before, const Map& after, const Kinds& kinds, const Tell& tell) {
    for (const auto& [key, value] : before) {
        if (!after.contains(key)) {
            tell(kinds.gone, value, Json::object());
        }
    }
    for (const auto& [key, value] : after) {
        const auto was = before.find(key);
        if (was == before.end()) {
            tell(kinds.created, value, Json::object());
        } else if (const auto changed = changes_between(to_json(was->second), to_json(value));
                   !changed.empty()) {
            tell(kinds.set, value, changed);
        }
    }
}

std::string value_text(const Json& value) {
    if (value.is_null() || (value.is_array() && value.empty())) {
        return "none";
    }
    if (value.is_string()) {
        return value.get<std::string>();
    }
    if (!value.is_array()) {
        return dump(value, -1);
    }
    std::string out;
    for (const auto& each : value) {
        out += (out.empty() ? "" : "+") + value_text(each);
    }
    return out;
}

std::string changes_text(const Json& changed) {
    std::string out;
    for (const auto& [key, both] : changed.items()) {
        out += fmt::format("{}{} {} -> {}", out.empty() ? "" : ", ", key, value_text(both[0]),
                           value_text(both[1]));
    }
    return out;
}

std::string details_of(const Event& event, const std::monostate& /*nothing*/) {
    return fmt::format("generation {}", event.generation);
}

std::string details_of(const Event& event, const Service& service) {
    return event.type == HEADGATE_EVENT_SERVICE_NEW ? scheduler_text(service.spec) : "";
}

std::string details_of(const Event& event, const Server& server) {
    switch (event.type) {
    case HEADGATE_EVENT_SERVER_NEW:
    case HEADGATE_EVENT_SERVER_SET:
        return fmt::format("{} weight {} {}", mode_text(server.spec), server.spec.weight,
                           state_text(server));
    case HEADGATE_EVENT_SERVER_DEADLINE:
        return fmt::format("{} conns left", server.active + server.inactive);
    default:
        return "";
    }
}

std::string details_of(const Event& /*event*/, const Conn& conn) {
    constexpr std::uint32_t kKilled = HEADGATE_CONN_F_KILLED; // the state says it
    const auto flags = conn_flags_text(conn.flags & ~kKilled);
    return std::string(state_name(conn)) + (flags.empty() ? "" : " " + flags);
}

std::string subject_of(const std::monostate& /*nothing*/) { return ""; }

std::string subject_of(const Service& service) { return service_text(service.spec); }

std::string subject_of(const Server& server) {
    return server.service.text() + " " + server.spec.endpoint.text();
}

std::string subject_of(const Conn& conn) {
    return fmt::format("{} -> {} -> {}", conn.client.text(),
                       ServiceKey{conn.protocol, conn.service}.text(), conn.server.text());
}

std::string line(WallTime time, std::string_view what, const std::string& subject,
                 const std::string& details) {
    auto out = fmt::format("{}  {:<15}  {}{}{}", local_text(time), what, subject,
                           subject.empty() || details.empty() ? "" : "  ", details);
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
}

// What it is about: the names of it, then the whole.
struct Subject {
    Json& out;

    void operator()(const std::monostate& /*nothing*/) const {}

    void operator()(const Service& service) const {
        out["service"] = service.spec.key.text();
        out["object"] = to_json(service);
    }

    void operator()(const Server& server) const {
        out["service"] = server.service.text();
        out["server"] = server.spec.endpoint.text();
        out["object"] = to_json(server);
    }

    void operator()(const Conn& conn) const {
        out["service"] = ServiceKey{conn.protocol, conn.service}.text();
        out["server"] = conn.server.text();
        out["client"] = conn.client.text();
        out["object"] = to_json(conn);
    }
};

} // namespace

Known::Known(std::uint32_t generation, const std::vector<ServiceView>& services)
    : generation_(generation) {
    for (const auto& view : services) {
        services_.emplace(view.service.spec.key, view.service);
        for (const auto& server : view.servers) {
            servers_.emplace(std::pair(server.service, server.spec.endpoint), server);
        }
    }
}

Json Known::take(const Event& event) {
    if (generation_ && !may_follow(event, *generation_)) {
        return Json::object();
    }
    if (const auto* const server = std::get_if<Server>(&event.subject)) {
        return replace(servers_, {server->service, server->spec.endpoint}, *server, is_end(event));
    }
    const auto* const service = std::get_if<Service>(&event.subject);
    if (service == nullptr) {
        return Json::object();
    }
    const auto& key = service->spec.key;
    if (is_end(event)) { // its servers go without a word
        std::erase_if(servers_, [&](const auto& each) { return each.first.first == key; });
    }
    return replace(services_, key, *service, is_end(event));
}

void Known::differences_from(const Known& before, WallTime now, const Tell& tell) const {
    if (!generation_ || !before.generation_) {
        return;
    }
    Event event{.group = EventGroup::Config, .time = now, .generation = *generation_};
    const auto found = [&](std::uint32_t type, const auto& subject, const Json& changed) {
        event.type = type;
        event.subject = subject;
        tell(event, changed);
    };
    compare(before.services_, services_,
            {HEADGATE_EVENT_SERVICE_NEW, HEADGATE_EVENT_SERVICE_SET, HEADGATE_EVENT_SERVICE_GONE},
            found);
    compare(before.servers_, servers_,
            {HEADGATE_EVENT_SERVER_NEW, HEADGATE_EVENT_SERVER_SET, HEADGATE_EVENT_SERVER_GONE},
            [&](std::uint32_t type, const Server& server, const Json& changed) {
                if (services_.contains(server.service)) { // else it went without a word
                    found(type, server, changed);
                }
            });
}

std::string local_text(WallTime time) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    const auto rest = duration_cast<std::chrono::milliseconds>(time - whole).count();
    return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:03}",
                       fmt::localtime(std::chrono::system_clock::to_time_t(whole)), rest);
}

std::string event_line(const Event& event, const Json& changed) {
    auto details =
        std::visit([&](const auto& each) { return details_of(event, each); }, event.subject);
    if (!changed.empty()) {
        details = changes_text(changed);
    }
    const auto subject =
        std::visit([](const auto& each) { return subject_of(each); }, event.subject);
    return line(event.time, event_name(event.type), subject, details);
}

std::string found_line(const Event& event, const Json& changed) {
    return event_line(event, changed) + "  (found after the loss)";
}

std::string lost_line(const Lost& lost, WallTime now) {
    return line(now, "lost",
                fmt::format("{}{} events: they came faster than they were read; going on with "
                            "those that come now",
                            lost.events ? std::to_string(*lost.events) : "some",
                            lost.group ? fmt::format(" {}", name(*lost.group)) : ""),
                "");
}

Json event_document(const Event& event, const Json& changed) {
    Json out{{"type", event_name(event.type)},
             {"group", name(event.group)},
             {"sequence", event.sequence}};
    if (event.group == EventGroup::Config) {
        out["generation"] = event.generation;
    }
    std::visit(Subject{out}, event.subject);
    if (!changed.empty()) {
        out["changed"] = changed;
    }
    return {{"time", utc_text(event.time)}, {"event", std::move(out)}};
}

Json found_document(const Event& event, const Json& changed) {
    auto out = event_document(event, changed);
    out["event"].erase("sequence");
    out["event"]["resynced"] = true;
    return out;
}

Json lost_document(const Lost& lost, WallTime now) {
    return {{"time", utc_text(now)},
            {"lost",
             {{"group", lost.group ? Json(name(*lost.group)) : Json()},
              {"events", lost.events ? Json(*lost.events) : Json()}}}};
}

} // namespace hg::cli

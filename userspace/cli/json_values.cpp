#include "json_values.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string_view>

namespace hg::cli {

namespace {

constexpr double kOneWeight = 256;
constexpr double kOneFactor = 1000;

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json down_to_json(std::uint32_t down) {
    Json out = Json::array();
    for (std::uint32_t bit = 1; bit != 0; bit <<= 1U) {
        if ((down & bit) != 0) {
            out.push_back(down_text(bit));
        }
    }
    return out;
}

Json drain_to_json(const std::optional<Drain>& drain) {
    if (!drain) {
        return {};
    }
    return {{"left_ms", drain->left ? Json(drain->left->count()) : Json()},
            {"then", name(drain->then)},
            {"remove", drain->remove}};
}

Json managed_to_json(const Server& server) {
    if (!server.managed) {
        return {};
    }
    Json overrides = Json::array();
    if ((server.overrides & HEADGATE_OVERRIDE_WEIGHT) != 0) {
        overrides.push_back("weight");
    }
    if ((server.overrides & HEADGATE_OVERRIDE_STATE) != 0) {
        overrides.push_back("state");
    }
    return {{"weight", server.managed->weight},
            {"state", name(server.managed->admin_state)},
            {"overrides", std::move(overrides)}};
}

} // namespace

Json to_json(const Counters& counters) {
    return {{"conns", counters.conns},
            {"in_packets", counters.in_packets},
            {"in_bytes", counters.in_bytes},
            {"out_packets", counters.out_packets},
            {"out_bytes", counters.out_bytes}};
}

Json affinity_json(const AffinitySpec& affinity, Family family) {
    if (affinity.timeout.count() == 0) {
        return {};
    }
    return {{"timeout_ms", affinity.timeout.count()},
            {"prefix", affinity.prefix != 0 ? affinity.prefix : bits_of(family)},
            {"drained", name(affinity.drained)}};
}

Json to_json(const Affinity& entry) {
    return {{"protocol", name(entry.protocol)},
            {"client", fmt::format("{}/{}", entry.client.text(), entry.prefix)},
            {"service", ServiceKey{entry.protocol, entry.service}.text()},
            {"server", entry.server.text()},
            {"timeout_ms", entry.timeout.count()},
            {"expires_ms", entry.expires.count()},
            {"conns", entry.conns}};
}

Json to_json(const ServiceSpec& spec) {
    Json timeouts = Json::object();
    for (std::size_t i = 0; i < kTimeouts; i++) {
        if (spec.timeouts[i] != std::chrono::milliseconds::zero()) {
            timeouts[std::string(timeout_names()[i]) + "_ms"] = spec.timeouts[i].count();
        }
    }
    return {{"service", spec.key.text()},
            {"name", text_or_null(spec.name)},
            {"scheduler", spec.scheduler},
            {"hash_port", spec.hash_port},
            {"timeouts", std::move(timeouts)},
            {"slow_start_ms", spec.slow_start.count()},
            {"on_down", name(spec.on_down)},
            {"affinity", affinity_json(spec.affinity, spec.key.endpoint.address.family())}};
}

Json to_json(const ServerSpec& spec) {
    return {{"server", spec.endpoint.text()},
            {"forward", name(spec.mode)},
            {"tunnel", spec.mode == Mode::Tunnel ? Json(name(spec.tunnel)) : Json()},
            {"weight", spec.weight},
            {"state", name(spec.admin_state)},
            {"upper", spec.upper},
            {"lower", spec.lower}};
}

Json to_json(const Service& service) {
    auto out = to_json(service.spec);
    const auto& key = service.spec.key;
    out.update({{"protocol", name(key.protocol)},
                {"address", key.endpoint.address.text()},
                {"port", key.endpoint.port},
                {"server_count", service.servers},
                {"active", service.active},
                {"inactive", service.inactive},
                {"counters", to_json(service.counters)}});
    return out;
}

Json to_json(const Server& server) {
    Json out{{"service", server.service.text()}};
    out.update(to_json(server.spec));
    const auto& endpoint = server.spec.endpoint;
    out.update({{"address", endpoint.address.text()},
                {"port", endpoint.port},
                {"down", down_to_json(server.down)},
                {"factor", server.factor / kOneFactor},
                {"ramp", server.ramp / kOneFactor},
                {"effective_weight", server.effective_weight / kOneWeight},
                {"overloaded", (server.status & HEADGATE_STATUS_OVERLOADED) != 0},
                {"drained", (server.status & HEADGATE_STATUS_DRAINED) != 0},
                {"drain", drain_to_json(server.drain)},
                {"managed", managed_to_json(server)},
                {"check_mark", server.check_mark ? Json(*server.check_mark) : Json()},
                {"active", server.active},
                {"inactive", server.inactive},
                {"counters", to_json(server.counters)}});
    return out;
}

Json to_json(const std::vector<ServiceView>& services) {
    Json out = Json::array();
    for (const auto& view : services) {
        auto service = to_json(view.service);
        service["vip_missing"] = view.vip_missing;
        service["servers"] = array_of(view.servers);
        out.push_back(std::move(service));
    }
    return out;
}

Json to_json(const Conn& conn) {
    return {{"protocol", name(conn.protocol)},
            {"client", conn.client.text()},
            {"service", ServiceKey{conn.protocol, conn.service}.text()},
            {"server", conn.server.text()},
            {"forward", name(conn.mode)},
            {"state", state_name(conn)},
            {"active", (conn.flags & HEADGATE_CONN_F_ACTIVE) != 0},
            {"assured", (conn.flags & HEADGATE_CONN_F_ASSURED) != 0},
            {"check", (conn.flags & HEADGATE_CONN_F_CHECK) != 0},
            {"killed", (conn.flags & HEADGATE_CONN_F_KILLED) != 0},
            {"timeout_ms", conn.timeout.count()},
            {"expires_ms", conn.expires.count()},
            {"age_ms", conn.age.count()}};
}

Json to_json(const Settings& settings) {
    Json timeouts = Json::object();
    for (std::size_t i = 0; i < kTimeouts; i++) {
        timeouts[std::string(timeout_name(i)) + "_ms"] = settings.timeouts[i].count();
    }
    return {{"conn_limit", settings.conn_limit},
            {"affinity_limit", settings.affinity_limit},
            {"check_mark_first", settings.check_mark_first},
            {"check_mark_last", settings.check_mark_last},
            {"timeouts", std::move(timeouts)}};
}

Json drops_to_json(const Info& info) {
    Json out = Json::object();
    for (const auto& drop : info.drops) {
        out[drop.name] = drop.packets;
    }
    return out;
}

Json to_json(const std::optional<Heartbeat>& heartbeat) {
    if (!heartbeat) {
        return nullptr;
    }
    return {{"interval_ms", heartbeat->interval.count()},
            {"age_ms", heartbeat->age.count()},
            {"gone", heartbeat->is_gone()}};
}

Json to_json(const InfoView& view) {
    return {{"version", view.info.version},
            {"generation", view.info.generation},
            {"services", view.info.services},
            {"servers", view.info.servers},
            {"conns", view.info.conns},
            {"conn_limit", view.info.conn_limit},
            {"affinities", view.info.affinities},
            {"affinity_limit", view.info.affinity_limit},
            {"schedulers", view.info.schedulers},
            {"check_mark_first", view.settings.check_mark_first},
            {"check_mark_last", view.settings.check_mark_last},
            {"drops", drops_to_json(view.info)},
            {"heartbeat", to_json(view.info.heartbeat)},
            {"without_accept_local", view.without_accept_local},
            {"redirecting", view.redirecting}};
}

Json to_json(const Error& error) {
    return {{"text", error.text()},
            {"attempted", text_or_null(error.attempted)},
            {"reason", error.reason.empty() ? error.code.message() : error.reason},
            {"attribute", text_or_null(error.attribute)},
            {"errno", error.code.value()}};
}

std::string dump(const Json& json, int indent) {
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

} // namespace hg::cli

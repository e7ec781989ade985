#include "status.h"

#include "number.h"

namespace hg::daemon {

namespace {

using Json = nlohmann::ordered_json;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

milliseconds::rep age_of(TimePoint then, TimePoint now) {
    return duration_cast<milliseconds>(now - then).count();
}

Json check_json(const Probe& probe, TimePoint now) {
    Json out{{"type", type_name(probe.check)},
             {"health", name(probe.health.state())},
             {"since_ms", age_of(probe.health.since(), now)},
             {"contrary", probe.health.contrary()}};
    if (probe.last) {
        out["ok"] = probe.last->ok;
        out["reason"] = probe.last->reason;
        out["age_ms"] = age_of(probe.last_at, now);
        out["took_ms"] = probe.took.count();
    }
    return out;
}

void add_agent(Json& out, const AgentView& agent) {
    if (agent.percent) {
        out["percent"] = *agent.percent;
    }
    out["state"] = name(agent.state);
    out["admin"] = name(agent.admin);
    if (agent.maxconn) {
        out["maxconn"] = *agent.maxconn;
    }
    if (!agent.text.empty()) {
        out["text"] = agent.text;
    }
}

Json load_json(const LoadFeed& feed, TimePoint now) {
    Json out{{"source", name(feed.spec.source)}, {"from", feed.from.text()}};
    if (feed.is_heard) {
        out["age_ms"] = age_of(feed.heard_at, now);
    }
    out["lost"] = feed.is_lost;
    if (feed.spec.source == LoadSource::Agent && feed.is_heard) {
        add_agent(out, feed.agent);
    }
    if (feed.host) {
        out["cpu"] = feed.host->cpu;
        out["load_per_core"] = feed.host->load_per_core;
        out["memory_available"] = feed.host->memory_available;
    }
    if (!feed.why.empty()) {
        out["why"] = feed.why;
    }
    return out;
}

Json member_json(const Member& member, TimePoint now) {
    Json out{{"server", member.spec.endpoint.text()},
             {"health", name(member.health())},
             {"factor", member.factor},
             {"agent_down", member.agent_down},
             {"agent_drain", member.agent_drain}};
    if (member.agent_down || member.agent_drain) {
        out["agent_reason"] = member.agent_wish().reason;
    }
    if (member.probe) {
        out["check"] = check_json(*member.probe, now);
    }
    if (member.feed) {
        out["load"] = load_json(*member.feed, now);
    }
    return out;
}

Json pool_json(const Pool& pool, TimePoint now) {
    Json servers = Json::array();
    for (const auto& member : pool.members) {
        servers.push_back(member_json(member, now));
    }
    return {{"name", pool.service.name},          {"service", pool.service.key.text()},
            {"panic", pool.verdict.panic},        {"fallback", pool.verdict.fallback},
            {"quorum", pool.verdict.has_quorum},  {"healthy_weight", pool.verdict.healthy},
            {"total_weight", pool.verdict.total}, {"servers", std::move(servers)}};
}

Json node_json(const Node& node, TimePoint now) {
    Json out{{"name", node.config.name}, {"address", node.config.address.text()}};
    if (node.probe) {
        out["check"] = check_json(*node.probe, now);
    }
    if (node.feed) {
        out["load"] = load_json(*node.feed, now);
    }
    return out;
}

} // namespace

Json status_json(const Engine& engine, TimePoint now) {
    Json services = Json::array();
    for (const auto& pool : engine.watch().pools) {
        services.push_back(pool_json(pool, now));
    }
    Json nodes = Json::array();
    for (const auto& node : engine.watch().nodes) {
        nodes.push_back(node_json(node, now));
    }
    return {{"schema", 1},
            {"module", engine.module_is_gone() ? "gone" : "present"},
            {"generation", engine.known().generation},
            {"services", std::move(services)},
            {"nodes", std::move(nodes)}};
}

Json event_json(const Change& change, std::chrono::system_clock::time_point time) {
    Json out{{"schema", 1},
             {"time", utc_text(time)},
             {"event", name(change.kind)},
             {"alarm", is_alarm(change.kind)},
             {"service", change.service},
             {"server", change.server},
             {"why", change.why}};
    if (change.lasted) {
        out["lasted_ms"] = change.lasted->count();
    }
    return out;
}

std::string line_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace hg::daemon

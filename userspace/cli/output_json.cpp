#include "output_json.h"

#include "diff_json.h"
#include "json_values.h"

#include <nlohmann/json.hpp>
#include <ostream>

namespace hg::cli {

namespace {

constexpr int kIndent = 2;

Json with_schema(const Json& document) {
    Json out{{"schema", 1}};
    out.update(document);
    return out;
}

void print(std::ostream& out, const Json& document) {
    out << dump(with_schema(document), kIndent) << '\n';
}

// The counters of one object under the keys that name it.
Json counted(Json identity, const Counters& counters, const char* key) {
    identity[key] = to_json(counters);
    return identity;
}

Json counted(const std::vector<ServiceView>& services, const char* key) {
    Json out = Json::array();
    for (const auto& view : services) {
        Json servers = Json::array();
        for (const auto& server : view.servers) {
            servers.push_back(
                counted({{"server", server.spec.endpoint.text()}}, server.counters, key));
        }
        auto service = counted(
            {{"service", view.service.spec.key.text()}, {"name", to_json(view.service)["name"]}},
            view.service.counters, key);
        service["servers"] = std::move(servers);
        out.push_back(std::move(service));
    }
    return out;
}

} // namespace

void JsonOutput::tree(const std::vector<ServiceView>& services,
                      const std::optional<Heartbeat>& heartbeat) {
    print(out_, {{"services", to_json(services)}, {"heartbeat", to_json(heartbeat)}});
}

void JsonOutput::services(const std::vector<Service>& services) {
    print(out_, {{"services", array_of(services)}});
}

void JsonOutput::servers(const std::vector<Server>& servers) {
    print(out_, {{"servers", array_of(servers)}});
}

void JsonOutput::stats(const std::vector<ServiceView>& services) {
    print(out_, {{"services", counted(services, "counters")}});
}

void JsonOutput::rates(const std::vector<ServiceView>& services,
                       std::chrono::milliseconds interval) {
    print(out_, {{"interval_ms", interval.count()}, {"services", counted(services, "per_second")}});
}

// A list of conns can be long: one a line, written as they come.
void JsonOutput::conns_begin() {
    out_ << "{\"schema\": 1, \"conns\": [";
    first_ = true;
}

void JsonOutput::conn(const Conn& conn) {
    out_ << (first_ ? "\n" : ",\n") << dump(to_json(conn), -1);
    first_ = false;
}

void JsonOutput::conns_end(const ConnListEnd& end) {
    out_ << "\n], \"listed\": " << end.listed << ", \"more\": " << (end.more ? "true" : "false")
         << ", \"duplicates\": " << (end.duplicates ? "true" : "false") << "}\n";
}

void JsonOutput::conn_counts(const ConnCounts& counts, bool duplicates) {
    Json groups = Json::array();
    std::uint64_t total = 0;
    for (const auto& [group, count] : counts) {
        auto entry = Json::object();
        if (group.server) {
            entry["service"] = group.service->text();
            entry["server"] = group.server->text();
        }
        if (!group.state.empty()) {
            entry["state"] = group.state;
        }
        entry["conns"] = count;
        groups.push_back(std::move(entry));
        total += count;
    }
    print(out_, {{"groups", std::move(groups)}, {"total", total}, {"duplicates", duplicates}});
}

void JsonOutput::settings(const Settings& settings) {
    print(out_, {{"settings", to_json(settings)}});
}

void JsonOutput::info(const InfoView& view) { print(out_, {{"info", to_json(view)}}); }

void JsonOutput::done() { print(out_, {{"result", "done"}}); }

void JsonOutput::difference(const Difference& difference) {
    print(out_, {{"differs", !difference.empty()}, {"changes", array_of(difference)}});
}

void JsonOutput::applied(const Difference& difference) {
    print(out_, {{"changes", array_of(difference)}, {"result", "done"}});
}

void JsonOutput::error(const Error& error) {
    err_ << dump(with_schema({{"error", to_json(error)}}), -1) << '\n';
}

void JsonOutput::progress(const std::string& /*text*/) {}

void JsonOutput::report(const std::string& /*text*/, const Json& document) {
    print(out_, document);
}

bool JsonOutput::line(const std::string& /*text*/, const Json& document) {
    return (out_ << dump(with_schema(document), -1) << '\n' << std::flush).good();
}

} // namespace hg::cli

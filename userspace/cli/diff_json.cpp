#include "diff_json.h"

#include "diff_text.h"

namespace hg::cli {

namespace {

Json head(const char* op, const char* object, const ServiceKey& service) {
    return {{"op", op}, {"object", object}, {"service", service.text()}};
}

// Numbers and truth values as such; a name that was not there is null.
Json value(const std::string& field, const std::string& text) {
    if (field == "weight") {
        return std::stoul(text);
    }
    if (field == "hash_port") {
        return text == "true";
    }
    return text.empty() ? Json() : Json(text);
}

Json to_json(const std::vector<FieldChange>& changes) {
    Json out = Json::object();
    for (const auto& change : changes) {
        out[change.field] = {{"from", value(change.field, change.from)},
                             {"to", value(change.field, change.to)}};
    }
    return out;
}

struct Writer {
    Json operator()(const AddService& op) const {
        auto out = head("add", "service", op.service.key);
        out.update(spec_json(op.service));
        return out;
    }

    Json operator()(const SetService& op) const {
        auto out = head("set", "service", op.before.key);
        out["fields"] = to_json(changes_of(op));
        return out;
    }

    Json operator()(const DelService& op) const { return head("del", "service", op.service.key); }

    Json operator()(const AddServer& op) const {
        auto out = head("add", "server", op.service);
        out.update(spec_json(op.server));
        return out;
    }

    Json operator()(const SetServer& op) const {
        auto out = head("set", "server", op.service);
        out["server"] = op.before.endpoint.text();
        out["fields"] = to_json(changes_of(op));
        return out;
    }

    Json operator()(const DelServer& op) const {
        auto out = head("del", "server", op.service);
        out["server"] = op.server.endpoint.text();
        return out;
    }
};

} // namespace

Json spec_json(const ServiceSpec& service) {
    return {{"service", service.key.text()},
            {"name", value("name", service.name)},
            {"scheduler", service.scheduler},
            {"hash_port", service.hash_port}};
}

Json spec_json(const ServerSpec& server) {
    return {{"server", server.endpoint.text()},
            {"forward", name(server.mode)},
            {"tunnel", server.mode == Mode::Tunnel ? Json(name(server.tunnel)) : Json()},
            {"weight", server.weight},
            {"state", name(server.admin_state)}};
}

Json to_json(const Op& op) { return std::visit(Writer{}, op); }

} // namespace hg::cli

#include "diff_json.h"

#include "change.h"
#include "diff_text.h"
#include "json_values.h"

namespace hg::cli {

namespace {

Json head(const char* op, const char* object, const ServiceKey& service) {
    return {{"op", op}, {"object", object}, {"service", service.text()}};
}

struct ValueJson {
    Json operator()(std::monostate /*value*/) const { return {}; }

    Json operator()(std::chrono::milliseconds value) const { return value.count(); }

    Json operator()(const auto& value) const { return value; }
};

bool is_time(const FieldValue& value) {
    return std::holds_alternative<std::chrono::milliseconds>(value);
}

Json changes_json(const std::vector<FieldChange>& changes) {
    Json out = Json::object();
    for (const auto& [field, from, to] : changes) {
        out[field + (is_time(from) || is_time(to) ? "_ms" : "")] = {
            {"from", std::visit(ValueJson{}, from)}, {"to", std::visit(ValueJson{}, to)}};
    }
    return out;
}

struct Writer {
    Json operator()(const AddService& op) const {
        auto out = head("add", "service", op.service.key);
        out.update(to_json(op.service));
        return out;
    }

    Json operator()(const SetService& op) const {
        auto out = head("set", "service", op.before.key);
        auto fields = changes_json(changes_of(op));
        if (fields.contains("affinity")) {
            const auto family = op.before.key.endpoint.address.family();
            fields["affinity"] = {
                {"from", affinity_json(op.before.affinity, family)},
                {"to", affinity_json(changed(op.before, op.change).affinity, family)}};
        }
        out["fields"] = std::move(fields);
        return out;
    }

    Json operator()(const DelService& op) const { return head("del", "service", op.service.key); }

    Json operator()(const AddServer& op) const {
        auto out = head("add", "server", op.service);
        out.update(to_json(op.server));
        return out;
    }

    Json operator()(const SetServer& op) const {
        auto out = head("set", "server", op.service);
        out["server"] = op.before.endpoint.text();
        out["fields"] = changes_json(changes_of(op));
        return out;
    }

    Json operator()(const DelServer& op) const {
        auto out = head("del", "server", op.service);
        out["server"] = op.server.endpoint.text();
        return out;
    }

    Json operator()(const ResetServer& op) const {
        auto out = head("reset", "server", op.service);
        out["server"] = op.server.endpoint.text();
        return out;
    }
};

} // namespace

Json to_json(const Op& op) { return std::visit(Writer{}, op); }

} // namespace hg::cli

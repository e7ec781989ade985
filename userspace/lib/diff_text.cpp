#include "diff_text.h"

#include <fmt/format.h>

namespace hg {

namespace {

std::string_view truth(bool value) { return value ? "true" : "false"; }

template <class From, class To>
void note(std::vector<FieldChange>& out, std::string_view field, const From& from,
          const std::optional<To>& to) {
    if (to) {
        out.push_back({std::string(field), fmt::format("{}", from), fmt::format("{}", *to)});
    }
}

template <class T>
void note_name(std::vector<FieldChange>& out, std::string_view field, T from,
               const std::optional<T>& to) {
    if (to) {
        out.push_back({std::string(field), std::string(name(from)), std::string(name(*to))});
    }
}

std::string changes_text(const std::vector<FieldChange>& changes) {
    std::string out;
    for (const auto& change : changes) {
        out += fmt::format("{}{} {} -> {}", out.empty() ? " " : ", ", change.field,
                           change.from.empty() ? "-" : change.from, change.to);
    }
    return out;
}

std::string spec_text(const ServiceSpec& service) {
    auto out = service.key.text();
    if (!service.name.empty()) {
        out += fmt::format(" name {}", service.name);
    }
    out += fmt::format(" scheduler {}", service.scheduler);
    return service.hash_port ? out + " hash_port true" : out;
}

std::string spec_text(const ServerSpec& server) {
    auto out = fmt::format("{} forward {}", server.endpoint.text(), name(server.mode));
    if (server.mode == Mode::Tunnel) {
        out += fmt::format(" tunnel {}", name(server.tunnel));
    }
    out += fmt::format(" weight {}", server.weight);
    if (server.admin_state != AdminState::Ready) {
        out += fmt::format(" state {}", name(server.admin_state));
    }
    return out;
}

struct Writer {
    std::string operator()(const AddService& op) const {
        return "+ service " + spec_text(op.service);
    }

    std::string operator()(const SetService& op) const {
        return "~ service " + op.before.key.text() + changes_text(changes_of(op));
    }

    std::string operator()(const DelService& op) const {
        return "- service " + op.service.key.text();
    }

    std::string operator()(const AddServer& op) const {
        return fmt::format("+ server {} {}", op.service.text(), spec_text(op.server));
    }

    std::string operator()(const SetServer& op) const {
        return fmt::format("~ server {} {}{}", op.service.text(), op.before.endpoint.text(),
                           changes_text(changes_of(op)));
    }

    std::string operator()(const DelServer& op) const {
        return fmt::format("- server {} {}", op.service.text(), op.server.endpoint.text());
    }
};

} // namespace

std::vector<FieldChange> changes_of(const SetService& op) {
    std::vector<FieldChange> out;
    note(out, "name", op.before.name, op.change.name);
    note(out, "scheduler", op.before.scheduler, op.change.scheduler);
    if (op.change.hash_port) {
        out.push_back({"hash_port", std::string(truth(op.before.hash_port)),
                       std::string(truth(*op.change.hash_port))});
    }
    return out;
}

std::vector<FieldChange> changes_of(const SetServer& op) {
    std::vector<FieldChange> out;
    note_name(out, "forward", op.before.mode, op.change.mode);
    note_name(out, "tunnel", op.before.tunnel, op.change.tunnel);
    note(out, "weight", op.before.weight, op.change.weight);
    note_name(out, "state", op.before.admin_state, op.change.admin_state);
    return out;
}

std::string op_text(const Op& op) { return std::visit(Writer{}, op); }

std::string diff_text(const Difference& difference) {
    std::string out;
    for (const auto& op : difference.ops) {
        out += op_text(op) + "\n";
    }
    for (const auto& obstacle : difference.obstacles) {
        out += "! " + obstacle + "\n";
    }
    return out;
}

} // namespace hg

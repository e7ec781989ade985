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

// Large configurations make many lines: each is written in place.
class Writer {
public:
    explicit Writer(std::string& out) : out_(out) {}

    void operator()(const AddService& op) {
        put("+ service ", op.service.key);
        put_spec(op.service);
    }

    void operator()(const SetService& op) {
        put("~ service ", op.before.key);
        put_changes(changes_of(op));
    }

    void operator()(const DelService& op) { put("- service ", op.service.key); }

    void operator()(const AddServer& op) {
        put("+ server ", op.service);
        put(" ", op.server.endpoint);
        put_spec(op.server);
    }

    void operator()(const SetServer& op) {
        put("~ server ", op.service);
        put(" ", op.before.endpoint);
        put_changes(changes_of(op));
    }

    void operator()(const DelServer& op) {
        put("- server ", op.service);
        put(" ", op.server.endpoint);
    }

private:
    template <class T> void put(std::string_view before, const T& value) {
        out_ += before;
        value.append_to(out_);
    }

    void put_word(std::string_view field, std::string_view value) {
        out_ += field;
        out_ += value;
    }

    void put_spec(const ServiceSpec& service) {
        if (!service.name.empty()) {
            put_word(" name ", service.name);
        }
        put_word(" scheduler ", service.scheduler);
        out_ += service.hash_port ? " hash_port true" : "";
    }

    void put_spec(const ServerSpec& server) {
        put_word(" forward ", name(server.mode));
        if (server.mode == Mode::Tunnel) {
            put_word(" tunnel ", name(server.tunnel));
        }
        put_word(" weight ", std::to_string(server.weight));
        if (server.admin_state != AdminState::Ready) {
            put_word(" state ", name(server.admin_state));
        }
    }

    void put_changes(const std::vector<FieldChange>& changes) {
        std::string_view before = " ";
        for (const auto& change : changes) {
            out_ += fmt::format("{}{} {} -> {}", before, change.field,
                                change.from.empty() ? "-" : change.from,
                                change.to.empty() ? "-" : change.to);
            before = ", ";
        }
    }

    std::string& out_;
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

void append_op(std::string& out, const Op& op) { std::visit(Writer(out), op); }

std::string diff_text(const Difference& difference) {
    std::string out;
    for (const auto& op : difference) {
        append_op(out, op);
        out += '\n';
    }
    return out;
}

} // namespace hg

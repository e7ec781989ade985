#include "diff_text.h"

#include "change.h"
#include "number.h"

#include <fmt/format.h>

namespace hg {

namespace {

std::string_view truth(bool value) { return value ? "true" : "false"; }

constexpr std::chrono::milliseconds kNoTime{};

FieldValue value_of(const std::string& text) {
    return text.empty() ? FieldValue() : FieldValue(text);
}

FieldValue value_of(std::uint32_t number) { return number; }

FieldValue value_of(bool truth) { return truth; }

FieldValue value_of(std::chrono::milliseconds time) { return time; }

template <class Enum>

requires std::is_enum_v<Enum> FieldValue value_of(Enum word) { return std::string(name(word)); }

// Absent: it is the namespace's.
FieldValue timeout_value(std::chrono::milliseconds time) {
    return time == kNoTime ? FieldValue() : FieldValue(time);
}

std::string timeout_field(std::size_t at) {
    return fmt::format("timeouts.{}", timeout_names()[at]);
}

template <class T>
void note(std::vector<FieldChange>& out, std::string_view field, const T& from,
          const std::optional<T>& to) {
    if (to) {
        out.push_back({std::string(field), value_of(from), value_of(*to)});
    }
}

struct ValueText {
    std::string operator()(std::monostate /*value*/) const { return "-"; }

    std::string operator()(const std::string& value) const { return value; }

    std::string operator()(std::uint32_t value) const { return std::to_string(value); }

    std::string operator()(bool value) const { return std::string(truth(value)); }

    std::string operator()(std::chrono::milliseconds value) const { return duration_text(value); }
};

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

    void operator()(const ResetServer& op) {
        put("~ server ", op.service);
        put(" ", op.server.endpoint);
        out_ += " reset";
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

    void put_time(std::string_view field, std::chrono::milliseconds time) {
        if (time != kNoTime) {
            out_ += fmt::format(" {} {}", field, duration_text(time));
        }
    }

    void put_bound(std::string_view field, std::uint32_t bound) {
        if (bound != 0) {
            put_word(field, std::to_string(bound));
        }
    }

    void put_spec(const ServiceSpec& service) {
        if (!service.name.empty()) {
            put_word(" name ", service.name);
        }
        put_word(" scheduler ", service.scheduler);
        out_ += service.hash_port ? " hash_port true" : "";
        if (service.timeouts != Timeouts{}) {
            for (std::size_t i = 0; i < kTimeouts; i++) {
                put_time(timeout_field(i), service.timeouts[i]);
            }
        }
        put_time("slow_start", service.slow_start);
        if (service.on_down != OnDown::Keep) {
            put_word(" on_down ", name(service.on_down));
        }
        if (service.affinity != AffinitySpec{}) {
            put_word(" affinity ", affinity_text(service.affinity));
        }
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
        put_bound(" upper ", server.upper);
        put_bound(" lower ", server.lower);
    }

    void put_changes(const std::vector<FieldChange>& changes) {
        std::string_view before = " ";
        for (const auto& change : changes) {
            out_ += fmt::format("{}{} {} -> {}", before, change.field,
                                std::visit(ValueText{}, change.from),
                                std::visit(ValueText{}, change.to));
            before = ", ";
        }
    }

    std::string& out_;
};

} // namespace

std::vector<FieldChange> changes_of(const SetService& op) {
    const auto& [before, change] = op;
    std::vector<FieldChange> out;
    note(out, "name", before.name, change.name);
    note(out, "scheduler", before.scheduler, change.scheduler);
    note(out, "hash_port", before.hash_port, change.hash_port);
    for (std::size_t i = 0; i < kTimeouts; i++) {
        if (change.timeouts[i]) {
            out.push_back({timeout_field(i), timeout_value(before.timeouts[i]),
                           timeout_value(*change.timeouts[i])});
        }
    }
    note(out, "slow_start", before.slow_start, change.slow_start);
    note(out, "on_down", before.on_down, change.on_down);
    if (change.affinity != AffinityChange{}) {
        out.push_back({"affinity", affinity_text(before.affinity),
                       affinity_text(changed(before, change).affinity)});
    }
    return out;
}

std::vector<FieldChange> changes_of(const SetServer& op) {
    std::vector<FieldChange> out;
    note(out, "forward", op.before.mode, op.change.mode);
    note(out, "tunnel", op.before.tunnel, op.change.tunnel);
    note(out, "weight", op.before.weight, op.change.weight);
    note(out, "state", op.before.admin_state, op.change.admin_state);
    note(out, "upper", op.before.upper, op.change.upper);
    note(out, "lower", op.before.lower, op.change.lower);
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

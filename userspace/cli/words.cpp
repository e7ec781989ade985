#include "words.h"

#include "number.h"

#include <fmt/format.h>

namespace hg::cli {

namespace {

constexpr std::uint32_t kOneWeight = 256;
constexpr std::uint32_t kWhole = 1000; // of a ramp

// Words with something between them.
class Words {
public:
    explicit Words(std::string_view between) : between_(between) {}

    void add(std::string_view word) {
        text_ += text_.empty() ? "" : between_;
        text_ += word;
    }

    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string_view between_;
    std::string text_;
};

void add_drain(Words& words, const Drain& drain) {
    if (drain.left) {
        const auto left = std::chrono::ceil<std::chrono::seconds>(*drain.left);
        words.add(fmt::format("{}s to the deadline, then {}", left.count(), name(drain.then)));
    }
    if (drain.remove) {
        words.add("is removed then");
    }
}

} // namespace

std::string weight_text(std::uint32_t in_256ths) {
    auto out = fmt::format("{:.3f}", in_256ths / double{kOneWeight});
    out.erase(out.find_last_not_of('0') + 1);
    if (out.ends_with('.')) {
        out.pop_back();
    }
    return out;
}

std::string effective_text(const Server& server) {
    return server.effective_weight == server.spec.weight * kOneWeight
               ? ""
               : weight_text(server.effective_weight);
}

std::string state_text(const Server& server) {
    Words words(",");
    const auto is_drained = (server.status & HEADGATE_STATUS_DRAINED) != 0;
    if (server.spec.admin_state != AdminState::Ready) {
        words.add(is_drained ? "drained" : name(server.spec.admin_state));
    }
    if (server.down != 0) {
        words.add("down(" + down_text(server.down) + ")");
    }
    if ((server.status & HEADGATE_STATUS_OVERLOADED) != 0) {
        words.add("overloaded");
    }
    return words.text().empty() ? std::string(name(AdminState::Ready)) : words.text();
}

std::string note_text(const Server& server) {
    Words words("; ");
    if (server.ramp < kWhole) {
        words.add(fmt::format("slow start {}%", server.ramp * 100 / kWhole));
    }
    if (server.spec.upper != 0) {
        words.add(fmt::format("upper {}", server.spec.upper));
    }
    if (server.drain && (server.status & HEADGATE_STATUS_DRAINED) == 0) {
        add_drain(words, *server.drain);
    }
    if (server.managed && (server.overrides & HEADGATE_OVERRIDE_WEIGHT) != 0) {
        words.add(fmt::format("override: managed weight {}", server.managed->weight));
    }
    if (server.managed && (server.overrides & HEADGATE_OVERRIDE_STATE) != 0) {
        words.add(fmt::format("override: managed state {}", name(server.managed->admin_state)));
    }
    return words.text();
}

std::string note_text(const ServiceView& view) {
    const auto& service = view.service.spec;
    Words words("; ");
    if (view.vip_missing) {
        words.add("VIP is on no interface");
    }
    for (std::size_t i = 0; i < kTimeouts; i++) {
        if (service.timeouts[i] != std::chrono::milliseconds::zero()) {
            words.add(fmt::format("{} {}", timeout_names()[i], duration_text(service.timeouts[i])));
        }
    }
    if (service.slow_start != std::chrono::milliseconds::zero()) {
        words.add("slow start " + duration_text(service.slow_start));
    }
    if (service.on_down != OnDown::Keep) {
        words.add(fmt::format("on down {}", name(service.on_down)));
    }
    if (service.affinity != AffinitySpec{}) {
        words.add("affinity " + affinity_text(service.affinity));
    }
    return words.text();
}

std::string mode_text(const ServerSpec& server) {
    std::string mode(name(server.mode));
    return server.mode == Mode::Tunnel ? mode + "/" + std::string(name(server.tunnel)) : mode;
}

std::string scheduler_text(const ServiceSpec& service) {
    return service.scheduler + (service.hash_port ? "/port" : "");
}

std::string affinity_cell(const ServiceSpec& service) {
    return service.affinity == AffinitySpec{} ? "" : affinity_text(service.affinity);
}

std::string service_text(const ServiceSpec& service) {
    return service.key.text() + (service.name.empty() ? "" : " (" + service.name + ")");
}

std::string mark_text(std::uint32_t mark) { return fmt::format("0x{:x}", mark); }

std::string conn_flags_text(std::uint32_t flags) {
    Words words(",");
    const auto add = [&](unsigned bit, std::string_view word) {
        if ((flags & bit) != 0) {
            words.add(word);
        }
    };
    add(HEADGATE_CONN_F_ACTIVE, "active");
    add(HEADGATE_CONN_F_ASSURED, "assured");
    add(HEADGATE_CONN_F_CHECK, "check");
    add(HEADGATE_CONN_F_KILLED, "killed");
    return words.text();
}

} // namespace hg::cli

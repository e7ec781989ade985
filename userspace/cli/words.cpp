#include "words.h"

#include <fmt/format.h>

namespace hg::cli {

namespace {

constexpr std::uint32_t kOneWeight = 256;

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
    std::string admin(name(server.spec.admin_state));
    if (server.down == 0) {
        return admin;
    }
    const auto down = "down(" + down_text(server.down) + ")";
    return server.spec.admin_state == AdminState::Ready ? down : admin + "," + down;
}

std::string mode_text(const ServerSpec& server) {
    std::string mode(name(server.mode));
    return server.mode == Mode::Tunnel ? mode + "/" + std::string(name(server.tunnel)) : mode;
}

std::string scheduler_text(const ServiceSpec& service) {
    return service.scheduler + (service.hash_port ? "/port" : "");
}

std::string service_text(const ServiceSpec& service) {
    return service.key.text() + (service.name.empty() ? "" : " (" + service.name + ")");
}

std::string mark_text(std::uint32_t mark) { return fmt::format("0x{:x}", mark); }

std::string conn_flags_text(std::uint32_t flags) {
    std::string out;
    const auto add = [&](unsigned bit, std::string_view word) {
        if ((flags & bit) != 0) {
            out += (out.empty() ? "" : ",") + std::string(word);
        }
    };
    add(HEADGATE_CONN_F_ACTIVE, "active");
    add(HEADGATE_CONN_F_ASSURED, "assured");
    add(HEADGATE_CONN_F_CHECK, "check");
    add(HEADGATE_CONN_F_KILLED, "killed");
    return out;
}

} // namespace hg::cli

// How single values are written for eyes.
#pragma once

#include "output.h"

namespace hg::cli {

// "3", "1.5", "0.004": in weights, three digits at most.
[[nodiscard]] std::string weight_text(std::uint32_t in_256ths);
// The effective weight where it is another than the admin's, else nothing.
[[nodiscard]] std::string effective_text(const Server& server);
// "ready", "drain", "drained", "overloaded", "down(check)", "maint,down(admin+check)"
[[nodiscard]] std::string state_text(const Server& server);
// What else is to be known of it: "slow start 43%; weight is managed to be 3".
[[nodiscard]] std::string note_text(const Server& server);
// "VIP is on no interface; slow start 30s"
[[nodiscard]] std::string note_text(const ServiceView& view);
// "nat", "tunnel/ipip"
[[nodiscard]] std::string mode_text(const ServerSpec& server);
// "wlc", "mh/port"
[[nodiscard]] std::string scheduler_text(const ServiceSpec& service);
[[nodiscard]] std::string affinity_cell(const ServiceSpec& service); // empty when it has none
// "tcp://10.0.0.1:80 (web)"
[[nodiscard]] std::string service_text(const ServiceSpec& service);
[[nodiscard]] std::string mark_text(std::uint32_t mark); // "0x10000"
// "active,assured"
[[nodiscard]] std::string conn_flags_text(std::uint32_t flags);

} // namespace hg::cli

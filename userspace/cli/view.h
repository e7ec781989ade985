// Services with their servers, read from the module and put together.
#pragma once

#include "context.h"
#include "output.h"

namespace hg::cli {

// All services, or the one that is named.
[[nodiscard]] Result<std::vector<ServiceView>> read_views(Client& client,
                                                          const std::string& service);

// What the module says of itself, and what the machine lacks for its health checks.
[[nodiscard]] Result<InfoView> read_info(Client& client, Host& host,
                                         const std::vector<ServiceView>& services);

struct State {
    InfoView info;
    std::vector<ServiceView> services;
};

// All of it at one generation; nothing when the configuration does not rest.
[[nodiscard]] Result<std::optional<State>> read_state(Client& client, Host& host);

// Says of each whether its VIP is on no interface of this network namespace.
Result<> mark_missing_vips(std::vector<ServiceView>& views, Host& host);

// How much the counters of AFTER have grown since BEFORE, per second.
[[nodiscard]] std::vector<ServiceView> rates_between(const std::vector<ServiceView>& before,
                                                     std::vector<ServiceView> after,
                                                     std::chrono::milliseconds interval);

} // namespace hg::cli

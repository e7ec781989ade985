// What checks with "through: service" need of the module and of the machine. Pure.
#pragma once

#include "accept_local.h"
#include "config.h"

namespace hg::daemon {

// Whether any of its checks goes through its service.
[[nodiscard]] bool goes_through(const Config& config);

// The error names the service, and the command or the key that cures it.
[[nodiscard]] Result<> check_through(const Config& config, const Settings& settings,
                                     const AcceptLocal& accept_local);

} // namespace hg::daemon

// Doing what a difference says.
#pragma once

#include "client.h"
#include "diff.h"

namespace hg::cli {

// All services and servers that the module has in this network namespace.
[[nodiscard]] Result<Running> read_running(Client& client);

[[nodiscard]] Result<> execute(Client& client, const Op& op);

// Stops at the first refusal; the error says what was done and what was not. With obstacles
// nothing is done at all.
[[nodiscard]] Result<> execute_all(Client& client, const Difference& difference);

} // namespace hg::cli

// Making the module as a configuration wants it: one transaction, or nothing.
#pragma once

#include "client.h"
#include "diff.h"

namespace hg {

// All services and servers that the module has in this network namespace.
[[nodiscard]] Result<Running> read_running(Client& client);

// Puts it in force, and answers what was changed. When others change something meanwhile, it
// begins anew with what there is then, a few times over.
[[nodiscard]] Result<Difference> apply(Client& client, const Config& config);

// What apply() would do, and whether the module would take it; changes nothing.
struct Checked {
    Difference difference;
    Result<> verdict;
};

[[nodiscard]] Result<Checked> check(Client& client, const Config& config);

// Deletes every service, as apply() of an empty configuration would.
[[nodiscard]] Result<> flush(Client& client);

} // namespace hg

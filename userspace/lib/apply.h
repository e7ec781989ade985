// Making the module as a configuration wants it: one transaction, or nothing.
#pragma once

#include "client.h"
#include "diff.h"

namespace hg {

// All services and servers that the module has in this network namespace.
[[nodiscard]] Result<Running> read_running(Client& client);

// All of it at one moment, or nothing, and answers the new generation. GENERATION is that of what
// the difference was made from: is_stale() tells the error when there is another by now.
[[nodiscard]] Result<std::uint32_t> commit(Client& client, const Difference& difference,
                                           std::uint32_t generation);

// Puts it in force, and answers what was changed. When others change something meanwhile, it
// begins anew with what there is then, a few times over.
[[nodiscard]] Result<Difference> apply(Client& client, const Config& config);

// What apply() would do, and whether the module would take it; changes nothing.
struct Checked {
    Difference difference;
    Result<> verdict;
};

[[nodiscard]] Result<Checked> check(Client& client, const Config& config);

// Gives a module that was loaded anew the services and servers of the one before it, at one moment.
[[nodiscard]] Result<> restore(Client& client, const Running& saved);

// Deletes every service, as apply() of an empty configuration would.
[[nodiscard]] Result<> flush(Client& client);

} // namespace hg

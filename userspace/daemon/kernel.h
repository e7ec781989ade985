// The module as the daemon sees it: what is there, and changes as transactions.
#pragma once

#include "apply.h"

#include <map>

namespace hg::daemon {

class Kernel {
public:
    Kernel() = default;
    Kernel(const Kernel&) = delete;
    Kernel& operator=(const Kernel&) = delete;
    virtual ~Kernel() = default;

    // The errors of both are of the kind Unreachable while the module is not loaded.
    virtual Result<Running> read() = 0;
    // As hg::commit().
    virtual Result<std::uint32_t> commit(const Difference& difference,
                                         std::uint32_t generation) = 0;
};

// What was last read of the module, by service.
struct KnownPool {
    Service service;
    std::map<Endpoint, Server> servers;
};

struct Known {
    std::uint32_t generation = 0;
    std::map<ServiceKey, KnownPool> pools;

    [[nodiscard]] const KnownPool* find(const ServiceKey& service) const;
    [[nodiscard]] const Server* find(const ServiceKey& service, const Endpoint& server) const;
};

[[nodiscard]] Known known_of(const Running& running);

} // namespace hg::daemon

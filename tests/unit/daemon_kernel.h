// A kernel that keeps what it is told, as far as the daemon's engine can see.
#pragma once

#include "kernel.h"

namespace hg::daemon::test {

class FakeKernel final : public Kernel {
public:
    Result<Running> read() override;
    Result<std::uint32_t> commit(const Difference& difference, std::uint32_t based_on) override;

    // The admin's hand.
    void remove(const ServiceKey& service, const Endpoint& server);

    [[nodiscard]] const Server* find(const ServiceKey& service, const Endpoint& server) const;

    std::uint32_t generation = 1;
    std::vector<Service> services;
    std::vector<Server> servers;
    std::vector<Difference> commits;   // those that went in
    std::optional<Error> refusal;      // of the next commits
    std::optional<ServiceKey> refuses; // only where they touch this one's servers
    int reads = 0;
    bool gone = false;
    std::optional<std::size_t> unreadable_after; // with so many commits in, reading fails
    int stale = 0;                               // so many commits find another generation
};

} // namespace hg::daemon::test

// The probes there are: one for each pair of address and check, however many servers need it.
#pragma once

#include "health.h"
#include "probe.h"
#include "tally.h"

#include <map>
#include <memory>
#include <span>
#include <utility>

namespace hg::daemon {

struct Probe {
    Probe(ProbeTarget where, HealthCheck what, HealthState initial, TimePoint now)
        : target(where), check(std::move(what)), health(check, initial, now) {}

    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;
    Probe(Probe&&) = delete;
    Probe& operator=(Probe&&) = delete;
    ~Probe() = default;

    ProbeTarget target;
    const HealthCheck check;
    Health health; // points at check
    std::optional<ProbeResult> last = {};
    TimePoint last_at = {};
    std::chrono::milliseconds took = {};
    CheckTally tally = {};
};

using ProbePtr = std::shared_ptr<Probe>;

// By what they ask and whom. A new set takes over from the old one what both have.
class ProbeSet {
public:
    // The probe of that target and check, made when there is none in this set; an equal one of
    // BEFORE with its health. INITIAL is the health of a new one; when several pools have it, that
    // of those which run: down, if it is so in any.
    const ProbePtr& get(const ProbeTarget& target, const HealthCheck& check, const ProbeSet& before,
                        HealthState initial, TimePoint now);

    [[nodiscard]] std::span<const ProbePtr> all() const { return all_; }

private:
    [[nodiscard]] const ProbePtr* find(const ProbeTarget& target, const HealthCheck& check) const;

    std::vector<ProbePtr> all_;
    std::multimap<Endpoint, std::size_t> by_server_;
};

} // namespace hg::daemon

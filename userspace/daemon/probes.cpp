#include "probes.h"

namespace hg::daemon {

namespace {

// The mark is the kernel's, and moves when a server is added anew.
bool is_same(const ProbeTarget& a, const ProbeTarget& b) {
    return a.server == b.server && a.through.has_value() == b.through.has_value() &&
           (!a.through || a.through->vip == b.through->vip);
}

} // namespace

const ProbePtr* ProbeSet::find(const ProbeTarget& target, const HealthCheck& check) const {
    const auto [first, last] = by_server_.equal_range(target.server);
    for (auto at = first; at != last; ++at) {
        const auto& probe = all_[at->second];
        if (is_same(probe->target, target) && probe->check == check) {
            return &probe;
        }
    }
    return nullptr;
}

const ProbePtr& ProbeSet::get(const ProbeTarget& target, const HealthCheck& check,
                              const ProbeSet& before, HealthState initial, TimePoint now) {
    if (const auto* const found = find(target, check)) {
        if (before.find(target, check) == nullptr) { // it is new, and has no result
            (*found)->health.suppose(initial);
        }
        return *found;
    }
    const auto* const old = before.find(target, check);
    by_server_.emplace(target.server, all_.size());
    all_.push_back(old != nullptr ? *old : std::make_shared<Probe>(target, check, initial, now));
    return all_.back();
}

} // namespace hg::daemon

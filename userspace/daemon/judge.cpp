#include "judge.h"

#include <algorithm>

namespace hg::daemon {

namespace {

bool is_counted(const Patient& patient) {
    return patient.may_serve() && patient.health != HealthState::Unknown;
}

// What waits for its first result has lost nothing yet.
bool waits(std::span<const Patient> patients) {
    return std::any_of(patients.begin(), patients.end(),
                       [](const Patient& each) { return each.health == HealthState::Unknown; });
}

bool panics(std::uint32_t threshold, const Verdict& now, bool before) {
    if (threshold == 0 || now.total == 0) {
        return false;
    }
    const auto bound = std::min(before ? threshold + kPanicHysteresis : threshold, 100U);
    return std::uint64_t{now.healthy} * 100 < std::uint64_t{bound} * now.total;
}

bool has_quorum(const Quorum& quorum, std::uint32_t healthy, bool before) {
    return before ? healthy >= quorum.weight - quorum.hysteresis
                  : healthy >= quorum.weight + quorum.hysteresis;
}

// A server that waits for its first result may be well: it is not the time for a fallback.
bool is_anyone_left(std::span<const Patient> patients) {
    return std::any_of(patients.begin(), patients.end(), [](const Patient& each) {
        return each.health == HealthState::Unknown ||
               (is_counted(each) && each.health == HealthState::Up);
    });
}

} // namespace

Verdict judge(const PoolCare& care, std::span<const Patient> patients, const Verdict& before) {
    Verdict out;
    for (const auto& patient : patients) {
        if (is_counted(patient)) {
            out.total += patient.weight;
            out.healthy += patient.health == HealthState::Up ? patient.weight : 0;
        }
    }
    out.panic =
        (before.panic || !waits(patients)) && panics(care.panic_threshold, out, before.panic);
    out.fallback = !out.panic && !care.fallback.empty() && !is_anyone_left(patients);
    out.has_quorum = !care.quorum || (waits(patients) && before.has_quorum) ||
                     has_quorum(*care.quorum, out.healthy, before.has_quorum);
    return out;
}

} // namespace hg::daemon

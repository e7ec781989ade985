// What is believed of one server, from the results of its check: rise and fall, and when to look
// again. Pure; times come from outside.
#pragma once

#include "health_check.h"

#include <string>

namespace hg::daemon {

using TimePoint = std::chrono::steady_clock::time_point;

// In the order of suppose().
enum class HealthState : std::uint8_t {
    Unknown, // no result yet, and nobody said what to take it for
    Up,
    Down,
};

[[nodiscard]] std::string_view name(HealthState state); // "unknown", "up", "down"

class Health {
public:
    Health(const HealthCheck& check, HealthState initial, TimePoint now)
        : check_(&check), state_(initial), since_(now) {}

    // Before the first result: it is taken for that until one says otherwise, by the word of one
    // more who knows it. Down holds against up, and both against unknown.
    void suppose(HealthState initial);

    // Whether the state became another. From Unknown one result decides.
    bool result(bool ok, TimePoint now);

    [[nodiscard]] HealthState state() const { return state_; }

    [[nodiscard]] TimePoint since() const { return since_; }

    // Results in a row that speak against the state.
    [[nodiscard]] std::uint32_t contrary() const { return contrary_; }

    // From the start of a try to the start of the next. RANDOM is 0..1 and spreads the interval
    // by the jitter, evenly to both sides.
    [[nodiscard]] std::chrono::milliseconds pause(double random) const;

private:
    const HealthCheck* check_;
    HealthState state_;
    TimePoint since_;
    std::uint32_t contrary_ = 0;
};

} // namespace hg::daemon

#include "health.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace hg::daemon {

std::string_view name(HealthState state) {
    constexpr std::array<std::string_view, 3> kNames{"unknown", "up", "down"};
    return kNames[static_cast<std::size_t>(state)];
}

void Health::suppose(HealthState initial) { state_ = std::max(state_, initial); }

bool Health::result(bool ok, TimePoint now) {
    const auto says = ok ? HealthState::Up : HealthState::Down;
    if (says == state_) {
        contrary_ = 0;
        return false;
    }
    const auto wanted = ok ? check_->rise : check_->fall;
    if (state_ != HealthState::Unknown && ++contrary_ < wanted) {
        return false;
    }
    contrary_ = 0;
    state_ = says;
    since_ = now;
    return true;
}

std::chrono::milliseconds Health::pause(double random) const {
    if (contrary_ > 0) {
        return fast_interval_of(*check_);
    }
    const auto spread = (random * 2 - 1) * check_->jitter / 100;
    const auto interval = static_cast<double>(check_->interval.count());
    return std::chrono::milliseconds(std::llround(interval * (1 + spread)));
}

} // namespace hg::daemon

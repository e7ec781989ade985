// Waiting for a condition, never for a time.
#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

namespace hg::test {

// Long enough for a debug kernel in an emulated machine; only failures take it all.
inline constexpr std::chrono::seconds kPatience{8};

// A condition that starts a program is asked less often, or asking were all that the machine does.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds patience = kPatience) {
    using Clock = std::chrono::steady_clock;
    constexpr Clock::duration kShortest = std::chrono::milliseconds(2);
    constexpr Clock::duration kLongest = std::chrono::milliseconds(100);
    const auto end = Clock::now() + patience;
    while (true) {
        const auto asked = Clock::now();
        if (condition()) {
            return true;
        }
        const auto answered = Clock::now();
        if (answered > end) {
            return false;
        }
        std::this_thread::sleep_for(std::clamp(3 * (answered - asked), kShortest, kLongest));
    }
}

} // namespace hg::test

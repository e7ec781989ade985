// Waiting for a condition, never for a time.
#pragma once

#include <chrono>
#include <thread>

namespace hg::test {

// Long enough for a debug kernel in an emulated machine; only failures take it all.
inline constexpr std::chrono::seconds kPatience{8};

template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds patience = kPatience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

} // namespace hg::test

// What the daemon counts of its own work.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hg::daemon {

// How long things took, as a histogram.
struct Durations {
    // Upper bounds in seconds; what is longer counts in the place after them.
    static constexpr std::array<double, 10> kBounds{0.001, 0.005, 0.01, 0.025, 0.05,
                                                    0.1,   0.25,  0.5,  1,     5};

    std::array<std::uint64_t, kBounds.size() + 1> counts{};
    double sum = 0; // seconds

    void add(std::chrono::duration<double> took);

    [[nodiscard]] std::uint64_t count() const;
};

// Of one check.
struct CheckTally {
    std::uint64_t successes = 0;
    std::uint64_t failures = 0;
    std::uint64_t ups = 0; // so often it was found to be up, and down
    std::uint64_t downs = 0;
    Durations took;

    void add(bool ok, std::chrono::milliseconds took_so_long);
};

// Of the kernel.
struct CommitTally {
    std::uint64_t done = 0;
    std::uint64_t stale = 0; // others were faster: made anew
    std::uint64_t refused = 0;
    Durations took;
};

// Of the on_change command.
struct HookTally {
    std::uint64_t successes = 0;
    std::uint64_t failures = 0;
    std::uint64_t dropped = 0; // too many events for it
};

} // namespace hg::daemon

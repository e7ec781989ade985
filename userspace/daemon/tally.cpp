#include "tally.h"

#include <algorithm>
#include <numeric>

namespace hg::daemon {

void Durations::add(std::chrono::duration<double> took) {
    const auto* const bound = std::lower_bound(kBounds.begin(), kBounds.end(), took.count());
    counts.at(static_cast<std::size_t>(bound - kBounds.begin()))++;
    sum += took.count();
}

std::uint64_t Durations::count() const {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

void CheckTally::add(bool ok, std::chrono::milliseconds took_so_long) {
    (ok ? successes : failures)++;
    took.add(took_so_long);
}

} // namespace hg::daemon

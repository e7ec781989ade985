// The rules of nft that keep the director's own stack from answering for services while no module
// does.
#pragma once

#include "model.h"

namespace hg::cli {

// The guard goes by itself after so long: nobody may be left to take it away.
inline constexpr std::chrono::seconds kGuardLife{60};

// In place of an earlier guard, in one transaction. Pure, as the other.
[[nodiscard]] std::string guard_rules(const std::vector<Service>& services);
// Fits where there is no guard, too.
[[nodiscard]] std::string no_guard_rules();

} // namespace hg::cli

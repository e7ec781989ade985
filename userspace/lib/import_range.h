// Ranges of addresses, as a keepalived.conf has them for groups of virtual servers.
#pragma once

#include "address.h"

#include <string_view>
#include <vector>

namespace hg {

inline constexpr std::size_t kRangeMax = 256; // addresses

// "10.0.0.1", "10.0.0.1-9", "10.0.0.250-10.0.1.5", "10.0.0.8/29"; of IPv6 the same.
[[nodiscard]] Result<std::vector<Address>> parse_range(std::string_view text);

} // namespace hg

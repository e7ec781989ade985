// What could be typed next, for a shell to offer.
#pragma once

#include "context.h"

#include <string>
#include <vector>

namespace hg::cli {

// The words that may stand in place of the last of WORDS (which may be empty or half a word);
// those of services, servers and schedulers are the kernel's. Whatever cannot be found out is
// not offered: a completion has nobody to complain to.
[[nodiscard]] std::vector<std::string> complete(const std::vector<std::string>& words,
                                                Context& context);

} // namespace hg::cli

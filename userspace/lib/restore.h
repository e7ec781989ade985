// What has to be done to make a module that was loaded anew as the one before it was.
#pragma once

#include "diff.h"

namespace hg {

// All that requests can say of services and servers, masks, factors, overrides and drains too. A
// daemon may have been quicker: a server that is there gets what was done to it by hand, and keeps
// the rest. Pure.
[[nodiscard]] Difference restoration(const Running& saved, const Running& running);

} // namespace hg

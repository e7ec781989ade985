// Differences as JSON, in the words of the configuration.
#pragma once

#include "diff.h"
#include "output.h"

#include <nlohmann/json.hpp>

namespace hg::cli {

// {"op": "add", "object": "server", ...}
[[nodiscard]] Json to_json(const Op& op);

} // namespace hg::cli

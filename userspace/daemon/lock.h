// One daemon for each network namespace.
#pragma once

#include "fd.h"
#include "result.h"

#include <filesystem>

namespace hg::daemon {

// Held until it goes out of scope, or the process ends. DIRECTORY is made when it is missing. The
// refusal names the process that holds it.
[[nodiscard]] Result<Fd> lock_netns(const std::filesystem::path& directory);

} // namespace hg::daemon

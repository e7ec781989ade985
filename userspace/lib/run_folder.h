// Where the programs keep what is to last as long as the machine runs.
#pragma once

namespace hg {

inline constexpr const char* kRunFolder = "/run/headgate";

} // namespace hg

// A question to headgated, over the socket that it listens at.
#pragma once

#include "result.h"

namespace hg {

inline constexpr const char* kDaemonSocket = "/run/headgate/headgate.sock";

// Sends LINE, which has no line's end, and answers the line that comes back. The error is of the
// kind Unreachable when nobody listens at PATH.
[[nodiscard]] Result<std::string> ask_daemon(const std::string& path, const std::string& line);

} // namespace hg

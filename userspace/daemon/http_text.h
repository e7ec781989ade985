// The body of an HTTP reply of which only the text is wanted. Pure.
#pragma once

#include "result.h"

#include <optional>
#include <string>
#include <string_view>

namespace hg::daemon {

inline constexpr std::size_t kHttpTextMax = std::size_t{1024} * 1024; // bytes, the head too

// Whether more of the reply may come.
enum class HttpFlow { Open, Ended };

// The body of what has come of a reply: by Content-Length, in chunks, or to the connection's end.
// Nothing while more has to come. Refused unless the status is 200.
[[nodiscard]] Result<std::optional<std::string>> http_text(std::string_view reply, HttpFlow flow);

} // namespace hg::daemon

// The words of the configuration that a later version will have more of.
#pragma once

#include "result.h"

#include <optional>
#include <string>
#include <string_view>

namespace hg {

// The error lists those there are.
[[nodiscard]] Result<std::string> parse_scheduler(std::string_view text);

// Why 2001:db8::1:80 is refused: it is an address, and an address with a port in the eyes of some.
[[nodiscard]] std::optional<std::string> ambiguous_port(std::string_view address);

// Why this version cannot have that, when a later one will.
[[nodiscard]] std::optional<std::string> later_listen(std::string_view url);
[[nodiscard]] std::optional<std::string> later_tunnel(std::string_view word);

} // namespace hg

// What several commands take: a SERVICE by URL or name, numbers, words.
#pragma once

#include "client.h"

#include <optional>
#include <string>

namespace hg::cli {

// tcp://VIP:PORT as it is, whether there is such a service or not; else by the name.
[[nodiscard]] Result<ServiceKey> find_service(Client& client, const std::string& text);

[[nodiscard]] Result<std::uint32_t> parse_weight(const std::string& text);
// WHAT is "upper" or "lower".
[[nodiscard]] Result<std::uint32_t> parse_threshold(const std::string& text, std::string_view what);

} // namespace hg::cli

// Parts of a configuration file, as config_text puts them together. Each is whole lines, indented
// for its place.
#pragma once

#include "health_check.h"

#include <span>
#include <string>
#include <string_view>

namespace hg {

// A scalar that is read back to the same text: plain where that is plain to see, else in quotes.
[[nodiscard]] std::string yaml_text(std::string_view value);

// An address without a port: an IPv6 one is in quotes.
[[nodiscard]] std::string yaml_address(const Address& address);

// "[ /bin/page, \"{port}\" ]"
[[nodiscard]] std::string yaml_list(std::span<const std::string> values);

// "    check:\n      type: tcp\n..."
[[nodiscard]] std::string check_lines(const HealthCheck& check);

// "    load: { type: agent, ... }\n"
[[nodiscard]] std::string load_line(const LoadSpec& load);

} // namespace hg

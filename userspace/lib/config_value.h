// Values of the configuration that are more than a word, a number or a time.
#pragma once

#include "config_schema.h"

namespace hg {

inline constexpr std::size_t kTextMax = 1024; // of patterns and paths, in bytes
inline constexpr std::size_t kCommandWordsMax = 32;

// "none", which takes away what would be otherwise.
[[nodiscard]] bool is_none(const YamlNode& value);

// A share: 30%
[[nodiscard]] std::optional<std::uint32_t>
read_percent(ConfigSource& source, const YamlEntry& entry, std::uint32_t min, std::uint32_t max);

// Any characters, line ends too.
[[nodiscard]] std::optional<std::string> read_text(ConfigSource& source, const YamlEntry& entry,
                                                   std::size_t max);

// A regular expression that RE2 takes.
[[nodiscard]] std::optional<std::string> read_pattern(ConfigSource& source, const YamlEntry& entry);

// A program by its absolute path, and its words.
[[nodiscard]] std::optional<std::vector<std::string>> read_command(ConfigSource& source,
                                                                   const YamlEntry& entry);

// One of WORDS.
[[nodiscard]] std::optional<std::string> read_choice(ConfigSource& source, const YamlEntry& entry,
                                                     std::span<const std::string_view> words);

// Characters of a host's name or of an address: those that cannot end a line of a protocol.
[[nodiscard]] std::optional<std::string> read_host(ConfigSource& source, const YamlEntry& entry);

// What is asked of an HTTP server.
[[nodiscard]] std::optional<std::string> read_request_path(ConfigSource& source,
                                                           const YamlEntry& entry);

// 1 to 65535
[[nodiscard]] std::optional<std::uint16_t> read_port(ConfigSource& source, const YamlEntry& entry);

} // namespace hg

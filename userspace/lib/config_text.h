// The bytes of a configuration file, before anything is read into them.
#pragma once

#include "config_fault.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace hg {

inline constexpr std::size_t kConfigBytesMax = std::size_t{16} << 20;

// A regular file of up to kConfigBytesMax bytes; empty when there are faults.
[[nodiscard]] std::string read_config_file(const std::string& path, ConfigFaults& faults);

// UTF-8 is checked, control characters are refused, a byte order mark goes and CR LF becomes LF:
// the parser's offsets are then offsets into this text, and it has nothing to guess.
[[nodiscard]] std::string clean_config_text(std::string_view bytes, ConfigFaults& faults);

// A place as the parser knows it, in bytes and counted from 0.
struct TextMark {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::uint32_t offset = 0;
};

[[nodiscard]] Place place_of(std::string_view text, const TextMark& mark);

} // namespace hg

// Numbers and durations from text, strictly: what looks like two things is refused.
#pragma once

#include "result.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace hg {

struct Range {
    std::uint64_t min = 0;
    std::uint64_t max = 0;
};

// Decimal digits only: no sign, no space, no leading zero ("010" is 8 to some readers), in range.
// WHAT names the number in the error: "weight".
[[nodiscard]] Result<std::uint64_t> parse_number(std::string_view text, std::string_view what,
                                                 Range range);

// As parse_number, or 0x and hexadecimal digits: for marks.
[[nodiscard]] Result<std::uint64_t> parse_mark(std::string_view text, std::string_view what,
                                               Range range);

// A number with the unit ms, s, m, h or d: "500ms", "15m". 0 needs a unit too.
[[nodiscard]] Result<std::chrono::milliseconds> parse_duration(std::string_view text,
                                                               std::string_view what,
                                                               std::chrono::milliseconds min,
                                                               std::chrono::milliseconds max);

// The shortest exact way to write it: 900000 ms is "15m", 1500 ms is "1500ms".
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);
// As people say it, in one unit and never too long: 999ms, 119s, 119m, 47h, 2d.
[[nodiscard]] std::string age_text(std::chrono::milliseconds age);
// "2026-01-02T03:04:05.006007Z"
[[nodiscard]] std::string utc_text(std::chrono::sys_time<std::chrono::nanoseconds> time);

} // namespace hg

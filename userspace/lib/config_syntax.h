// What yaml-cpp does not tell about a text, or not in words that help.
#pragma once

#include "config_text.h"

#include <optional>
#include <string>
#include <string_view>

namespace hg {

inline constexpr std::string_view kNoAliases =
    "aliases (*) have no place here: write the value itself";

// Where the opening brackets get too many for a file that means well. The parser holds all that
// is inside an open one in memory, 230 bytes for each byte, before it says a word.
[[nodiscard]] std::optional<TextMark> find_too_many_brackets(std::string_view text);

// A line that starts with % before OFFSET, where the document starts.
[[nodiscard]] std::optional<TextMark> find_directive(std::string_view text, std::size_t offset);

// A quote opens at OFFSET and the text ends before it is closed, which the parser lets pass.
[[nodiscard]] bool is_unclosed_quote(std::string_view text, std::size_t offset);

// Where a value is missing: the parser's mark for that is the next thing there is.
[[nodiscard]] TextMark place_of_nothing(std::string_view text, const TextMark& mark);

// [2001:db8::1] without quotes is a list to YAML; empty when the text has none.
[[nodiscard]] std::string_view find_bare_brackets(std::string_view line);

// The parser's complaint with what is most likely wrong.
[[nodiscard]] std::string explain_syntax(std::string_view text, const TextMark& at,
                                         const std::string& complaint);

} // namespace hg

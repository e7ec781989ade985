// What the YAML parser complains of, in words that help.
#pragma once

#include "config_fault.h"

#include <string>
#include <string_view>

namespace hg {

inline constexpr std::string_view kNoTags = "tags (!) have no place here: write the value itself";
inline constexpr std::string_view kNoDirectives =
    "directives (%YAML, %TAG) have no place here: take the line out";

// As the parser says it.
struct SyntaxError {
    Place place;
    std::string complaint;
    std::string context; // what it was doing, and since where
    Place context_place;
};

// What was open when it happened.
struct SyntaxState {
    std::size_t depth = 0;
    bool in_map = false;
};

// The complaint with what is most likely wrong.
[[nodiscard]] ConfigFault explain_syntax(std::string_view text, const SyntaxError& error,
                                         const SyntaxState& state);

} // namespace hg

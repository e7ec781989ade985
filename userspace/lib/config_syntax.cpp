#include "config_syntax.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace hg {

namespace {

constexpr std::size_t kLineShown = 4096; // of a line that is searched for a hint

// Counted from 1.
std::string_view line_of(std::string_view text, std::size_t number) {
    for (; number > 1; --number) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) {
            return {};
        }
        text.remove_prefix(end + 1);
    }
    return text.substr(0, std::min(text.find('\n'), kLineShown));
}

bool is_address_char(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
           c == '.';
}

bool has_tab_indent(std::string_view line) {
    const auto indent = line.substr(0, std::min(line.find_first_not_of(" \t"), line.size()));
    return indent.find('\t') != std::string_view::npos;
}

// [2001:db8::1] without quotes is a list to YAML; empty when the line has none.
std::string_view find_bare_brackets(std::string_view line) {
    for (auto open = line.find('['); open != std::string_view::npos;
         open = line.find('[', open + 1)) {
        if (std::count(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(open), '"') % 2 !=
            0) {
            continue; // it has its quotes
        }
        const auto inside = line.substr(open + 1);
        const auto* const end = std::find_if_not(inside.begin(), inside.end(), is_address_char);
        const bool closed = end != inside.end() && *end == ']';
        if (closed && std::count(inside.begin(), end, ':') >= 2) {
            return line.substr(open, static_cast<std::size_t>(end - inside.begin()) + 2);
        }
    }
    return {};
}

enum class Trouble { Other, Tab, Token, MapValue, Block, Flow };

struct Complaint {
    std::string_view parser; // how its complaint begins
    Trouble trouble;
    std::string_view words;
};

constexpr std::array<Complaint, 9> kComplaints{{
    {"mapping values are not allowed", Trouble::MapValue, "illegal map value"},
    {"found character that cannot start", Trouble::Token, "unknown token"},
    {"found a tab character", Trouble::Tab, "illegal tab"},
    {"did not find expected '-'", Trouble::Block, "end of sequence not found"},
    {"did not find expected key", Trouble::Block, "end of map not found"},
    {"could not find expected ':'", Trouble::Block, "a key without a value"},
    {"did not find expected ',' or ']'", Trouble::Flow, "end of sequence flow not found"},
    {"did not find expected ',' or '}'", Trouble::Flow, "end of map flow not found"},
    {"block sequence entries are not allowed", Trouble::Block, "illegal block entry"},
}};

Complaint complaint_of(std::string_view text, const SyntaxError& error, const SyntaxState& state) {
    const auto* const found =
        std::find_if(kComplaints.begin(), kComplaints.end(), [&](const Complaint& each) {
            return error.complaint.starts_with(each.parser);
        });
    if (found != kComplaints.end()) {
        const bool is_tab =
            found->trouble == Trouble::Token && has_tab_indent(line_of(text, error.place.line));
        return is_tab ? kComplaints[2] : *found;
    }
    // A comma or the end where an item should be.
    if (error.context == "while parsing a flow node") {
        return kComplaints[state.in_map ? 7 : 6];
    }
    return {error.complaint, Trouble::Other, error.complaint};
}

std::string hint_for(std::string_view text, const SyntaxError& error, const Complaint& complaint) {
    const auto line = line_of(text, error.place.line);
    // The parser may stop at the line below the one that is wrong.
    for (const auto candidate : {line, line_of(text, error.place.line - 1)}) {
        if (const auto bare = find_bare_brackets(candidate); !bare.empty()) {
            return fmt::format("an address in brackets needs quotes: \"{}:PORT\"", bare);
        }
    }
    switch (complaint.trouble) {
    case Trouble::Tab:
        return "indent with spaces, not with tabs";
    case Trouble::Token:
        return fmt::format(
            "a value cannot start with {}: put it in quotes",
            quoted(line.substr(std::min<std::size_t>(error.place.column - 1, line.size()), 1)));
    case Trouble::MapValue:
        return "is the line indented rightly? A value that has \": \" in it needs quotes";
    case Trouble::Block:
        return "is the line indented rightly?";
    case Trouble::Flow:
        return "a bracket is not closed, or a comma is missing";
    case Trouble::Other:
        break;
    }
    return {};
}

// The parser would like a second document, or an item more of a list that is the whole file.
bool is_behind_the_end(const SyntaxError& error, const SyntaxState& state) {
    return error.complaint == "did not find expected <document start>" ||
           (error.complaint.starts_with("did not find expected '-'") && state.depth == 1);
}

} // namespace

ConfigFault explain_syntax(std::string_view text, const SyntaxError& error,
                           const SyntaxState& state) {
    if (is_behind_the_end(error, state)) {
        return {error.place, "the configuration has ended before this: everything belongs into one "
                             "map, is the line indented rightly?"};
    }
    if (error.context == "while scanning a quoted scalar" &&
        error.complaint == "found unexpected end of stream") {
        return {error.context_place, "the quote that opens here is never closed"};
    }
    if (error.context == "while scanning a directive") {
        return {error.context_place, std::string(kNoDirectives)};
    }
    if (error.complaint == "found undefined tag handle" ||
        error.context.starts_with("while scanning a tag")) {
        return {error.context_place, std::string(kNoTags)};
    }
    const auto complaint = complaint_of(text, error, state);
    const auto hint = hint_for(text, error, complaint);
    return {error.place, hint.empty() ? fmt::format("not YAML: {}", complaint.words)
                                      : fmt::format("not YAML: {}; {}", complaint.words, hint)};
}

} // namespace hg

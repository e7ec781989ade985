#include "config_syntax.h"

#include <algorithm>
#include <fmt/format.h>

namespace hg {

namespace {

constexpr std::size_t kBracketRunMax = 1000;
constexpr std::size_t kBracketsMax = 1'000'000; // two for each service and server there may be
constexpr std::size_t kLineShown = 4096;        // of a line that is searched for a hint

std::string_view line_at(std::string_view text, const TextMark& at) {
    if (at.column > kLineShown || at.column > at.offset || at.offset > text.size()) {
        return {};
    }
    const auto rest = text.substr(at.offset - at.column, 2 * kLineShown);
    return rest.substr(0, rest.find('\n'));
}

// The parser may stop at the line below the one that is wrong.
std::string_view line_before(std::string_view text, const TextMark& at) {
    if (at.column >= at.offset || at.offset > text.size()) {
        return {};
    }
    const auto head = text.substr(0, at.offset - at.column - 1);
    const auto start = head.rfind('\n');
    const auto line = start == std::string_view::npos ? head : head.substr(start + 1);
    return line.substr(0, kLineShown);
}

bool is_address_char(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
           c == '.';
}

bool has_tab_indent(std::string_view line) {
    const auto indent = line.substr(0, std::min(line.find_first_not_of(" \t"), line.size()));
    return indent.find('\t') != std::string_view::npos;
}

// The word itself, and not a key that begins with it.
bool is_null_word(std::string_view rest) {
    for (const std::string_view word : {"null", "Null", "NULL"}) {
        if (rest.starts_with(word)) {
            rest.remove_prefix(word.size());
            return rest.empty() ||
                   std::string_view(" \t\n,]}").find(rest[0]) != std::string_view::npos;
        }
    }
    return rest.starts_with('~');
}

std::string hint_for(std::string_view text, const TextMark& at, std::string_view complaint) {
    const auto line = line_at(text, at);
    for (const auto candidate : {line, line_before(text, at)}) {
        if (const auto bare = find_bare_brackets(candidate); !bare.empty()) {
            return fmt::format("an address in brackets needs quotes: \"{}:PORT\"", bare);
        }
    }
    if (has_tab_indent(line)) {
        return "indent with spaces, not with tabs";
    }
    if (complaint == "illegal map value") {
        return "is the line indented rightly? A value that has \": \" in it needs quotes";
    }
    if (complaint == "unknown token") {
        return fmt::format("a value cannot start with {}: put it in quotes",
                           quoted(text.substr(at.offset, 1)));
    }
    if (complaint.starts_with("end of map flow") || complaint.starts_with("end of sequence flow")) {
        return "a bracket is not closed, or a comma is missing";
    }
    return complaint.starts_with("end of ") ? "is the line indented rightly?" : "";
}

} // namespace

std::optional<TextMark> find_too_many_brackets(std::string_view text) {
    std::size_t total = 0;
    std::size_t run = 0; // of brackets with nothing but blanks between
    TextMark at;
    for (const auto c : text) {
        const bool is_open = c == '[' || c == '{';
        const bool is_blank = c == ' ' || c == '\t' || c == '\n';
        total += is_open ? 1 : 0;
        run = is_open ? run + 1 : is_blank ? run : 0;
        if (run > kBracketRunMax || total > kBracketsMax) {
            return at;
        }
        at.offset++;
        at.column = c == '\n' ? 0 : at.column + 1;
        at.line += c == '\n' ? 1 : 0;
    }
    return std::nullopt;
}

std::optional<TextMark> find_directive(std::string_view text, std::size_t offset) {
    const auto head = text.substr(0, offset);
    std::uint32_t line = 0;
    for (std::size_t start = 0; start < head.size(); ++line) {
        if (head[start] == '%') {
            return TextMark{line, 0, static_cast<std::uint32_t>(start)};
        }
        const auto end = head.find('\n', start);
        start = end == std::string_view::npos ? head.size() : end + 1;
    }
    return std::nullopt;
}

bool is_unclosed_quote(std::string_view text, std::size_t offset) {
    const auto quote = offset < text.size() ? text[offset] : '\0';
    if (quote != '"' && quote != '\'') {
        return false;
    }
    for (auto i = offset + 1; i < text.size(); ++i) {
        if (quote == '"' && text[i] == '\\') {
            ++i;
        } else if (text[i] == quote) {
            if (quote == '\'' && i + 1 < text.size() && text[i + 1] == quote) {
                ++i; // '' is a quote inside
            } else {
                return false;
            }
        }
    }
    return true;
}

TextMark place_of_nothing(std::string_view text, const TextMark& mark) {
    const auto rest = text.substr(std::min<std::size_t>(mark.offset, text.size()));
    if (is_null_word(rest)) {
        return mark;
    }
    const auto end = text.substr(0, mark.offset).find_last_not_of(" \t\n");
    if (end == std::string_view::npos ||
        std::string_view("-:?,[{").find(text[end]) == std::string_view::npos) {
        return mark;
    }
    const auto between = text.substr(end, mark.offset - end);
    const auto lines = std::count(between.begin(), between.end(), '\n');
    const auto newline = text.substr(0, end).rfind('\n');
    const auto start = newline == std::string_view::npos ? 0 : newline + 1;
    return {mark.line - static_cast<std::uint32_t>(lines), static_cast<std::uint32_t>(end - start),
            static_cast<std::uint32_t>(end)};
}

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

std::string explain_syntax(std::string_view text, const TextMark& at,
                           const std::string& complaint) {
    if (complaint == "the referenced anchor is not defined") {
        return std::string(kNoAliases);
    }
    const auto hint = hint_for(text, at, complaint);
    return hint.empty() ? fmt::format("not YAML: {}", complaint)
                        : fmt::format("not YAML: {}; {}", complaint, hint);
}

} // namespace hg

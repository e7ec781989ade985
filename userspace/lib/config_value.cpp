#include "config_value.h"

#include "number.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <re2/re2.h>

namespace hg {

namespace {

constexpr std::size_t kHostMax = 255;
constexpr std::int64_t kPatternMemory = std::int64_t{1} << 20; // what RE2 may build of one

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._:[]").find(c) != std::string_view::npos;
}

// RE2 ends its text with the part of the pattern that is wrong, as it is.
std::string problem_of(const RE2& pattern) {
    const auto& part = pattern.error_arg();
    const std::string_view text = pattern.error();
    return part.empty() ? std::string(text)
                        : std::string(text.substr(0, text.size() - part.size())) + quoted(part);
}

} // namespace

bool is_none(const YamlNode& value) {
    return value.kind == YamlNode::Kind::Scalar && value.text == "none";
}

std::optional<std::uint32_t> read_percent(ConfigSource& source, const YamlEntry& entry,
                                          std::uint32_t min, std::uint32_t max) {
    const auto word = read_word(source, entry);
    if (!word) {
        return std::nullopt;
    }
    constexpr Range kAny{0, std::numeric_limits<std::uint32_t>::max()};
    const auto share = word->ends_with('%')
                           ? parse_number(word->substr(0, word->size() - 1), "", kAny)
                           : usage_error("");
    if (!share) {
        source.fault(entry.value, fmt::format("{} {} is not a share: a number and %, like {}%",
                                              entry.key.text, quoted(*word), std::max(min, 10U)));
        return std::nullopt;
    }
    if (*share < min || *share > max) {
        source.fault(entry.value, fmt::format("{} {} is out of range: {}% to {}%", entry.key.text,
                                              *word, min, max));
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(*share);
}

std::optional<std::string> read_text(ConfigSource& source, const YamlEntry& entry,
                                     std::size_t max) {
    if (entry.value.kind != YamlNode::Kind::Scalar) {
        source.fault(entry.at(), entry.key.text + " " + expected_instead(entry.value, "a value"));
        return std::nullopt;
    }
    if (entry.value.text.size() > max) {
        source.fault(entry.value, fmt::format("{} has {} bytes: up to {}", entry.key.text,
                                              entry.value.text.size(), max));
        return std::nullopt;
    }
    return entry.value.text;
}

std::optional<std::string> read_pattern(ConfigSource& source, const YamlEntry& entry) {
    auto text = read_text(source, entry, kTextMax);
    if (!text) {
        return std::nullopt;
    }
    RE2::Options options(RE2::Quiet);
    options.set_max_mem(kPatternMemory);
    const RE2 pattern(*text, options);
    if (!pattern.ok()) {
        source.fault(entry.value, fmt::format("{} {} is no regular expression of RE2: {}",
                                              entry.key.text, quoted(*text), problem_of(pattern)));
        return std::nullopt;
    }
    return text;
}

std::optional<std::vector<std::string>> read_command(ConfigSource& source, const YamlEntry& entry) {
    if (entry.value.kind != YamlNode::Kind::Sequence) {
        source.fault(entry.at(),
                     entry.key.text + " " +
                         expected_instead(entry.value, "a list like [ /usr/bin/program, word ]"));
        return std::nullopt;
    }
    const auto& items = entry.value.items;
    if (items.empty() || items.size() > kCommandWordsMax) {
        source.fault(entry.value, fmt::format("{} has {} words: 1 to {}", entry.key.text,
                                              items.size(), kCommandWordsMax));
        return std::nullopt;
    }
    std::vector<std::string> out;
    for (const auto& item : items) {
        const auto word = word_of(source, item, entry.key.text);
        if (!word) {
            return std::nullopt;
        }
        out.emplace_back(*word);
    }
    if (!out[0].starts_with('/')) {
        source.fault(items[0], fmt::format("{} {} is not an absolute path: there is no shell that "
                                           "could look for it",
                                           entry.key.text, quoted(out[0])));
        return std::nullopt;
    }
    return out;
}

std::optional<std::string> read_choice(ConfigSource& source, const YamlEntry& entry,
                                       std::span<const std::string_view> words) {
    const auto word = read_word(source, entry);
    if (!word) {
        return std::nullopt;
    }
    if (std::find(words.begin(), words.end(), *word) == words.end()) {
        source.fault(entry.value, fmt::format("unknown {} {} (there are: {})", entry.key.text,
                                              quoted(*word), fmt::join(words, ", ")));
        return std::nullopt;
    }
    return std::string(*word);
}

std::optional<std::string> read_host(ConfigSource& source, const YamlEntry& entry) {
    const auto word = read_word(source, entry);
    if (!word) {
        return std::nullopt;
    }
    if (word->empty() || word->size() > kHostMax ||
        !std::all_of(word->begin(), word->end(), is_host_character)) {
        source.fault(entry.value, fmt::format("{} {} cannot be a host: 1 to {} of A-Z a-z 0-9 "
                                              "- . _ : [ ]",
                                              entry.key.text, quoted(*word), kHostMax));
        return std::nullopt;
    }
    return std::string(*word);
}

std::optional<std::string> read_request_path(ConfigSource& source, const YamlEntry& entry) {
    auto text = read_text(source, entry, kTextMax);
    const auto is_visible = [](char c) { return c > ' ' && c < '\x7f'; };
    if (text && (!text->starts_with('/') || !std::all_of(text->begin(), text->end(), is_visible))) {
        source.fault(entry.value,
                     fmt::format("{} {} cannot be requested: it starts with / and has no spaces, "
                                 "other characters are written like %20",
                                 entry.key.text, quoted(*text)));
        return std::nullopt;
    }
    return text;
}

std::optional<std::uint16_t> read_port(ConfigSource& source, const YamlEntry& entry) {
    const auto port = read_number(source, entry, 1, std::numeric_limits<std::uint16_t>::max());
    return port ? std::optional(static_cast<std::uint16_t>(*port)) : std::nullopt;
}

} // namespace hg

#include "config_schema.h"

#include "number.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <numeric>

namespace hg {

namespace {

constexpr std::size_t kWordMax = 256; // longer than any address, name or word there is

// What the file will know one day. Ignoring such a key would be a lie: the admin believes in a
// limit that nobody keeps.
constexpr std::array<std::string_view, 1> kLater{"limits"};

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
        }
    }
    return row[b.size()];
}

bool is_printable(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// [2001:db8::1] without quotes is a list of one.
bool is_bare_bracket(const YamlNode& node) {
    return node.kind == YamlNode::Kind::Sequence && node.items.size() == 1 &&
           std::count(node.items[0].text.begin(), node.items[0].text.end(), ':') >= 2;
}

} // namespace

std::string expected_instead(const YamlNode& value, std::string_view wanted) {
    if (value.kind == YamlNode::Kind::Scalar) {
        return fmt::format("has to be {}, not {}", wanted, quoted(value.text));
    }
    return fmt::format("has to be {}, not {}", wanted, name(value.kind));
}

FoundEntry find_key(const YamlNode& map, std::string_view key) {
    for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
        if (map.items[i].text == key) {
            return {&map.items[i], &map.items[i + 1]};
        }
    }
    return {};
}

bool has_key(const YamlNode& map, std::string_view key) {
    return find_key(map, key).key != nullptr;
}

bool is_kind(ConfigSource& source, const YamlEntry& entry, YamlNode::Kind kind) {
    if (entry.value.kind == kind) {
        return true;
    }
    source.fault(entry.at(), entry.key.text + " " + expected_instead(entry.value, name(kind)));
    return false;
}

std::optional<std::string_view> word_of(ConfigSource& source, const YamlNode& node,
                                        const std::string& what) {
    if (is_bare_bracket(node)) {
        source.fault(node, fmt::format("{} has to be a value, not a list; an address in brackets "
                                       "needs quotes: \"[{}]\"",
                                       what, node.items[0].text));
        return std::nullopt;
    }
    if (node.kind != YamlNode::Kind::Scalar) {
        source.fault(node, what + " " + expected_instead(node, "a value"));
        return std::nullopt;
    }
    if (node.text.size() > kWordMax || !is_printable(node.text)) {
        source.fault(node, fmt::format("{} {} is too long or has control characters", what,
                                       quoted(node.text)));
        return std::nullopt;
    }
    return node.text;
}

std::optional<std::string_view> read_word(ConfigSource& source, const YamlEntry& entry) {
    if (entry.value.kind == YamlNode::Kind::Null) {
        source.fault(entry.key, entry.key.text + " has to be a value, not nothing");
        return std::nullopt;
    }
    return word_of(source, entry.value, entry.key.text);
}

std::optional<bool> read_bool(ConfigSource& source, const YamlEntry& entry) {
    const bool is_true = entry.value.text == "true";
    if (entry.value.kind == YamlNode::Kind::Scalar && !entry.value.is_quoted &&
        (is_true || entry.value.text == "false")) {
        return is_true;
    }
    source.fault(entry.at(), entry.key.text + " " + expected_instead(entry.value, "true or false"));
    return std::nullopt;
}

std::optional<std::uint32_t> read_number(ConfigSource& source, const YamlEntry& entry,
                                         std::uint32_t min, std::uint32_t max) {
    const auto word = read_word(source, entry);
    if (!word) {
        return std::nullopt;
    }
    if (entry.value.is_quoted) {
        source.fault(entry.value, fmt::format("{} has to be a number, not the text {}: leave the "
                                              "quotes out",
                                              entry.key.text, quoted(*word)));
        return std::nullopt;
    }
    const auto number =
        accept(source, entry.value, parse_number(*word, entry.key.text, {min, max}));
    return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

std::optional<std::chrono::milliseconds> read_duration(ConfigSource& source, const YamlEntry& entry,
                                                       std::chrono::milliseconds min,
                                                       std::chrono::milliseconds max) {
    const auto word = read_word(source, entry);
    return word ? accept(source, entry.value, parse_duration(*word, entry.key.text, min, max))
                : std::nullopt;
}

std::string suggest(std::string_view word, std::span<const std::string_view> known) {
    if (word.size() <= kWordMax) {
        const auto nearest = std::min_element(known.begin(), known.end(), [&](auto a, auto b) {
            return distance(word, a) < distance(word, b);
        });
        // Two slips in a word of some length; more is another word.
        if (nearest != known.end() &&
            distance(word, *nearest) <= std::min<std::size_t>(2, word.size() / 2)) {
            return fmt::format("did you mean {}?", *nearest);
        }
    }
    return fmt::format("there are: {}", fmt::join(known, ", "));
}

void refuse_key(ConfigSource& source, const YamlNode& key, std::string_view map,
                std::span<const std::string_view> known) {
    if (std::find(kLater.begin(), kLater.end(), key.text) != kLater.end()) {
        source.fault(key, fmt::format("{}: this version of headgate does not have that yet, take "
                                      "it out",
                                      key.text));
        return;
    }
    source.fault(key, fmt::format("unknown key {} in {}; {}", quoted(key.text), map,
                                  suggest(key.text, known)));
}

} // namespace hg

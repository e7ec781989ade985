// Reading a map of the configuration by a table of its keys: a later feature adds a row.
#pragma once

#include "config_yaml.h"
#include "result.h"

#include <chrono>
#include <optional>
#include <span>

namespace hg {

// A place that may be in another file than the one that is being read.
struct FilePlace {
    std::size_t file = 0;
    Place place;
};

// Where the faults of nodes go.
class ConfigSource {
public:
    explicit ConfigSource(ConfigFaults& faults) : faults_(faults) {}

    void fault(const YamlNode& at, std::string text) { faults_.add(at.place, std::move(text)); }

    // So many faults there are as yet.
    [[nodiscard]] std::size_t total() const { return faults_.total(); }

    // To be told of when the same comes a second time.
    [[nodiscard]] FilePlace place_of(const YamlNode& node) const {
        return {faults_.file(), node.place};
    }

    [[nodiscard]] std::string text_of(const FilePlace& at) const {
        return faults_.place_text(at.file, at.place);
    }

private:
    ConfigFaults& faults_;
};

// A key with its value. A missing value is told at the key: its own place is the next line.
struct YamlEntry {
    const YamlNode& key;
    const YamlNode& value;

    [[nodiscard]] const YamlNode& at() const {
        return value.kind == YamlNode::Kind::Null ? key : value;
    }
};

// The value as such, or a fault and nothing. A word is any text, with or without quotes.
[[nodiscard]] std::optional<std::string_view> read_word(ConfigSource& source,
                                                        const YamlEntry& entry);
[[nodiscard]] std::optional<bool> read_bool(ConfigSource& source, const YamlEntry& entry);
[[nodiscard]] std::optional<std::uint32_t> read_number(ConfigSource& source, const YamlEntry& entry,
                                                       std::uint32_t min, std::uint32_t max);
// 500ms, 15m
[[nodiscard]] std::optional<std::chrono::milliseconds> read_duration(ConfigSource& source,
                                                                     const YamlEntry& entry,
                                                                     std::chrono::milliseconds min,
                                                                     std::chrono::milliseconds max);

// The key of a map with its value, or nullptr twice.
struct FoundEntry {
    const YamlNode* key = nullptr;
    const YamlNode* value = nullptr;
};

[[nodiscard]] FoundEntry find_key(const YamlNode& map, std::string_view key);
[[nodiscard]] bool has_key(const YamlNode& map, std::string_view key);
[[nodiscard]] bool is_kind(ConfigSource& source, const YamlEntry& entry, YamlNode::Kind kind);

// "has to be WANTED, not VALUE"
[[nodiscard]] std::string expected_instead(const YamlNode& value, std::string_view wanted);

// The text of a node that has to be short and printable, WHAT being its name for the fault.
[[nodiscard]] std::optional<std::string_view> word_of(ConfigSource& source, const YamlNode& node,
                                                      const std::string& what);

// The value of a result, or its reason as a fault of the node.
template <class T>
std::optional<T> accept(ConfigSource& source, const YamlNode& node, Result<T> result) {
    if (!result) {
        source.fault(node, result.error().reason);
        return std::nullopt;
    }
    return *std::move(result);
}

// "did you mean x?", or all there are when none is near.
[[nodiscard]] std::string suggest(std::string_view word, std::span<const std::string_view> known);

// Tells an unknown key, or one that a later version will know.
void refuse_key(ConfigSource& source, const YamlNode& key, std::string_view map,
                std::span<const std::string_view> known);

// A key of a map that is read into a Target, by a method of Reader.
template <class Reader, class Target> struct ConfigField {
    std::string_view key;
    void (Reader::*read)(const YamlEntry& entry, Target& target);
};

// MAP is the map's name in faults: "a server".
template <class Reader, class Target, std::size_t N>
void read_fields(ConfigSource& source, Reader& reader, const YamlNode& map, std::string_view name,
                 const std::array<ConfigField<Reader, Target>, N>& fields, Target& target) {
    std::array<std::string_view, N> known{};
    for (std::size_t i = 0; i < N; ++i) {
        known[i] = fields[i].key;
    }
    for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
        const YamlEntry entry{map.items[i], map.items[i + 1]};
        std::size_t at = 0;
        while (at < N && known[at] != entry.key.text) {
            ++at;
        }
        if (at == N) {
            refuse_key(source, entry.key, name, known);
        } else {
            (reader.*fields[at].read)(entry, target);
        }
    }
}

} // namespace hg

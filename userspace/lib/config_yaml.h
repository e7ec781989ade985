// YAML as a plain tree with places, and nothing else that YAML can do: anchors, aliases, tags, a
// second document, directives and duplicate keys are refused.
#pragma once

#include "config_fault.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hg {

struct YamlNode {
    enum class Kind : std::uint8_t { Null, Scalar, Sequence, Map };

    Kind kind = Kind::Null;
    bool is_quoted = false; // a scalar that cannot be a number or a truth value
    Place place = {};
    std::string text = {};            // of a scalar
    std::vector<YamlNode> items = {}; // of a sequence; of a map: key, value, key, value
};

// "a map", "a list", "a value", "nothing"
[[nodiscard]] std::string_view name(YamlNode::Kind kind);

// The one document in TEXT, which clean_config_text has made; nothing where it could not be read to
// its end, or has aliases. What else is at fault is not in the tree, so that the rest can be looked
// at: of two entries with one key the first is.
[[nodiscard]] std::optional<YamlNode> parse_yaml(std::string_view text, ConfigFaults& faults);

} // namespace hg

// YAML as a plain tree with places, and nothing else that YAML can do.
//
// yaml-cpp is used for its events only. Its nodes would hide what has to be refused: anchors,
// aliases, tags, a second document, a quote that is never closed, directives, duplicate keys.
#pragma once

#include "config_text.h"

#include <vector>

namespace hg {

struct YamlNode {
    enum class Kind { Null, Scalar, Sequence, Map };

    Kind kind = Kind::Null;
    bool is_quoted = false; // a scalar that cannot be a number or a truth value
    TextMark mark;
    std::string text;            // of a scalar
    std::vector<YamlNode> items; // of a sequence; of a map: key, value, key, value
};

// "a map", "a list", "a value", "nothing"
[[nodiscard]] std::string_view name(YamlNode::Kind kind);

// The one document in TEXT, which clean_config_text has made. Never throws; when there are
// faults the tree is not to be used.
[[nodiscard]] YamlNode parse_yaml(const std::string& text, ConfigFaults& faults);

} // namespace hg

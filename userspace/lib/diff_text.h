// A difference for eyes: a line an op, which begins with +, ~ or -.
#pragma once

#include "diff.h"

#include <string>

namespace hg {

// Adds "+ server tcp://10.0.0.9:80 10.1.0.1:80 forward nat weight 3", without an end of line.
void append_op(std::string& out, const Op& op);

// A line an op.
[[nodiscard]] std::string diff_text(const Difference& difference);

// Nothing: it is not set.
using FieldValue =
    std::variant<std::monostate, std::string, std::uint32_t, bool, std::chrono::milliseconds>;

// One field that an op changes, in the words of the configuration: "weight", "timeouts.udp".
struct FieldChange {
    std::string field;
    FieldValue from;
    FieldValue to;

    bool operator==(const FieldChange&) const = default;
};

[[nodiscard]] std::vector<FieldChange> changes_of(const SetService& op);
[[nodiscard]] std::vector<FieldChange> changes_of(const SetServer& op);

} // namespace hg

// What "up" did, kept so that "down" takes back that and nothing else.
#pragma once

#include "realserver_want.h"

namespace hg::cli {

// A step and the VIPs that rely on it: it goes when the last of them does.
struct RecordedStep {
    Want step;
    std::vector<std::string> vips;

    bool operator==(const RecordedStep&) const = default;
};

using Record = std::vector<RecordedStep>;

[[nodiscard]] std::string record_text(const Record& record);
// An empty text is an empty record.
[[nodiscard]] Result<Record> parse_record(const std::string& text);

} // namespace hg::cli

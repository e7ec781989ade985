// Another program's configuration as ours, and what of it could not be carried over.
#pragma once

#include "config.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hg {

// What was left out, or has become something else, and why.
struct ImportNote {
    std::uint32_t line = 0; // from 1
    std::string text;       // no full stop

    bool operator==(const ImportNote&) const = default;
};

struct Imported {
    Config config;
    std::vector<ImportNote> notes; // by line

    bool operator==(const Imported&) const = default;
};

// What `ipvsadm -Sn` prints.
[[nodiscard]] Imported import_ipvsadm(std::string_view text);

// A keepalived.conf, of which the virtual servers are ours.
[[nodiscard]] Imported import_keepalived(std::string_view text);

} // namespace hg

// The blocks of a keepalived.conf: words and braces with their lines, and no meaning yet.
#pragma once

#include "import.h"

namespace hg {

// `real_server 10.0.0.1 80 { ... }`, or a line of words without a block.
struct KeepalivedNode {
    std::uint32_t line = 0;
    std::vector<std::string> words = {}; // at least one
    bool has_block = false;
    std::vector<KeepalivedNode> block = {};
};

struct KeepalivedTree {
    std::vector<KeepalivedNode> nodes = {};
    std::vector<ImportNote> notes = {}; // what was not read
};

[[nodiscard]] KeepalivedTree parse_keepalived(std::string_view text);

// Words as on a line of the file: between blanks, quotes around what has blanks, escapes.
[[nodiscard]] std::vector<std::string> keepalived_words(std::string_view text);

} // namespace hg

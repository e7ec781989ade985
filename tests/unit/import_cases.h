// What the tests of imports are made of.
#pragma once

#include "import.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace hg::test {

struct ImportCase {
    const char* name;
    std::string text;
    std::string notes; // all of them, "LINE: TEXT\n" each
};

inline std::ostream& operator<<(std::ostream& out, const ImportCase& c) { return out << c.name; }

inline std::string named(const testing::TestParamInfo<ImportCase>& info) { return info.param.name; }

inline std::string notes_of(const Imported& imported) {
    std::string out;
    for (const auto& note : imported.notes) {
        out += fmt::format("{}: {}\n", note.line, note.text);
    }
    return out;
}

} // namespace hg::test

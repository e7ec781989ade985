// What the tests of the configuration's refusals are made of.
#pragma once

#include "config.h"

#include <gtest/gtest.h>

namespace hg::test {

struct Case {
    const char* name;
    std::string text;
    std::string expected; // all faults, the file being called "f"
};

inline std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

inline std::string faults_of(std::string_view text) {
    const auto config = parse_config(text);
    return config ? "" : config.error().render("f");
}

// A service around the lines of one server or of the service itself.
inline std::string with_server(const std::string& server) {
    return "services:\n  - listen: tcp://10.0.0.9:80\n    servers:\n      - " + server + "\n";
}

inline std::string with_service(const std::string& line) {
    return "services:\n  - listen: tcp://10.0.0.9:80\n    " + line + "\n";
}

inline std::string named(const testing::TestParamInfo<Case>& info) { return info.param.name; }

} // namespace hg::test

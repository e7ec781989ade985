// One of the kernel's trace events, as tracefs has it.
#pragma once

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>
#include <string_view>

namespace hg::test {

// It is recorded for as long as this lives.
class Trace {
public:
    // "headgate/drop"
    explicit Trace(const std::string& event) : switch_("events/" + event + "/enable") {
        write("trace", "");
        write(switch_, "1");
    }

    Trace(const Trace&) = delete;
    Trace& operator=(const Trace&) = delete;

    ~Trace() {
        write(switch_, "0");
        write("trace", "");
    }

    // Not every kernel has trace events.
    static bool is_there() { return std::filesystem::exists(path("events")); }

    static std::string text() {
        std::ifstream file(path("trace"));
        return {std::istreambuf_iterator<char>(file), {}};
    }

private:
    static std::string path(const std::string& name) { return "/sys/kernel/tracing/" + name; }

    static void write(const std::string& name, std::string_view value) {
        std::ofstream file(path(name));
        file << value << std::flush;
        EXPECT_TRUE(file.good()) << name;
    }

    std::string switch_;
};

} // namespace hg::test

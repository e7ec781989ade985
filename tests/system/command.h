// The command in a network namespace of its own, where nobody else changes anything.
#pragma once

#include "place.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace hg::test {

class CommandTest : public testing::Test {
protected:
    static void SetUpTestSuite();
    static void TearDownTestSuite();

    CommandTest();

    // "headgate LINE" in the namespace.
    [[nodiscard]] Outcome headgate(std::string_view line) const;
    // What it prints, when it ends with CODE and has nothing to say on the standard error.
    [[nodiscard]] std::string output(std::string_view line, int code = 0) const;
    // The same with -j, parsed, of schema 1.
    [[nodiscard]] nlohmann::json json(std::string_view line, int code = 0) const;
    // It is done without a word.
    void does(std::string_view line) const;
    // It ends with CODE, prints "headgate: TEXT" and has changed nothing.
    void refuses(std::string_view line, int code, const std::string& text) const;
    [[nodiscard]] std::uint32_t generation() const;

    // A file with this content, for the test's time.
    [[nodiscard]] static std::string file(std::string_view name, std::string_view content);

    static std::unique_ptr<Place> place; // VIPs on its lo: 192.0.2.1, 192.0.2.2, 2001:db8::1
};

} // namespace hg::test

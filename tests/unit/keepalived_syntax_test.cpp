// Words, blocks and lines of a keepalived.conf.
#include "keepalived_syntax.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace {

// "1:word word{ 2:word}"
std::string shown(const std::vector<hg::KeepalivedNode>& nodes) {
    std::string out;
    for (const auto& node : nodes) {
        out +=
            fmt::format("{}{}:{}", out.empty() ? "" : " ", node.line, fmt::join(node.words, "|"));
        out += node.has_block ? fmt::format("{{{}}}", shown(node.block)) : "";
    }
    return out;
}

std::string shown(std::string_view text) {
    const auto tree = hg::parse_keepalived(text);
    EXPECT_TRUE(tree.notes.empty()) << tree.notes.at(0).text;
    return shown(tree.nodes);
}

TEST(KeepalivedSyntax, blocks_with_their_lines) {
    EXPECT_EQ(shown("a b {\n  c\n  d e {\n f\n}\n}\ng\n"), "1:a|b{2:c 3:d|e{4:f}} 7:g");
}

TEST(KeepalivedSyntax, a_brace_may_stand_anywhere) {
    EXPECT_EQ(shown("a\n{\nb\n}"), "1:a{3:b}");
    EXPECT_EQ(shown("a{b}c"), "1:a{1:b} 1:c");
    EXPECT_EQ(shown("a { }\n"), "1:a{}");
}

TEST(KeepalivedSyntax, comments_end_with_the_line) {
    EXPECT_EQ(shown("! a\na#b {\nc !d\n# }\n"), "2:a 3:c");
}

TEST(KeepalivedSyntax, quotes_keep_words_together) {
    EXPECT_EQ(shown("a \"b c\" d\"e f\"g '#!{}' \"\""), "1:a|b c|de fg|#!{}|");
    EXPECT_EQ(shown("a \"it's\" 'say \"b\"'"), "1:a|it's|say \"b\"");
}

TEST(KeepalivedSyntax, escapes_stand_for_characters) {
    EXPECT_EQ(shown(R"(a "\"\\\t\101\x42\cC" \"b \q)"), "1:a|\"\\\tAB\x03|\"b|q");
    EXPECT_EQ(shown("a\\"), "1:a\\");
}

TEST(KeepalivedSyntax, a_parameter_is_no_block) {
    EXPECT_EQ(shown("a ${B}c\n"), "1:a|${B}c");
    EXPECT_EQ(shown("a ${B"), "1:a|${B");
}

TEST(KeepalivedSyntax, of_nothing_is_nothing) {
    EXPECT_EQ(shown(""), "");
    EXPECT_EQ(shown(" \r\n\n"), "");
}

} // namespace

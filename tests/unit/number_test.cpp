#include "number.h"

#include <gtest/gtest.h>

using namespace std::chrono_literals;

namespace {

std::string number(std::string_view text) {
    const auto value = hg::parse_number(text, "weight", {0, 65535});
    return value ? std::to_string(*value) : value.error().text();
}

std::string duration(std::string_view text) {
    const auto value = hg::parse_duration(text, "timeout", 100ms, 864'000s);
    return value ? hg::duration_text(*value) : value.error().text();
}

TEST(Number, is_strictly_decimal) {
    EXPECT_EQ(number("0"), "0");
    EXPECT_EQ(number("65535"), "65535");
    EXPECT_EQ(number("010"),
              "weight \"010\" has a leading zero, which some read as octal: leave it out");
    for (const auto* const text : {"", " 1", "1 ", "+1", "-1", "0x10", "1e3", "1.0", "ten"}) {
        EXPECT_EQ(number(text), "weight \"" + std::string(text) + "\" is not a decimal number");
    }
}

TEST(Number, says_its_range) {
    EXPECT_EQ(number("65536"), "weight 65536 is out of range: 0 to 65535");
    EXPECT_EQ(number("99999999999999999999999"),
              "weight 99999999999999999999999 is out of range: 0 to 65535");
}

TEST(Mark, may_be_hexadecimal) {
    EXPECT_EQ(hg::parse_mark("0xFf", "mark", {0, 255}).value(), 255U);
    EXPECT_EQ(hg::parse_mark("17", "mark", {0, 255}).value(), 17U);
    EXPECT_EQ(hg::parse_mark("0x", "mark", {0, 255}).error().text(), "mark \"0x\" is not a number");
    EXPECT_EQ(hg::parse_mark("0x100", "mark", {0, 255}).error().text(),
              "mark 0x100 is out of range: 0 to 255");
}

TEST(Duration, needs_a_unit) {
    EXPECT_EQ(duration("500ms"), "500ms");
    EXPECT_EQ(duration("900s"), "15m");
    EXPECT_EQ(duration("1500ms"), "1500ms");
    EXPECT_EQ(duration("10d"), "10d");
    for (const auto* const text : {"", "15", "m", "15min", "1.5s", "-1s", " 1s", "1 s"}) {
        EXPECT_EQ(duration(text), "timeout \"" + std::string(text) +
                                      "\" is not a duration: a number and ms, s, m, h or d, like "
                                      "500ms or 15m");
    }
    EXPECT_EQ(duration("015m"),
              "timeout \"015\" has a leading zero, which some read as octal: leave it out");
}

TEST(Duration, says_its_range) {
    EXPECT_EQ(duration("99ms"), "timeout 99ms is out of range: 100ms to 10d");
    EXPECT_EQ(duration("11d"), "timeout 11d is out of range: 100ms to 10d");
    EXPECT_EQ(duration("99999999999999999999d"),
              "timeout 99999999999999999999d is out of range: 100ms to 10d");
}

TEST(Duration, of_nothing_is_zero_seconds) { EXPECT_EQ(hg::duration_text(0ms), "0s"); }

TEST(Age, is_said_in_one_unit) {
    EXPECT_EQ(hg::age_text(0ms), "0ms");
    EXPECT_EQ(hg::age_text(999ms), "999ms");
    EXPECT_EQ(hg::age_text(1999ms), "1s");
    EXPECT_EQ(hg::age_text(119s), "119s");
    EXPECT_EQ(hg::age_text(120s), "2m");
    EXPECT_EQ(hg::age_text(119min + 59s), "119m");
    EXPECT_EQ(hg::age_text(2h), "2h");
    EXPECT_EQ(hg::age_text(49h), "2d");
}

} // namespace

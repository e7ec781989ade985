#include "result.h"

#include <gtest/gtest.h>
#include <memory>

namespace {

hg::Result<std::unique_ptr<int>> made(bool good) {
    if (good) {
        return std::make_unique<int>(7);
    }
    return hg::refusal("no", std::errc::file_exists);
}

hg::Result<> passed(bool good) {
    HG_TRY(made(good));
    return {};
}

hg::Result<int> used(bool good) {
    HG_TRY(passed(true));
    const auto value = HG_TRY(made(good));
    return *value;
}

TEST(Result, passes_values_and_errors_up) {
    EXPECT_EQ(used(true), 7);
    EXPECT_EQ(used(false).error().reason, "no");
    EXPECT_FALSE(passed(false));
}

TEST(Error, says_what_was_attempted_and_why_not) {
    EXPECT_EQ(hg::attempting(passed(false), "open the gate").error().text(),
              "cannot open the gate: no");
    EXPECT_EQ(hg::system_error(EACCES, "open the gate").value().text(),
              "cannot open the gate: Permission denied");
    auto error = hg::refusal("out of range", std::errc::result_out_of_range).value();
    error.attribute = "SERVER.WEIGHT";
    EXPECT_EQ(error.text(), "out of range (SERVER.WEIGHT)");
}

TEST(Error, keeps_the_innermost_attempt) {
    hg::Result<> result = hg::system_error(EACCES, "open the gate");
    EXPECT_EQ(hg::attempting(result, "water the field").error().attempted, "open the gate");
}

} // namespace

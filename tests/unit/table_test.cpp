#include "table.h"

#include "words.h"

#include <gtest/gtest.h>
#include <sstream>

namespace {

using hg::cli::Align;

TEST(Table, aligns_and_leaves_out_empty_columns) {
    hg::cli::Table table({{"NAME"}, {"EMPTY"}, {"N", Align::Right}, {"NOTE"}});
    table.add({"a", "", "1", "x"});
    table.add({"longer", "", "1000"});
    std::ostringstream out;
    table.print(out);
    EXPECT_EQ(out.str(), "NAME       N  NOTE\n"
                         "a          1  x\n"
                         "longer  1000\n");
}

TEST(Words, write_weights_in_thousandths) {
    EXPECT_EQ(hg::cli::weight_text(0), "0");
    EXPECT_EQ(hg::cli::weight_text(1), "0.004");
    EXPECT_EQ(hg::cli::weight_text(384), "1.5");
    EXPECT_EQ(hg::cli::weight_text(256 * 100), "100");
}

TEST(Words, name_every_reason_for_down) {
    hg::Server server;
    EXPECT_EQ(hg::cli::state_text(server), "ready");
    server.down = HEADGATE_DOWN_ADMIN | HEADGATE_DOWN_OUTLIER;
    EXPECT_EQ(hg::cli::state_text(server), "down(admin+outlier)");
    server.spec.admin_state = hg::AdminState::Maint;
    EXPECT_EQ(hg::cli::state_text(server), "maint,down(admin+outlier)");
}

} // namespace

#include "config_apply.h"

#include "fake_kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hg::cli {

namespace {

using test::FakeKernel;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Config config(std::string_view text) { return parse_config(text).value(); }

// Two services to be added, the first with COUNT servers.
Difference additions(int count) {
    std::string text = "services:\n  - listen: tcp://192.0.2.1:80\n    servers:\n";
    for (int i = 0; i < count; i++) {
        text += "      - { address: 10.0.0." + std::to_string(i + 1) + " }\n";
    }
    return diff(config(text + "  - listen: tcp://192.0.2.2:80\n"), {});
}

class ConfigApply : public testing::Test {
protected:
    Result<> execute(const Difference& difference) {
        Client client(kernel);
        return execute_all(client, difference);
    }

    FakeKernel kernel;
};

TEST_F(ConfigApply, asks_for_each_step_in_its_order) {
    EXPECT_TRUE(execute(additions(2)));
    EXPECT_THAT(kernel.asked(), ElementsAre("new_service tcp://192.0.2.1:80",
                                            "new_server tcp://192.0.2.1:80 10.0.0.1:80",
                                            "new_server tcp://192.0.2.1:80 10.0.0.2:80",
                                            "new_service tcp://192.0.2.2:80"));
}

TEST_F(ConfigApply, stops_at_the_first_refusal_and_says_what_was_done_and_what_not) {
    kernel.refusals[HEADGATE_CMD_NEW_SERVER] = {EINVAL, "no such luck", 0};
    const auto result = execute(additions(2));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().text(),
              "cannot add server 10.0.0.1:80 to tcp://192.0.2.1:80: no such luck\n"
              "done (1):\n"
              "  + service tcp://192.0.2.1:80 scheduler wlc\n"
              "not done (3):\n"
              "  + server tcp://192.0.2.1:80 10.0.0.1:80 forward nat weight 1\n"
              "  + server tcp://192.0.2.1:80 10.0.0.2:80 forward nat weight 1\n"
              "  + service tcp://192.0.2.2:80 scheduler wlc");
    EXPECT_THAT(kernel.asked(), ElementsAre("new_service tcp://192.0.2.1:80"));
}

TEST_F(ConfigApply, says_that_nothing_was_done_when_the_first_step_is_refused) {
    kernel.refusals[HEADGATE_CMD_NEW_SERVICE] = {ENOSPC, "", 0};
    const auto result = execute(additions(1));
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().reason, HasSubstr("No space left on device\n"
                                                 "done: nothing\n"
                                                 "not done (3):\n"));
    EXPECT_THAT(kernel.asked(), IsEmpty());
}

TEST_F(ConfigApply, shows_no_more_than_20_of_many_steps) {
    kernel.refusals[HEADGATE_CMD_NEW_SERVER] = {EINVAL, "no such luck", 0};
    const auto result = execute(additions(50));
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().reason, HasSubstr("not done (51):\n"));
    EXPECT_THAT(result.error().reason, HasSubstr("10.0.0.20:80 forward nat weight 1\n  ..."));
    EXPECT_THAT(result.error().reason, Not(HasSubstr("10.0.0.21:80")));
}

TEST_F(ConfigApply, begins_nothing_when_something_is_in_the_way) {
    auto difference = additions(1);
    difference.obstacles = {"server 10.0.0.9:80 has conns"};
    const auto result = execute(difference);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().reason, "nothing was changed\nserver 10.0.0.9:80 has conns");
    EXPECT_THAT(kernel.asked(), IsEmpty());
}

} // namespace

} // namespace hg::cli

#include "apply.h"

#include "fake_kernel.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hg {

namespace {

using test::FakeKernel;
using testing::ElementsAre;
using testing::IsEmpty;

Config config(std::string_view text) { return parse_config(text).value(); }

// Two services, the first with COUNT servers.
Config two_services(int count) {
    std::string text = "services:\n  - listen: tcp://192.0.2.1:80\n    servers:\n";
    for (int i = 0; i < count; i++) {
        text += fmt::format("      - {{ address: 10.0.{}.{} }}\n", i / 250, i % 250 + 1);
    }
    return config(text + "  - listen: tcp://192.0.2.2:80\n");
}

class Apply : public testing::Test {
protected:
    Result<Difference> applies(const Config& config) {
        Client client(kernel);
        return apply(client, config);
    }

    Result<Checked> checks(const Config& config) {
        Client client(kernel);
        return check(client, config);
    }

    FakeKernel kernel;
};

TEST_F(Apply, puts_all_of_it_in_force_at_once) {
    kernel.info.generation = 41;
    const auto done = applies(two_services(2));
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_EQ(done->size(), 4U);
    EXPECT_THAT(kernel.asked(), ElementsAre("new_service tcp://192.0.2.1:80",
                                            "new_server tcp://192.0.2.1:80 10.0.0.1:80",
                                            "new_server tcp://192.0.2.1:80 10.0.0.2:80",
                                            "new_service tcp://192.0.2.2:80"));
    EXPECT_EQ(kernel.info.generation, 42U);
    EXPECT_FALSE(kernel.has_transaction());
}

TEST_F(Apply, begins_nothing_when_nothing_differs) {
    kernel.refusals[HEADGATE_CMD_BEGIN] = {EINVAL, "not now"};
    const auto done = applies({});
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_THAT(*done, IsEmpty());
}

TEST_F(Apply, does_nothing_of_it_when_one_message_is_refused) {
    kernel.staged_refusals[3] = {EINVAL, "no such luck"};
    EXPECT_EQ(applies(two_services(2)).error().text(),
              "cannot add server 10.0.0.2:80 to tcp://192.0.2.1:80: no such luck; nothing was "
              "changed");
    EXPECT_THAT(kernel.asked(), IsEmpty());
    EXPECT_EQ(kernel.aborts, 1);
}

TEST_F(Apply, begins_anew_when_somebody_else_changes_something) {
    kernel.strangers = 3;
    EXPECT_TRUE(applies(two_services(1)));
    EXPECT_EQ(kernel.asked().size(), 3U);
    EXPECT_EQ(kernel.dumps, 8); // of services and of servers, four times
}

TEST_F(Apply, gives_up_when_somebody_else_never_rests) {
    kernel.strangers = 1000;
    EXPECT_EQ(applies(two_services(1)).error().text(),
              "others changed the configuration during each of 10 attempts; nothing was changed");
    EXPECT_THAT(kernel.asked(), IsEmpty());
}

TEST_F(Apply, does_not_claim_to_know_what_became_of_a_lost_commit) {
    kernel.lost_commands = {HEADGATE_CMD_COMMIT};
    EXPECT_EQ(applies(two_services(1)).error().text(),
              "cannot commit the transaction: the answer was lost: the change may have been made "
              "or not");
    EXPECT_EQ(kernel.resets, 1);
}

TEST_F(Apply, can_be_tried_without_a_change) {
    const auto checked = checks(two_services(1));
    ASSERT_TRUE(checked) << checked.error().text();
    EXPECT_EQ(checked->difference.size(), 3U);
    EXPECT_TRUE(checked->verdict);
    EXPECT_THAT(kernel.asked(), IsEmpty());
    EXPECT_FALSE(kernel.has_transaction());
}

TEST_F(Apply, tells_what_would_be_refused_besides_the_difference) {
    kernel.staged_refusals[2] = {EINVAL, "no such luck"};
    const auto checked = checks(two_services(1));
    ASSERT_TRUE(checked) << checked.error().text();
    EXPECT_EQ(checked->difference.size(), 3U);
    EXPECT_EQ(checked->verdict.error().text(),
              "cannot add server 10.0.0.1:80 to tcp://192.0.2.1:80: no such luck");
}

TEST_F(Apply, checks_anew_when_somebody_else_changes_something) {
    kernel.strangers = 2;
    EXPECT_TRUE(checks(two_services(1)).value().verdict);
    EXPECT_EQ(kernel.dumps, 6);
}

TEST_F(Apply, flushes_in_a_transaction) {
    kernel.strangers = 1;
    Client client(kernel);
    EXPECT_TRUE(flush(client));
    EXPECT_THAT(kernel.asked(), ElementsAre("flush"));
    EXPECT_FALSE(kernel.has_transaction());
}

} // namespace

} // namespace hg

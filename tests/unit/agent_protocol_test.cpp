#include "agent_protocol.h"

#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

AgentAnswer answer(std::string_view bytes) {
    const auto out = parse_agent_answer(bytes);
    EXPECT_TRUE(out) << bytes << ": " << out.error().text();
    return out.value_or(AgentAnswer{});
}

std::string refused(std::string_view bytes) {
    const auto out = parse_agent_answer(bytes);
    EXPECT_FALSE(out) << bytes;
    return out ? "" : out.error().text();
}

TEST(Agent, reads_each_word) {
    EXPECT_EQ(answer("75%\n"), (AgentAnswer{.percent = 75}));
    EXPECT_EQ(answer("0%\n"), (AgentAnswer{.percent = 0}));
    EXPECT_EQ(answer("up\n"), (AgentAnswer{.state = AgentState::Up}));
    EXPECT_EQ(answer("down\n"), (AgentAnswer{.state = AgentState::Down}));
    EXPECT_EQ(answer("stopped\n"), (AgentAnswer{.state = AgentState::Stopped}));
    EXPECT_EQ(answer("fail\n"), (AgentAnswer{.state = AgentState::Fail}));
    EXPECT_EQ(answer("ready\n"), (AgentAnswer{.admin = AgentAdmin::Ready}));
    EXPECT_EQ(answer("drain\n"), (AgentAnswer{.admin = AgentAdmin::Drain}));
    EXPECT_EQ(answer("maint\n"), (AgentAnswer{.admin = AgentAdmin::Maint}));
    EXPECT_EQ(answer("maxconn:30\n"), (AgentAnswer{.maxconn = 30}));
}

TEST(Agent, reads_words_together_in_any_order_and_case) {
    const AgentAnswer all{.percent = 75,
                          .state = AgentState::Up,
                          .admin = AgentAdmin::Ready,
                          .maxconn = 30,
                          .text = "all is well"};
    EXPECT_EQ(answer("ready up 75% maxconn:30 #all is well\r\n"), all);
    EXPECT_EQ(answer(" ,\tMAXCONN:30,75%,\tUp,,READY# all is well \n"), all);
}

TEST(Agent, reads_the_first_line_only) {
    EXPECT_EQ(answer("50%\ndown\n"), (AgentAnswer{.percent = 50}));
    EXPECT_EQ(answer("50%\rdown\n"), (AgentAnswer{.percent = 50}));
    EXPECT_EQ(answer("50%"), (AgentAnswer{.percent = 50}));
}

TEST(Agent, takes_the_last_of_two_that_disagree) {
    EXPECT_EQ(answer("up down 10% 20%\n"), (AgentAnswer{.percent = 20, .state = AgentState::Down}));
}

TEST(Agent, takes_more_than_all_for_all) {
    EXPECT_EQ(answer("250%\n"), (AgentAnswer{.percent = 100}));
}

TEST(Agent, tells_the_first_word_that_it_does_not_know_and_takes_the_others) {
    EXPECT_EQ(answer("50% sleepy grumpy\n"), (AgentAnswer{.percent = 50, .unknown = "sleepy"}));
    for (const std::string word : {"75", "%", "-5%", "7.5%", "5%%", "99999999999%",
                                   "maxconn:", "maxconn:-1", "maxconn:x", "maxconn", "upp", "u"}) {
        EXPECT_EQ(answer("up " + word + "\n").unknown, word);
    }
}

TEST(Agent, refuses_an_answer_that_says_nothing) {
    EXPECT_EQ(refused("\n"), "the agent's answer \"\" has no word of its protocol, like 75%, up "
                             "or drain");
    EXPECT_EQ(refused("HTTP/1.0 200 OK\r\n"), "the agent's answer \"HTTP/1.0 200 OK\" has no word "
                                              "of its protocol, like 75%, up or drain");
    EXPECT_NE(refused("# only a reason\n"), "");
    EXPECT_NE(refused(""), "");
    EXPECT_NE(refused("\x1b[2J\xff\n").find("\"?[2J?\""), std::string::npos);
}

TEST(Agent, cuts_and_cleans_what_is_shown) {
    const auto text = answer("down #\x1b[31m" + std::string(2000, 'x') + "\n").text;
    EXPECT_EQ(text.size(), kAgentReasonMax);
    EXPECT_EQ(text.substr(0, 6), "?[31mx");
    EXPECT_EQ(answer("up " + std::string(2000, 'x') + " down\n").unknown.size(), kAgentReasonMax);
    EXPECT_EQ(answer("up " + std::string(2000, ' ') + " down\n").state, AgentState::Up);
}

AgentView view_after(std::initializer_list<std::string_view> answers) {
    AgentView view;
    for (const auto each : answers) {
        view = heard(view, answer(each));
    }
    return view;
}

AgentWish wish_after(std::initializer_list<std::string_view> answers) {
    return wish_of(view_after(answers));
}

TEST(Agent, is_taken_at_its_last_word) {
    EXPECT_EQ(
        view_after({"20% maxconn:30", "drain #tonight", "50%"}),
        (AgentView{.percent = 50, .admin = AgentAdmin::Drain, .maxconn = 30, .text = "tonight"}));
    EXPECT_EQ(view_after({"maxconn:30", "maxconn:10"}).maxconn, 10U);
}

TEST(Agent, means_nothing_before_it_speaks) { EXPECT_EQ(wish_of({}), AgentWish{}); }

TEST(Agent, means_a_factor_by_a_percentage) {
    EXPECT_EQ(wish_after({"75%"}), (AgentWish{.factor = 750}));
    EXPECT_EQ(wish_after({"75%", "up"}), (AgentWish{.factor = 750}));
    EXPECT_EQ(wish_after({"0%"}), (AgentWish{.factor = 0}));
}

TEST(Agent, means_the_mask_by_down_stopped_fail_and_maint) {
    EXPECT_EQ(wish_after({"down #no disk"}),
              (AgentWish{.down = true, .reason = "agent says down: no disk"}));
    EXPECT_EQ(wish_after({"stopped"}), (AgentWish{.down = true, .reason = "agent says stopped"}));
    EXPECT_EQ(wish_after({"fail"}), (AgentWish{.down = true, .reason = "agent says fail"}));
    EXPECT_EQ(wish_after({"maint"}),
              (AgentWish{.down = true, .maint = true, .reason = "agent says maint"}));
}

TEST(Agent, means_a_factor_of_0_by_drain) {
    EXPECT_EQ(wish_after({"50% drain #tonight"}),
              (AgentWish{.factor = 500, .drain = true, .reason = "agent says drain: tonight"}));
}

TEST(Agent, stays_at_what_it_said_until_it_takes_it_back) {
    EXPECT_TRUE(wish_after({"down #a", "50%"}).down);
    EXPECT_EQ(wish_after({"down #a", "50%"}).reason, "agent says down: a");
    EXPECT_TRUE(wish_after({"down", "ready"}).down);
    EXPECT_FALSE(wish_after({"down", "up"}).down);
    EXPECT_TRUE(wish_after({"maint", "up"}).down);
    EXPECT_FALSE(wish_after({"maint", "ready"}).down);
    EXPECT_TRUE(wish_after({"drain", "up"}).drain);
    EXPECT_FALSE(wish_after({"drain", "ready"}).drain);
    EXPECT_EQ(wish_after({"drain #b", "up ready"}), AgentWish{});
}

TEST(Agent, shows_a_reason_of_bounded_length) {
    EXPECT_EQ(wish_after({"down #" + std::string(500, 'x')}).reason.size(), kAgentReasonMax);
}

} // namespace
} // namespace hg::daemon

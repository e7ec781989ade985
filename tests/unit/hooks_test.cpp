#include "hooks.h"

#include "announcer.h"
#include "status.h"
#include "temp_dir.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace hg::daemon {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class HooksTest : public hg::test::TempDir {
protected:
    void command(Hooks& of, const std::string& script) {
        of.set_command({"/bin/sh", "-c", script, "sh", out()});
    }

    [[nodiscard]] std::string out() const { return path_ + "/out"; }

    [[nodiscard]] std::string written() const {
        std::ifstream file(out());
        std::ostringstream all;
        all << file.rdbuf();
        return all.str();
    }

    boost::asio::io_context io{1};
    std::vector<std::string> complaints;
    Hooks::Complain complain = [this](const std::string& line) { complaints.push_back(line); };
    Hooks hooks{io, complain};
};

TEST_F(HooksTest, give_the_event_to_the_command) {
    command(hooks, "cat >\"$1\"");
    hooks.run("{\"event\":\"server_down\"}\n");
    io.run();
    EXPECT_EQ(written(), "{\"event\":\"server_down\"}\n");
    EXPECT_EQ(hooks.tally().successes, 1U);
    EXPECT_THAT(complaints, IsEmpty());
}

TEST_F(HooksTest, need_no_command) {
    hooks.run("{}\n");
    io.run();
    EXPECT_EQ(hooks.tally().successes + hooks.tally().failures, 0U);
}

TEST_F(HooksTest, do_not_hand_the_words_to_a_shell) {
    hooks.set_command({"/bin/cp", "/dev/stdin", out() + ";$HOME"});
    hooks.run("x");
    io.run();
    std::ifstream file(out() + ";$HOME");
    std::string got;
    file >> got;
    EXPECT_EQ(got, "x");
}

TEST_F(HooksTest, tell_when_the_command_fails) {
    command(hooks, "echo no pager; exit 3");
    hooks.run("{}\n");
    io.run();
    EXPECT_THAT(complaints, ElementsAre("on_change /bin/sh: exit status 3: no pager"));
    EXPECT_EQ(hooks.tally().failures, 1U);
}

TEST_F(HooksTest, tell_when_there_is_no_command) {
    hooks.set_command({"/nonexistent/page"});
    hooks.run("{}\n");
    io.run();
    EXPECT_THAT(complaints, ElementsAre(HasSubstr("cannot run /nonexistent/page: No such file")));
}

TEST_F(HooksTest, kill_a_command_that_does_not_end) {
    Hooks hurried(io, complain, 200ms);
    command(hurried, "sleep 1000");
    hurried.run("{}\n");
    io.run();
    EXPECT_THAT(complaints, ElementsAre("on_change /bin/sh: killed, it had not ended in 200ms"));
}

// Each of them waits until it has seen the others.
TEST_F(HooksTest, run_a_few_at_once) {
    command(hooks, "mkdir -p \"$1\"; touch \"$1/$$\"; n=0\n"
                   "while [ $n -lt 4 ]; do n=$(ls \"$1\" | wc -l); done");
    for (int i = 0; i < 4; i++) {
        hooks.run("{}\n");
    }
    io.run();
    EXPECT_EQ(hooks.tally().successes, 4U);
    EXPECT_THAT(complaints, IsEmpty());
}

TEST_F(HooksTest, never_run_more_than_a_few_at_once) {
    // There are four places: a fifth says so and fails.
    command(hooks, "for i in 1 2 3 4; do if mkdir \"$1.$i\" 2>/dev/null; then sleep 0.05\n"
                   "rmdir \"$1.$i\"; exit 0; fi; done; echo a fifth; exit 1");
    for (int i = 0; i < 20; i++) {
        hooks.run("{}\n");
    }
    io.run();
    EXPECT_EQ(hooks.tally().successes, 20U);
    EXPECT_THAT(complaints, IsEmpty());
}

TEST_F(HooksTest, drop_events_when_too_many_wait) {
    hooks.set_command({"/nonexistent"});
    for (std::size_t i = 0; i < Hooks::kWaitingMax + 10; i++) {
        hooks.run("{}\n");
    }
    EXPECT_EQ(hooks.tally().dropped, 10U);
    EXPECT_THAT(complaints, ElementsAre("on_change /nonexistent: 1024 events wait for it, others "
                                        "are dropped"));
}

TEST_F(HooksTest, let_go_what_waits_for_a_command_that_is_no_more) {
    command(hooks, "cat >>\"$1\"");
    for (std::size_t i = 0; i < Hooks::kAtOnce + 5; i++) {
        hooks.run("old ");
    }
    EXPECT_EQ(hooks.set_command({}).front(), "/bin/sh");
    io.run();
    io.restart();
    command(hooks, "cat >>\"$1\"");
    hooks.run("new ");
    io.run();
    EXPECT_EQ(written(), "new ");
}

// As a reload does whose configuration has none and is refused then.
TEST_F(HooksTest, keep_what_waits_when_the_command_is_back_at_once) {
    command(hooks, "cat >>\"$1\"");
    hooks.run("old ");
    hooks.set_command(hooks.set_command({}));
    io.run();
    EXPECT_EQ(written(), "old ");
}

TEST_F(HooksTest, are_asked_for_each_change) {
    std::ostringstream lines;
    Log log(lines, false);
    Watchers watchers([] { return nlohmann::ordered_json(); });
    Announcer announcer(log, hooks, watchers);
    command(hooks, "cat >>\"$1\"");
    Change change;
    change.kind = ChangeKind::ServerDown;
    change.service = "web";
    change.server = "10.0.0.1:80";
    change.why = "said \"no\"\n\xff";
    change.lasted = 1500ms;
    announcer.tell(change);
    io.run();
    const auto got = nlohmann::json::parse(written());
    EXPECT_EQ(got["schema"], 1);
    EXPECT_EQ(got["event"], "server_down");
    EXPECT_EQ(got["alarm"], true);
    EXPECT_EQ(got["service"], "web");
    EXPECT_EQ(got["server"], "10.0.0.1:80");
    EXPECT_EQ(got["why"], "said \"no\"\n\xEF\xBF\xBD");
    EXPECT_EQ(got["lasted_ms"], 1500);
    EXPECT_EQ(announcer.counts().at(static_cast<std::size_t>(ChangeKind::ServerDown)), 1U);
    EXPECT_THAT(lines.str(), HasSubstr("web 10.0.0.1:80 down after 1s"));
}

TEST(EventJson, says_when) {
    const auto json =
        event_json({.kind = ChangeKind::Loaded}, std::chrono::sys_days(std::chrono::days(1)));
    EXPECT_EQ(json["time"], "1970-01-02T00:00:00.000000Z");
}

} // namespace
} // namespace hg::daemon

// The daemon's socket, as its clients see it.
#include "control.h"

#include "daemon_socket.h"
#include "temp_dir.h"

#include <atomic>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <list>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace hg::daemon {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

using Json = nlohmann::ordered_json;

constexpr auto kLong = 30s; // nothing here takes as long
constexpr auto kWatch = R"({"command":"watch","interval_ms":3600000})";

// A socket in a loop of its own. Only the loop's thread touches it once that runs.
class ControlTest : public hg::test::TempDir {
protected:
    void run(std::chrono::milliseconds idle_max = kLong) {
        control.emplace(
            io,
            [this](const auto& /*request*/, const Peer& peer) {
                asked_by = peer.pid;
                return Json{{"done", true}};
            },
            watchers, idle_max);
        ASSERT_TRUE(control->open(socket()));
        thread = std::thread([this] {
            while (!stop) {
                io.run_for(10ms);
            }
        });
    }

    void TearDown() override {
        stop = true;
        if (thread.joinable()) {
            thread.join();
        }
    }

    [[nodiscard]] std::string socket() const { return path_ + "/sock"; }

    [[nodiscard]] DaemonLines ask(const std::string& line) const {
        auto out = DaemonLines::ask(socket(), line);
        EXPECT_TRUE(out) << out.error().text();
        return *std::move(out);
    }

    static Json next(DaemonLines& lines) {
        const auto line = lines.next(kLong);
        EXPECT_TRUE(line && *line);
        return line && *line ? Json::parse(**line) : Json();
    }

    [[nodiscard]] std::string answer(const std::string& request) const {
        auto lines = ask(request);
        return next(lines).dump();
    }

    // Each is {"event": its number}.
    void tell(int first, int last) {
        std::atomic<bool> is_told = false;
        boost::asio::post(io, [&] {
            for (int i = first; i <= last; i++) {
                watchers.tell(Json{{"event", i}, {"why", std::string(200, 'x')}}.dump() + "\n");
            }
            is_told = true;
        });
        while (!is_told) {
            std::this_thread::yield();
        }
    }

    boost::asio::io_context io{1};
    std::atomic<int> statuses = 0;
    Watchers watchers{[this] {
        return Json{{"schema", 1}, {"module", "present"}, {"number", ++statuses}};
    }};
    std::optional<Control> control;
    std::atomic<bool> stop = false;
    std::atomic<pid_t> asked_by{0};
    std::thread thread;
};

TEST_F(ControlTest, is_for_its_owner_and_group_and_knows_who_asks) {
    run();

    struct stat info {};

    ASSERT_EQ(stat(socket().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0660U);
    (void)answer(R"({"command":"status"})");
    EXPECT_EQ(asked_by, getpid());
}

TEST_F(ControlTest, leaves_its_place_to_who_answers_there) {
    run();
    Control second(
        io, [](const auto& /*request*/, const Peer& /*peer*/) { return Json(); }, watchers, kLong);
    const auto opened = second.open(socket());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().text(), "cannot listen at " + socket() +
                                         ": another program answers there; --socket names "
                                         "another place");
    EXPECT_EQ(answer(R"({"command":"status"})"), R"({"done":true})");
}

TEST_F(ControlTest, takes_the_place_of_one_that_died) {
    const Fd dead(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un at{.sun_family = AF_UNIX, .sun_path = {}};
    socket().copy(at.sun_path, sizeof(at.sun_path) - 1);
    ASSERT_EQ(bind(dead.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)), 0);
    run();
    EXPECT_EQ(answer(R"({"command":"status"})"), R"({"done":true})");
}

TEST_F(ControlTest, answers_a_line_by_a_line) {
    run();
    EXPECT_EQ(answer(R"({"command":"status"})"), R"({"done":true})");
    EXPECT_EQ(
        answer("status"),
        R"({"schema":1,"error":"a request has to be an object with a command, on one line"})");
}

TEST_F(ControlTest, tells_a_watcher_the_status_at_once_and_then_what_happens) {
    run();
    auto lines = ask(kWatch);
    const auto first = next(lines);
    EXPECT_EQ(first["schema"], 1);
    EXPECT_TRUE(first.contains("time"));
    EXPECT_EQ(first["status"].dump(), R"({"module":"present","number":1})");
    tell(1, 2);
    EXPECT_EQ(next(lines)["event"], 1);
    EXPECT_EQ(next(lines)["event"], 2);
}

TEST_F(ControlTest, tells_a_watcher_the_status_each_interval_that_it_asked_for) {
    run();
    auto lines = ask(R"({"command":"watch"})");
    EXPECT_EQ(next(lines)["status"]["number"], 1);
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(next(lines)["status"]["number"], 2);
    EXPECT_GT(std::chrono::steady_clock::now() - begun, 900ms);
}

TEST_F(ControlTest, refuses_an_interval_and_says_which_there_are) {
    run();
    for (const auto* const bad : {"999", "3600001", "-1", "1500.5", "\"1s\"", "null"}) {
        EXPECT_EQ(Json::parse(answer(R"({"command":"watch","interval_ms":)" + std::string(bad) +
                                     "}"))["error"],
                  "interval_ms " + std::string(bad) + " is not a number from 1000 to 3600000");
    }
}

// A socket's buffer takes a part of them; of the rest as many wait as may.
TEST_F(ControlTest, tells_a_watcher_that_is_too_slow_how_many_it_lost) {
    constexpr int kTold = 20000;
    run();
    auto lines = ask(kWatch);
    EXPECT_TRUE(next(lines).contains("status"));
    tell(1, kTold / 2);
    tell(kTold / 2 + 1, kTold); // in another turn of the loop, which goes on meanwhile
    int last = 0;
    auto line = next(lines);
    int heard = 0;
    int lost = 0;
    bool is_whole = true; // a status comes behind what was lost
    while (heard + lost < kTold && !HasFailure()) {
        if (line.contains("event")) {
            EXPECT_GT(line["event"].get<int>(), last);
            last = line["event"];
            heard++;
        } else if (line.contains("lost")) {
            lost += line["lost"]["events"].get<int>();
        }
        line = next(lines);
        is_whole = line.contains("status");
    }
    EXPECT_GE(heard, static_cast<int>(Watchers::kWaitingMax));
    EXPECT_GT(lost, 0);
    EXPECT_TRUE(is_whole);
    tell(kTold + 1, kTold + 1);
    EXPECT_EQ(next(lines)["event"], kTold + 1);
}

TEST_F(ControlTest, lets_a_watcher_be_idle_and_nobody_else) {
    run(50ms);
    auto watching = ask(kWatch);
    EXPECT_TRUE(next(watching).contains("status"));
    auto idle = ask(R"({"command":"status"})");
    EXPECT_TRUE(next(idle).contains("done"));
    const auto end = idle.next(kLong);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().kind, Kind::Unreachable);
    tell(1, 1);
    EXPECT_EQ(next(watching)["event"], 1);
}

TEST_F(ControlTest, leaves_room_beside_watchers) {
    run();
    std::list<DaemonLines> watching;
    for (std::size_t i = 0; i < Watchers::kMost; i++) {
        watching.push_back(ask(kWatch));
        EXPECT_TRUE(next(watching.back()).contains("status"));
    }
    EXPECT_THAT(answer(kWatch), HasSubstr("24 clients watch already, which is the most"));
    EXPECT_EQ(answer(R"({"command":"status"})"), R"({"done":true})");
    watching.pop_front();
    const auto end = std::chrono::steady_clock::now() + kLong; // it is seen to have gone
    while (answer(kWatch).find("watch already") != std::string::npos &&
           std::chrono::steady_clock::now() < end) {
        std::this_thread::yield();
    }
    watching.push_back(ask(kWatch));
    EXPECT_TRUE(next(watching.back()).contains("status"));
}

} // namespace
} // namespace hg::daemon

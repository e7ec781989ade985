#include "probe_fixture.h"
#include "temp_dir.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace hg::daemon {
namespace {

using namespace std::chrono_literals;

const Endpoint kServer{.address = *parse_address("192.0.2.7"), .port = 8080};

HealthCheck shell(const std::string& script, std::chrono::milliseconds timeout = 10s) {
    return check_of(ExecCheck{.command = {"/bin/sh", "-c", script}}, timeout);
}

ProbeResult result_of(const std::string& script) {
    return try_check(shell(script), kServer).result;
}

TEST(ProbeExec, is_well_by_status_0) {
    EXPECT_EQ(result_of("exit 0"), (ProbeResult{.ok = true, .reason = "exit status 0"}));
    EXPECT_EQ(result_of("echo fine; echo hidden >&2").reason, "exit status 0: fine");
}

TEST(ProbeExec, tells_how_it_ended) {
    EXPECT_EQ(result_of("echo too hot; exit 3"),
              (ProbeResult{.ok = false, .reason = "exit status 3: too hot"}));
    EXPECT_EQ(result_of("kill -TERM $$").reason, "killed by signal 15 (Terminated)");
    EXPECT_EQ(try_check(check_of(ExecCheck{.command = {"/nonexistent"}}), kServer).result.reason,
              "exit status 127: cannot run /nonexistent: No such file or directory");
}

TEST(ProbeExec, says_the_server_in_its_words) {
    const ExecCheck check{.command = {"/bin/echo", "-n", "{address}:{port} {port}"}};
    EXPECT_EQ(try_check(check_of(check), kServer).result.reason,
              "exit status 0: 192.0.2.7:8080 8080");
}

TEST(ProbeExec, does_not_hand_its_words_to_a_shell) {
    const ExecCheck check{.command = {"/bin/echo", "$HOME;*"}};
    EXPECT_EQ(try_check(check_of(check), kServer).result.reason, "exit status 0: $HOME;*");
}

TEST(ProbeExec, has_no_capabilities_and_gets_none) {
    const auto reason = result_of("grep -E '^(CapPrm|CapEff|CapAmb|NoNewPrivs)' /proc/self/status");
    EXPECT_EQ(reason.reason, "exit status 0: CapPrm: 0000000000000000 CapEff: 0000000000000000 "
                             "CapAmb: 0000000000000000 NoNewPrivs: 1");
}

TEST(ProbeExec, inherits_nothing) {
    const int secret = dup2(STDERR_FILENO, 200); // without O_CLOEXEC, as a library might
    EXPECT_EQ(
        result_of("[ ! -e /proc/$$/fd/200 ] || echo leaked; cat; pwd; env | grep -v ^PWD=").reason,
        "exit status 0: / PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    close(secret);
}

TEST(ProbeExec, may_say_more_than_is_kept) {
    const auto result = result_of("yes | head -c 1000000");
    EXPECT_TRUE(result.ok);
    EXPECT_EQ(result.reason.size(), 200) << result.reason;
}

bool alive(pid_t pid) { return pid > 0 && kill(pid, 0) == 0; }

pid_t pid_in(const std::filesystem::path& file) {
    pid_t pid = 0;
    std::ifstream(file) >> pid;
    return pid;
}

void expect_dead(pid_t pid) {
    const auto until = std::chrono::steady_clock::now() + 5s;
    while (alive(pid) && std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
    }
    EXPECT_FALSE(alive(pid));
}

class ProbeExecGroup : public hg::test::TempDir {
protected:
    std::string file_ = path_ + "/pid";
};

TEST_F(ProbeExecGroup, is_killed_at_the_limit) {
    const auto tried = try_check(shell("sleep 60 & echo $! > " + file_ + "; wait", 2s), kServer);
    EXPECT_EQ(tried.result.reason, "no answer in 2s: the program runs");
    EXPECT_LT(tried.took, 20s);
    ASSERT_GT(pid_in(file_), 0);
    expect_dead(pid_in(file_));
}

// The pipe is held open by what is left behind: its end is not waited for.
TEST_F(ProbeExecGroup, leaves_nothing_behind) {
    const auto tried = try_check(shell("sleep 60 & echo $! > " + file_ + "; echo done"), kServer);
    EXPECT_EQ(tried.result.reason, "exit status 0: done");
    EXPECT_LT(tried.took, 5s);
    ASSERT_GT(pid_in(file_), 0);
    expect_dead(pid_in(file_));
}

class ProbeExecPlaces : public hg::test::TempDir {};

// Twenty that take over half their time, and say how many there are: the last four wait for a
// place, and are well.
TEST_F(ProbeExecPlaces, are_16_and_the_wait_for_one_is_no_failure) {
    const auto script = "cd " + path_ + "; : > $$; set -- *; echo $#; sleep 3.2; rm $$";
    std::size_t most = 0;
    for (const auto& tried : try_together(shell(script, 6s), kServer, 20)) {
        const std::string_view expected = "exit status 0: ";
        ASSERT_EQ(tried.result.reason.substr(0, expected.size()), expected) << tried.result.reason;
        most = std::max(most, std::stoul(tried.result.reason.substr(expected.size())));
    }
    EXPECT_EQ(most, 16);
}

} // namespace
} // namespace hg::daemon

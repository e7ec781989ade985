#include "fail_nth.h"

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <string_view>
#include <sys/mount.h>
#include <unistd.h>

namespace hg::test {

namespace {

void write_file(const std::string& path, std::string_view text) {
    const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    ASSERT_GE(fd, 0) << path;
    EXPECT_EQ(write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size())) << path;
    close(fd);
}

// Not pages: a program that a worker starts is marked too, and would try its page faults for ever.
void fail_marked_tasks() {
    const std::string folder = "/sys/kernel/debug/failslab/";
    write_file(folder + "task-filter", "Y"); // or it would be all
    write_file(folder + "times", "-1");
    write_file(folder + "probability", "100");
}

} // namespace

FailNth::FailNth() : fd_(open(kFailNth, O_RDWR | O_CLOEXEC)) {}

FailNth::~FailNth() { close(fd_); }

bool FailNth::disarm() const {
    std::array<char, 16> text{};
    const auto size = pread(fd_, text.data(), text.size() - 1, 0);
    put(0);
    return size > 0 && std::atoi(text.data()) == 0;
}

void FailNth::prepare() {
    constexpr const char* kDebug = "/sys/kernel/debug";
    if (access("/sys/kernel/debug/failslab", F_OK) != 0) {
        ASSERT_EQ(mount("debugfs", kDebug, "debugfs", 0, nullptr), 0);
    }
    // Those that may wait fail too.
    write_file("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
    write_file("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N");
    write_file("/sys/kernel/debug/fail_page_alloc/min-order", "0");
    // A fault that struck is no complaint of the kernel's.
    for (const auto* kind : {"failslab", "fail_page_alloc", "fail_usercopy"}) {
        write_file(fmt::format("/sys/kernel/debug/{}/verbose", kind), "0");
    }
}

FailWorkers::FailWorkers() {
    take_new();
    fail_marked_tasks();
}

FailWorkers::~FailWorkers() { write_file("/sys/kernel/debug/failslab/probability", "0"); }

void FailWorkers::take_new() {
    for (const auto& task : std::filesystem::directory_iterator("/proc")) {
        std::string name;
        std::ifstream(task.path() / "comm") >> name;
        if (name.substr(0, 9) == "kworker/u") {
            std::ofstream(task.path() / "make-it-fail") << "1"; // it may have ended
        }
    }
}

// It may strike this very call, which the next then ends.
void FailNth::put(int n) const {
    const auto text = std::to_string(n);
    const auto is_written = [&] { return pwrite(fd_, text.data(), text.size(), 0) > 0; };
    EXPECT_TRUE(is_written() || is_written());
}

} // namespace hg::test

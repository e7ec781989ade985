#include "lock.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace hg::daemon {

namespace {

std::string holder_of(int fd) {
    std::string text(32, '\0');
    const auto size = pread(fd, text.data(), text.size(), 0);
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text.substr(0, text.find('\n'));
}

} // namespace

// By the namespace's number, which no two that live have in common.
Result<Fd> lock_netns(const std::filesystem::path& directory) {
    struct stat netns {};

    if (stat("/proc/thread-self/ns/net", &netns) != 0) {
        return system_error(errno, "look at this network namespace");
    }
    std::error_code failed;
    std::filesystem::create_directories(directory, failed);
    const auto path = directory / fmt::format("netns-{}.lock", netns.st_ino);
    Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!fd.valid()) {
        return system_error(errno, "open " + path.string());
    }
    if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) {
            return system_error(errno, "lock " + path.string());
        }
        return attempting<Fd>(
            refusal(fmt::format("another headgated, pid {}, has this network namespace",
                                holder_of(fd.get())),
                    std::errc::device_or_resource_busy),
            "start");
    }
    const auto pid = std::to_string(getpid()) + "\n";
    if (ftruncate(fd.get(), 0) != 0 ||
        pwrite(fd.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        return system_error(errno, "write " + path.string());
    }
    return fd;
}

} // namespace hg::daemon

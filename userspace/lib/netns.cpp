#include "netns.h"

#include "fd.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sched.h>
#include <sys/stat.h>

namespace hg {

Result<> enter_netns(const std::string& name) {
    const auto attempted = "enter network namespace \"" + name + "\"";
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos ||
        name.find('\0') != std::string::npos) {
        return attempting<void>(usage_error("this cannot be a namespace's name"), attempted);
    }
    const Fd fd(open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid() && errno == ENOENT) {
        return attempting<void>(refusal("there is none of this name (\"ip netns list\" has them)",
                                        std::errc::no_such_file_or_directory),
                                attempted);
    }
    if (!fd.valid() || setns(fd.get(), CLONE_NEWNET) != 0) {
        return system_error(errno, attempted);
    }
    return {};
}

std::string netns_name() {
    struct stat mine {};

    if (stat("/proc/thread-self/ns/net", &mine) != 0) {
        return {};
    }
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/run/netns", error)) {
        struct stat other {};

        if (stat(entry.path().c_str(), &other) == 0 && other.st_ino == mine.st_ino &&
            other.st_dev == mine.st_dev) {
            return entry.path().filename().string();
        }
    }
    return {};
}

} // namespace hg

#include "netns.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <linux/magic.h>
#include <sched.h>
#include <set>
#include <sys/stat.h>
#include <sys/vfs.h>

namespace hg {

namespace {

constexpr const char* kNames = "/run/netns";
constexpr const char* kMine = "/proc/thread-self/ns/net";

// Each once, be it found by many names and processes.
class Finder {
public:
    Result<> add(const std::string& path, const std::string& name) {
        Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));

        if (!fd.valid() && (errno == ENOENT || errno == ESRCH)) {
            return {}; // it has ended
        }

        struct stat found {};

        struct statfs system {};

        if (!fd.valid() || fstat(fd.get(), &found) != 0 || fstatfs(fd.get(), &system) != 0) {
            return system_error(errno, "look at the network namespace " + path);
        }
        if (system.f_type != NSFS_MAGIC) {
            return {}; // a name whose namespace is not mounted there any more
        }
        if (seen_.emplace(found.st_dev, found.st_ino).second) {
            out.push_back({std::move(fd), name});
        }
        return {};
    }

    std::vector<Netns> out;

private:
    std::set<std::pair<dev_t, ino_t>> seen_;
};

bool is_number(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

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

Result<> enter_netns(const Netns& netns) {
    if (setns(netns.fd.get(), CLONE_NEWNET) != 0) {
        return system_error(errno, "enter network namespace \"" + netns.name + "\"");
    }
    return {};
}

Result<std::vector<Netns>> all_netns() {
    Finder finder;
    std::error_code error; // a folder that is not there has nothing in it
    HG_TRY(finder.add(kMine, netns_name()));
    for (const auto& entry : std::filesystem::directory_iterator(kNames, error)) {
        HG_TRY(finder.add(entry.path(), entry.path().filename()));
    }
    for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
        const auto pid = entry.path().filename().string();
        if (is_number(pid)) {
            HG_TRY(finder.add(entry.path() / "ns/net", "of process " + pid));
        }
    }
    return std::move(finder.out);
}

std::string netns_name() {
    struct stat mine {};

    if (stat(kMine, &mine) != 0) {
        return {};
    }
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(kNames, error)) {
        struct stat other {};

        if (stat(entry.path().c_str(), &other) == 0 && other.st_ino == mine.st_ino &&
            other.st_dev == mine.st_dev) {
            return entry.path().filename().string();
        }
    }
    return {};
}

} // namespace hg

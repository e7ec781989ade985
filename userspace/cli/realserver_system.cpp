#include "realserver_system.h"

#include "fd.h"
#include "run_folder.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hg::cli {

namespace {

constexpr std::size_t kRecordBytesMax = std::size_t{1} << 20;

Result<std::string> read_file(const std::string& path) {
    const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid()) {
        return system_error(errno, "read " + path);
    }
    std::string out;
    std::array<char, 4096> buffer{};
    while (out.size() < kRecordBytesMax) {
        const auto got = read(fd.get(), buffer.data(), buffer.size());
        if (got < 0) {
            return system_error(errno, "read " + path);
        }
        if (got == 0) {
            break;
        }
        out.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return out;
}

Result<> write_file(const std::string& path, const std::string& text, int flags) {
    const Fd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0600));
    if (!fd.valid()) {
        return system_error(errno, "write " + path);
    }
    const auto written = write(fd.get(), text.data(), text.size());
    if (written != static_cast<ssize_t>(text.size())) {
        return system_error(written < 0 ? errno : EIO, "write " + path);
    }
    return {};
}

} // namespace

Result<std::optional<std::string>> SystemRealHost::sysctl(const std::string& path) {
    auto text = read_file("/proc/sys/" + path);
    if (!text) {
        if (text.error().code == std::errc::no_such_file_or_directory) {
            return std::optional<std::string>();
        }
        return tl::make_unexpected(std::move(text).error());
    }
    while (!text->empty() && (text->back() == '\n' || text->back() == ' ')) {
        text->pop_back();
    }
    return std::optional(*std::move(text));
}

Result<> SystemRealHost::set_sysctl(const std::string& path, const std::string& value) {
    return write_file("/proc/sys/" + path, value + "\n", 0);
}

// By the namespace's cookie, which no other has until the next boot; inode numbers come again.
Result<std::string> SystemRealHost::record_path() {
    const Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    std::uint64_t cookie = 0;
    socklen_t size = sizeof(cookie);
    if (!fd.valid() || getsockopt(fd.get(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) != 0) {
        return system_error(errno, "learn which network namespace this is");
    }
    return fmt::format("{}/realserver-{}.json", kRunFolder, cookie);
}

Result<std::string> SystemRealHost::record() {
    const auto path = HG_TRY(record_path());
    auto text = read_file(path);
    if (!text && text.error().code == std::errc::no_such_file_or_directory) {
        return std::string();
    }
    return text;
}

// Whole or not at all: a damaged record would leave "down" without what it needs.
Result<> SystemRealHost::set_record(const std::string& text) {
    const auto path = HG_TRY(record_path());
    if (text.empty()) {
        if (unlink(path.c_str()) != 0 && errno != ENOENT) {
            return system_error(errno, "delete " + path);
        }
        return {};
    }
    std::error_code error;
    std::filesystem::create_directories(kRunFolder, error);
    if (error) {
        return system_error(error.value(), fmt::format("create {}", kRunFolder));
    }
    const auto fresh = path + ".new";
    HG_TRY(write_file(fresh, text, O_CREAT | O_TRUNC));
    if (rename(fresh.c_str(), path.c_str()) != 0) {
        return system_error(errno, "write " + path);
    }
    return {};
}

} // namespace hg::cli

#include "daemon_socket.h"

#include "fd.h"
#include "run_folder.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace hg {

namespace {

constexpr std::size_t kLineMax = std::size_t{256} * 1024 * 1024;
constexpr std::chrono::milliseconds kPatience{60'000};

Result<Fd> connect_to(const std::string& path) {
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    if (path.size() >= sizeof(where.sun_path)) {
        return usage_error("a socket's path has up to 107 bytes");
    }
    std::memcpy(where.sun_path, path.data(), path.size());
    Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd.valid()) {
        return system_error(errno, "open a socket");
    }
    if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&where), sizeof(where)) == 0) {
        return fd;
    }
    auto error = system_error(errno, "reach headgated at " + path);
    if (errno == ENOENT || errno == ECONNREFUSED) {
        error.value().kind = Kind::Unreachable;
        error.value().reason = "it does not run, or has another --socket";
    }
    return error;
}

Result<> send_all(int fd, const std::string& text) {
    for (std::size_t sent = 0; sent < text.size();) {
        const auto count = send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR) {
            return system_error(errno, "ask headgated");
        }
        sent += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    return {};
}

} // namespace

std::string daemon_socket_path(const std::string& netns) {
    return fmt::format("{}/{}.sock", kRunFolder, netns.empty() ? "headgate" : netns);
}

Result<DaemonLines> DaemonLines::ask(const std::string& path, const std::string& line) {
    auto fd = HG_TRY(connect_to(path));
    HG_TRY(send_all(fd.get(), line + "\n"));
    return DaemonLines(std::move(fd));
}

// What there is, if anything comes in that time.
Result<> DaemonLines::receive(std::chrono::milliseconds patience) {
    pollfd readable{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    if (poll(&readable, 1, static_cast<int>(patience.count())) == 0) {
        return {};
    }
    std::array<char, 65536> buffer{};
    const auto count = recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count > 0) {
        input_.append(buffer.data(), static_cast<std::size_t>(count));
        return {};
    }
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
        return {};
    }
    auto error = system_error(count < 0 ? errno : ECONNRESET, "hear headgated");
    if (count == 0) {
        error.value().kind = Kind::Unreachable;
        error.value().reason = "it has hung up";
    }
    return error;
}

Result<std::optional<std::string>> DaemonLines::next(std::chrono::milliseconds patience) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + patience;
    std::size_t looked_at = 0;
    for (;;) {
        const auto size = input_.find('\n', looked_at);
        if (size != std::string::npos) {
            auto line = input_.substr(0, size);
            input_.erase(0, size + 1);
            return line;
        }
        if (input_.size() > kLineMax) {
            return refusal("headgated's line does not end", std::errc::message_size);
        }
        looked_at = input_.size();
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
        if (left.count() <= 0) {
            return std::nullopt;
        }
        HG_TRY(receive(left));
    }
}

Result<std::string> ask_daemon(const std::string& path, const std::string& line) {
    auto lines = HG_TRY(DaemonLines::ask(path, line));
    auto answer = HG_TRY(lines.next(kPatience));
    if (!answer) {
        return system_error(ETIMEDOUT, "hear headgated");
    }
    return *std::move(answer);
}

} // namespace hg

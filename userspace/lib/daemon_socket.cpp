#include "daemon_socket.h"

#include "fd.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>

namespace hg {

namespace {

constexpr std::size_t kAnswerMax = std::size_t{256} * 1024 * 1024;
constexpr timeval kPatience{.tv_sec = 60, .tv_usec = 0};

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
    (void)setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
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

Result<std::string> ask_daemon(const std::string& path, const std::string& line) {
    const auto fd = HG_TRY(connect_to(path));
    HG_TRY(send_all(fd.get(), line + "\n"));
    std::string answer;
    std::array<char, 65536> buffer{};
    while (answer.find('\n') == std::string::npos && answer.size() < kAnswerMax) {
        const auto count = recv(fd.get(), buffer.data(), buffer.size(), 0);
        if (count == 0) {
            return system_error(ECONNRESET, "hear headgated's answer");
        }
        if (count < 0 && errno != EINTR) {
            return system_error(errno, "hear headgated's answer");
        }
        answer.append(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    return answer.substr(0, answer.find('\n'));
}

} // namespace hg

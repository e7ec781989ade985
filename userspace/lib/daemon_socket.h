// A question to headgated, over the socket that it listens at.
#pragma once

#include "fd.h"
#include "result.h"

#include <chrono>
#include <optional>

namespace hg {

// Where the daemon of that network namespace of ip-netns(8) listens unless it is told; "" is that
// of the director itself.
[[nodiscard]] std::string daemon_socket_path(const std::string& netns);

// The lines that come for one request.
class DaemonLines {
public:
    // Asks by LINE, which has no line's end. The error is of the kind Unreachable when nobody
    // listens at PATH.
    static Result<DaemonLines> ask(const std::string& path, const std::string& line);

    // The next line, without its end; nothing when none has come in that time. The error is of
    // the kind Unreachable when the other side has hung up.
    Result<std::optional<std::string>> next(std::chrono::milliseconds patience);

private:
    explicit DaemonLines(Fd fd) : fd_(std::move(fd)) {}

    Result<> receive(std::chrono::milliseconds patience);

    Fd fd_;
    std::string input_;
};

// Sends LINE, which has no line's end, and answers the line that comes back. The error is of the
// kind Unreachable when nobody listens at PATH.
[[nodiscard]] Result<std::string> ask_daemon(const std::string& path, const std::string& line);

} // namespace hg

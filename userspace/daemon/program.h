// A program of the admin's under way: without capabilities, in a process group of its own, which
// ends with it.
#pragma once

#include "outcome.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace hg::daemon {

struct ProgramEnd {
    int status = 0; // or the signal that killed it
    bool killed = false;
    std::string said = {}; // the beginning of its output

    [[nodiscard]] bool ok() const { return !killed && status == 0; }

    // "exit status 1: no such file", "killed by signal 9 (Killed)"
    [[nodiscard]] std::string text() const;
};

class Program {
public:
    // TURN is held until the program is reaped, be that after the last other holder is gone. INPUT
    // is what it reads from its standard input.
    [[nodiscard]] static Outcome<std::shared_ptr<Program>>
    start(const boost::asio::any_io_executor& executor, const std::vector<std::string>& words,
          std::shared_ptr<void> turn, std::string_view input = {});

    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program();

    // Nothing when the waiting was cancelled.
    [[nodiscard]] boost::asio::awaitable<std::optional<ProgramEnd>> wait();
    // It and what it has started; the loop reaps it.
    void kill() const;

private:
    Program(pid_t pid, boost::asio::posix::stream_descriptor ended,
            boost::asio::posix::stream_descriptor output, std::shared_ptr<void> turn);

    static boost::asio::awaitable<void> listen(std::shared_ptr<Program> program);
    static boost::asio::awaitable<void> reap(std::shared_ptr<Program> program);
    [[nodiscard]] bool has_ended(); // and is to be reaped
    void keep(std::string_view bytes);
    // What is there now, one piece of it; it does not wait.
    boost::system::error_code read_some();
    void read_rest();
    void take_status();

    pid_t pid_;
    boost::asio::posix::stream_descriptor ended_; // a pidfd
    boost::asio::posix::stream_descriptor output_;
    boost::asio::steady_timer known_; // never expires: cancelled when the end is known
    std::optional<ProgramEnd> end_;
    std::string said_;
    std::shared_ptr<void> turn_;
};

} // namespace hg::daemon

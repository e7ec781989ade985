// The on_change command: started for each change, with it as JSON on its standard input.
#pragma once

#include "journal.h"
#include "tally.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace hg::daemon {

class Hooks {
public:
    // What the admin is to be told of the command.
    using Complain = std::function<void(const std::string&)>;

    static constexpr std::size_t kAtOnce = 4;
    static constexpr std::size_t kWaitingMax = 1024;
    static constexpr std::chrono::milliseconds kTimeLimit{30'000};

    Hooks(boost::asio::io_context& io, Complain complain,
          std::chrono::milliseconds time_limit = kTimeLimit)
        : io_(io), complain_(std::move(complain)), time_limit_(time_limit) {}

    // None when empty, and events that wait are let go when the loop comes to them; else they get
    // the new one. Answers the one before.
    std::vector<std::string> set_command(std::vector<std::string> words);

    // LINE is what the command is to read. In the order of the calls, kAtOnce at a time.
    void run(std::string line);

    [[nodiscard]] const HookTally& tally() const { return tally_; }

private:
    boost::asio::awaitable<void> work();
    boost::asio::awaitable<std::string> run_one(std::string line);

    boost::asio::io_context& io_;
    Complain complain_;
    std::chrono::milliseconds time_limit_;
    std::vector<std::string> words_;
    std::deque<std::string> waiting_;
    std::size_t workers_ = 0;
    bool is_overrun_ = false; // and that was told
    HookTally tally_;
};

} // namespace hg::daemon

#include "hooks.h"

#include "number.h"
#include "program.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <fmt/format.h>

namespace hg::daemon {

namespace asio = boost::asio;

namespace {

// What is wrong with it; empty: nothing.
std::string complaint_of(const ProgramEnd& end) {
    const auto said = end.said.empty() ? std::string() : ": " + end.said;
    if (end.killed) {
        return fmt::format("killed by signal {} ({}){}", end.status, strsignal(end.status), said);
    }
    return end.status == 0 ? "" : fmt::format("exit status {}{}", end.status, said);
}

} // namespace

void Hooks::run(std::string line) {
    if (words_.empty()) {
        return;
    }
    if (waiting_.size() == kWaitingMax) {
        tally_.dropped++;
        if (!is_overrun_) {
            is_overrun_ = true;
            complain_(fmt::format("on_change {}: {} events wait for it, others are dropped",
                                  words_.front(), kWaitingMax));
        }
        return;
    }
    waiting_.push_back(std::move(line));
    if (workers_ < kAtOnce) {
        workers_++;
        asio::co_spawn(io_, work(), [](const std::exception_ptr& bug) {
            if (bug) {
                std::rethrow_exception(bug);
            }
        });
    }
}

asio::awaitable<void> Hooks::work() {
    while (!waiting_.empty() && !words_.empty()) {
        auto line = std::move(waiting_.front());
        waiting_.pop_front();
        auto running = run_one(std::move(line));
        const auto complaint = co_await std::move(running);
        if (complaint.empty()) {
            tally_.successes++;
        } else {
            tally_.failures++;
            complain_("on_change " + complaint);
        }
    }
    workers_--;
    is_overrun_ = false;
}

asio::awaitable<std::string> Hooks::run_one(std::string line) {
    using asio::experimental::awaitable_operators::operator||;
    const auto words = words_;
    const auto started = Program::start(io_.get_executor(), words, nullptr, line);
    if (!started) {
        co_return started.error();
    }
    const auto& program = *started;
    asio::steady_timer timer(io_, time_limit_);
    auto first = program->wait() || timer.async_wait(asio::use_awaitable);
    const auto ended = co_await std::move(first);
    const auto* const end = std::get_if<std::optional<ProgramEnd>>(&ended);
    if (end == nullptr || !*end) {
        program->kill();
        (void)co_await program->wait();
        co_return fmt::format("{}: killed, it had not ended in {}", words.front(),
                              duration_text(time_limit_));
    }
    const auto complaint = complaint_of(**end);
    co_return complaint.empty() ? complaint : words.front() + ": " + complaint;
}

} // namespace hg::daemon

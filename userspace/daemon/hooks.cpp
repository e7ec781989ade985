#include "hooks.h"

#include "awaiting.h"
#include "number.h"
#include "program.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace hg::daemon {

namespace asio = boost::asio;

std::vector<std::string> Hooks::set_command(std::vector<std::string> words) {
    return std::exchange(words_, std::move(words));
}

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
        asio::co_spawn(io_, work(), rethrow);
    }
}

asio::awaitable<void> Hooks::work() {
    while (!waiting_.empty()) {
        if (words_.empty()) { // and not just while a reload was tried
            waiting_.clear();
            break;
        }
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
    co_return (*end)->ok() ? "" : words.front() + ": " + (*end)->text();
}

} // namespace hg::daemon

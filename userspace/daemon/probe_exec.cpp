#include "probe_attempt.h"
#include "program.h"

#include <boost/asio/execution_context.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hg::daemon {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kProgramsMax = 16; // at once

// The places of a loop: a full channel makes senders wait in a row.
class ProgramPlaces : public asio::execution_context::service {
public:
    using key_type = ProgramPlaces; // Asio's word
    using Channel = asio::experimental::channel<void(boost::system::error_code)>;
    inline static asio::execution_context::id id;

    explicit ProgramPlaces(asio::execution_context& owner) : service(owner) {}

    // On its executor the first time.
    std::shared_ptr<Channel> channel(const asio::any_io_executor& executor) {
        if (!channel_) {
            channel_ = std::make_shared<Channel>(executor, kProgramsMax);
        }
        return channel_;
    }

private:
    void shutdown() noexcept override { channel_.reset(); }

    std::shared_ptr<Channel> channel_;
};

std::string with_target(std::string word, const Endpoint& server) {
    const auto put = [&word](std::string_view name, const std::string& value) {
        for (auto at = word.find(name); at != std::string::npos;
             at = word.find(name, at + value.size())) {
            word.replace(at, name.size(), value);
        }
    };
    put("{address}", server.address.text());
    put("{port}", std::to_string(server.port));
    return word;
}

// A program that nobody waits for any more does not go on.
struct KillAtEnd {
    explicit KillAtEnd(std::shared_ptr<Program> it) : program(std::move(it)) {}

    KillAtEnd(const KillAtEnd&) = delete;
    KillAtEnd& operator=(const KillAtEnd&) = delete;

    ~KillAtEnd() { program->kill(); }

    std::shared_ptr<Program> program;
};

ProbeResult judge(const ProgramEnd& end) { return {.ok = end.ok(), .reason = end.text()}; }

} // namespace

asio::awaitable<std::shared_ptr<void>> program_turn() {
    const auto executor = co_await asio::this_coro::executor;
    auto& owner = asio::query(executor, asio::execution::context);
    auto channel = asio::use_service<ProgramPlaces>(owner).channel(executor);
    co_await channel->async_send(boost::system::error_code(), asio::use_awaitable);
    auto* const taken = channel.get();
    co_return std::shared_ptr<void>(taken, [channel](void* /*unused*/) {
        channel->try_receive([](const boost::system::error_code& /*error*/) {});
    });
}

Probing probe_kind(const ExecCheck& check, Attempt& attempt) {
    const auto executor = co_await asio::this_coro::executor;
    std::vector<std::string> words;
    for (const auto& word : check.command) {
        words.push_back(with_target(word, attempt.target.server));
    }
    auto program = Program::start(executor, words, std::move(attempt.turn));
    if (!program) {
        co_return bad(program.error());
    }
    attempt.step = "the program runs";
    const KillAtEnd guard(std::move(*program));
    const auto end = co_await guard.program->wait();
    co_return end ? judge(*end) : bad("cancelled");
}

} // namespace hg::daemon

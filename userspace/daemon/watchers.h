// Those who watch the daemon at its socket: they get each change as it happens, and a status at
// once and after each interval.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace hg::daemon {

class Watchers {
public:
    using Stream = boost::asio::local::stream_protocol::socket;
    using Status = std::function<nlohmann::ordered_json()>;

    static constexpr std::size_t kMost = 24; // at a time: others are to find room at the socket
    static constexpr std::size_t kWaitingMax = 1024; // lines, of one who is too slow

    explicit Watchers(Status status) : status_(std::move(status)) {}

    // A line, for each of them. Never waits for one.
    void tell(const std::string& line);

    [[nodiscard]] bool is_full() const { return count() == kMost; }

    // Until the client has gone.
    boost::asio::awaitable<void> serve(Stream& stream, std::chrono::milliseconds interval);

private:
    struct Watcher {
        explicit Watcher(const Stream::executor_type& executor) : pause(executor) {}

        boost::asio::steady_timer pause; // cut short when there is a line
        std::vector<std::string> waiting = {};
        std::uint64_t lost = 0;
    };

    [[nodiscard]] std::size_t count() const;
    boost::asio::awaitable<void> send(Stream& stream, Watcher& watcher,
                                      std::chrono::milliseconds interval);
    [[nodiscard]] std::string status_line() const;

    Status status_;
    std::vector<std::weak_ptr<Watcher>> all_; // each is its coroutine's, which may outlive this
};

} // namespace hg::daemon

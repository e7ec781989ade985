#include "control.h"

#include "accept.h"
#include "status.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <fmt/format.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hg::daemon {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t kLineMax = 65536;
constexpr int kClientsMax = 32;
static_assert(Watchers::kMost < kClientsMax);
constexpr milliseconds kWatchIntervalMin{1000}; // also where none is asked for
constexpr milliseconds kWatchIntervalMax{3'600'000};

Peer peer_of(int fd) {
    ucred who{};
    socklen_t size = sizeof(who);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) {
        return {};
    }
    return {who.uid, who.pid};
}

bool is_request(const nlohmann::json& line) {
    return line.is_object() && line.contains("command") && line["command"].is_string();
}

Result<> allow_group(const std::string& path) {
    const auto* const group = getgrnam("headgate");
    if (group != nullptr && chown(path.c_str(), static_cast<uid_t>(-1), group->gr_gid) != 0) {
        return system_error(errno, "give " + path + " to the group headgate");
    }
    if (chmod(path.c_str(), S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP) != 0) {
        return system_error(errno, "set the mode of " + path);
    }
    return {};
}

} // namespace

Control::~Control() {
    if (!path_.empty()) {
        unlink(path_.c_str());
    }
}

Result<> Control::open(const std::string& path) {
    using Protocol = asio::local::stream_protocol;
    boost::system::error_code error;
    Protocol::endpoint endpoint;
    try {
        endpoint = Protocol::endpoint(path);
    } catch (const boost::system::system_error& too_long) {
        return system_error(too_long.code().value(), "listen at " + path);
    }

    struct stat found {};

    if (lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) {
        // The lock is the namespace's: this may be another one's, and alive.
        Stream other(acceptor_.get_executor());
        other.connect(endpoint, error);
        if (!error) {
            return attempting<void>(
                refusal("another program answers there; --socket names another place",
                        std::errc::address_in_use),
                "listen at " + path);
        }
        unlink(path.c_str()); // of a daemon that died
        error.clear();
    }
    acceptor_.open(Protocol(), error);
    const auto mask = umask(0117); // nobody else, not even before the chmod
    if (!error) {
        acceptor_.bind(endpoint, error);
    }
    umask(mask);
    if (!error) {
        acceptor_.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
        return system_error(error.value(), "listen at " + path);
    }
    path_ = path;
    HG_TRY(allow_group(path));
    asio::co_spawn(acceptor_.get_executor(), accept(), asio::detached);
    return {};
}

asio::awaitable<void> Control::accept() {
    return accept_clients(acceptor_, clients_, kClientsMax,
                          [this](Stream stream) { return serve(std::move(stream)); });
}

nlohmann::ordered_json Control::answer_to(const nlohmann::json& request, const Peer& peer) const {
    if (!is_request(request)) {
        return {{"schema", 1},
                {"error", "a request has to be an object with a command, on one line"}};
    }
    return answer_(request, peer);
}

Result<milliseconds> Control::watch_interval(const nlohmann::json& request) const {
    if (watchers_.is_full()) {
        return refusal(fmt::format("{} clients watch already, which is the most", Watchers::kMost),
                       std::errc::too_many_files_open);
    }
    const auto asked = request.find("interval_ms");
    if (asked == request.end()) {
        return kWatchIntervalMin;
    }
    const auto number = asked->is_number_unsigned() ? asked->get<milliseconds::rep>() : 0;
    if (number < kWatchIntervalMin.count() || number > kWatchIntervalMax.count()) {
        return usage_error(fmt::format("interval_ms {} is not a number from {} to {}",
                                       asked->dump(), kWatchIntervalMin.count(),
                                       kWatchIntervalMax.count()));
    }
    return milliseconds(number);
}

asio::awaitable<void> Control::serve(Stream stream) {
    using namespace asio::experimental::awaitable_operators;
    const auto peer = peer_of(stream.native_handle());
    std::string input;
    asio::steady_timer idle(stream.get_executor());
    for (;;) {
        idle.expires_after(idle_max_);
        auto buffer = asio::dynamic_buffer(input, kLineMax);
        auto both = asio::async_read_until(stream, buffer, '\n', kTuple) || idle.async_wait(kTuple);
        const auto first = co_await std::move(both);
        if (first.index() != 0 || std::get<0>(std::get<0>(first))) {
            co_return;
        }
        const auto size = std::get<1>(std::get<0>(first));
        const auto request = nlohmann::json::parse(input.substr(0, size), nullptr, false);
        input.erase(0, size);
        std::string answer;
        if (is_request(request) && request["command"] == "watch") {
            const auto interval = watch_interval(request);
            if (interval) {
                auto watching = watchers_.serve(stream, *interval);
                co_await std::move(watching);
                co_return;
            }
            answer = line_of({{"schema", 1}, {"error", interval.error().text()}});
        } else {
            answer = line_of(answer_to(request, peer));
        }
        const auto [error, written] =
            co_await asio::async_write(stream, asio::buffer(answer), kTuple);
        if (error) {
            co_return;
        }
    }
}

} // namespace hg::daemon

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
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hg::daemon {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kLineMax = 65536;
constexpr int kClientsMax = 32;
constexpr std::chrono::seconds kIdleMax{60};

Peer peer_of(int fd) {
    ucred who{};
    socklen_t size = sizeof(who);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) {
        return {};
    }
    return {who.uid, who.pid};
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

    struct stat found {};

    if (lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) {
        unlink(path.c_str()); // of a daemon that died: the lock says that there is no other
    }
    Protocol::endpoint endpoint;
    try {
        endpoint = Protocol::endpoint(path);
    } catch (const boost::system::system_error& too_long) {
        return system_error(too_long.code().value(), "listen at " + path);
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

std::string Control::answer_to(const std::string& line, const Peer& peer) const {
    const auto request = nlohmann::json::parse(line, nullptr, false);
    if (!request.is_object() || !request.contains("command") || !request["command"].is_string()) {
        return line_of({{"schema", 1},
                        {"error", "a request has to be an object with a command, on one line"}});
    }
    return line_of(answer_(request, peer));
}

asio::awaitable<void> Control::serve(Stream stream) {
    using namespace asio::experimental::awaitable_operators;
    const auto peer = peer_of(stream.native_handle());
    std::string input;
    asio::steady_timer idle(stream.get_executor());
    for (;;) {
        idle.expires_after(kIdleMax);
        auto buffer = asio::dynamic_buffer(input, kLineMax);
        auto both = asio::async_read_until(stream, buffer, '\n', kTuple) || idle.async_wait(kTuple);
        const auto first = co_await std::move(both);
        if (first.index() != 0 || std::get<0>(std::get<0>(first))) {
            co_return;
        }
        const auto size = std::get<1>(std::get<0>(first));
        const auto answer = answer_to(input.substr(0, size), peer);
        input.erase(0, size);
        const auto [error, written] =
            co_await asio::async_write(stream, asio::buffer(answer), kTuple);
        if (error) {
            co_return;
        }
    }
}

} // namespace hg::daemon

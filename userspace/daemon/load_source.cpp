#include "load_source.h"

#include "awaiting.h"
#include "http_text.h"
#include "number.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>
#include <cctype>
#include <cstring>
#include <fmt/format.h>
#include <memory>

namespace hg::daemon {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kReadSize = 16384; // bytes at a time

template <class Ip> asio::ip::address ip_of(const Address& address) {
    typename Ip::bytes_type bytes{};
    std::memcpy(bytes.data(), address.bytes().data(), bytes.size());
    return Ip(bytes);
}

asio::ip::tcp::endpoint peer_of(const Endpoint& endpoint) {
    const auto& address = endpoint.address;
    return {address.family() == Family::V4 ? ip_of<asio::ip::address_v4>(address)
                                           : ip_of<asio::ip::address_v6>(address),
            endpoint.port};
}

// A connection that is closed when its time is over. Whoever waits for it then hears of an error.
class Link {
public:
    static std::shared_ptr<Link> create(const asio::any_io_executor& executor,
                                        std::chrono::milliseconds timeout) {
        auto link = std::make_shared<Link>(executor, timeout);
        link->timer_.expires_after(timeout);
        // The link may be gone when this is called.
        link->timer_.async_wait([weak = std::weak_ptr(link)](const error_code& cancelled) {
            if (const auto late = cancelled ? nullptr : weak.lock()) {
                late->is_late_ = true;
                error_code ignored;
                late->socket_.close(ignored);
            }
        });
        return link;
    }

    Link(const asio::any_io_executor& executor, std::chrono::milliseconds timeout)
        : socket_(executor), timer_(executor), timeout_(timeout) {}

    [[nodiscard]] asio::ip::tcp::socket& socket() { return socket_; }

    [[nodiscard]] tl::unexpected<Error> failure(const error_code& error) const {
        if (is_late_) {
            return refusal(fmt::format("no answer in {}", duration_text(timeout_)),
                           std::errc::timed_out);
        }
        auto text = error.message();
        text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
        return refusal(std::move(text), std::errc::io_error);
    }

private:
    asio::ip::tcp::socket socket_;
    asio::steady_timer timer_;
    std::chrono::milliseconds timeout_;
    bool is_late_ = false;
};

using LinkPtr = std::shared_ptr<Link>;

asio::awaitable<Result<LinkPtr>> connect(Endpoint to, std::chrono::milliseconds timeout) {
    const auto executor = co_await asio::this_coro::executor;
    auto link = Link::create(executor, timeout);
    const auto peer = peer_of(to);
    const auto [error] = co_await link->socket().async_connect(peer, kTuple);
    if (error) {
        co_return link->failure(error);
    }
    co_return link;
}

// Puts some more behind TEXT; nothing at the end.
asio::awaitable<Result<std::size_t>> read_more(LinkPtr link, std::string& text) {
    std::array<char, kReadSize> bytes{};
    const auto buffer = asio::buffer(bytes);
    const auto [error, size] = co_await link->socket().async_read_some(buffer, kTuple);
    if (error && error != asio::error::eof) {
        co_return link->failure(error);
    }
    text.append(bytes.data(), size);
    co_return size;
}

asio::awaitable<Result<std::string>> read_line(LinkPtr link) {
    std::string text;
    while (text.find_first_of("\r\n") == std::string::npos) {
        const auto more = co_await read_more(link, text);
        if (!more) {
            co_return tl::make_unexpected(more.error());
        }
        if (text.size() > kAgentLineMax) {
            co_return refusal(
                fmt::format("the agent's answer does not end within {} bytes", kAgentLineMax),
                std::errc::bad_message);
        }
        if (*more == 0) {
            break; // the end does for the line's
        }
    }
    co_return text;
}

asio::awaitable<Result<std::string>> read_reply(LinkPtr link) {
    std::string text;
    while (true) {
        const auto more = co_await read_more(link, text);
        if (!more) {
            co_return tl::make_unexpected(more.error());
        }
        auto body = http_text(text, *more == 0 ? HttpFlow::Ended : HttpFlow::Open);
        if (!body) {
            co_return tl::make_unexpected(std::move(body.error()));
        }
        if (*body) {
            co_return std::move(**body);
        }
    }
}

// 1.0, so that the server closes and sends no chunks; there are some that do all the same.
std::string request_of(const LoadSpec& spec, const Endpoint& exporter) {
    return fmt::format("GET {} HTTP/1.0\r\nHost: {}\r\nAccept: text/plain\r\n"
                       "User-Agent: headgated\r\nConnection: close\r\n\r\n",
                       spec.path, exporter.text());
}

asio::awaitable<Result<AgentAnswer>> hear(LoadSpec spec, Endpoint agent) {
    const auto link = co_await connect(agent, spec.timeout);
    if (!link) {
        co_return tl::make_unexpected(link.error());
    }
    const auto line = co_await read_line(*link);
    if (!line) {
        co_return tl::make_unexpected(line.error());
    }
    co_return parse_agent_answer(*line);
}

asio::awaitable<Result<NodeMetrics>> scrape(LoadSpec spec, Endpoint exporter) {
    const auto link = co_await connect(exporter, spec.timeout);
    if (!link) {
        co_return tl::make_unexpected(link.error());
    }
    const auto request = request_of(spec, exporter);
    const auto buffer = asio::buffer(request);
    const auto [error, size] = co_await asio::async_write((*link)->socket(), buffer, kTuple);
    if (error) {
        co_return (*link)->failure(error);
    }
    const auto text = co_await read_reply(*link);
    if (!text) {
        co_return tl::make_unexpected(text.error());
    }
    co_return parse_node_metrics(*text);
}

// One that is cancelled between two steps throws at the next; here that ends.
template <class T> asio::awaitable<Result<T>> caught(asio::awaitable<Result<T>> attempt) {
    try {
        co_return co_await std::move(attempt);
    } catch (const boost::system::system_error& error) {
        co_return refusal(error.code().message(), std::errc::operation_canceled);
    }
}

} // namespace

asio::awaitable<Result<AgentAnswer>> ask_agent(LoadSpec spec, Endpoint agent) {
    return caught(hear(std::move(spec), agent));
}

asio::awaitable<Result<NodeMetrics>> scrape_node(LoadSpec spec, Endpoint exporter) {
    return caught(scrape(std::move(spec), exporter));
}

} // namespace hg::daemon

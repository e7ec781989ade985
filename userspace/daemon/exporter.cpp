#include "exporter.h"

#include "accept.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <netinet/in.h>
#include <numeric>

namespace hg::daemon {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr int kClientsMax = 8;
constexpr std::uint32_t kHeaderMax = 8192;   // bytes
constexpr std::chrono::seconds kIdleMax{70}; // scrapers keep connections; a minute is usual
constexpr std::chrono::seconds kSendMax{30};

using Request = http::request<http::empty_body>;

tcp::endpoint endpoint_of(const Endpoint& where) {
    return {asio::ip::make_address(where.address.text()), where.port};
}

// Also on an address that the machine does not have yet, as at boot.
using AnyAddress = asio::detail::socket_option::boolean<IPPROTO_IP, IP_FREEBIND>;

struct Reply {
    http::status status = http::status::ok;
    std::string type = "text/plain; charset=utf-8";
    std::vector<std::string> body = {}; // pieces: one string of all would be copied as it grows
    std::string allow = {};
};

Reply plain(http::status status, const std::string& line) {
    Reply out{.status = status};
    out.body.push_back(line + "\n");
    return out;
}

http::response<http::empty_body> head_of(const Request& request, const Reply& reply) {
    http::response<http::empty_body> out(reply.status, request.version());
    out.set(http::field::server, "headgated");
    out.set(http::field::content_type, reply.type);
    if (!reply.allow.empty()) {
        out.set(http::field::allow, reply.allow);
    }
    out.keep_alive(request.keep_alive());
    out.content_length(std::accumulate(
        reply.body.begin(), reply.body.end(), std::uint64_t{0},
        [](std::uint64_t sum, const std::string& piece) { return sum + piece.size(); }));
    return out;
}

// The body as it is: its length was said in the head.
asio::awaitable<boost::system::error_code> send(beast::tcp_stream& stream, const Request& request,
                                                const Reply& reply) {
    const auto head = head_of(request, reply);
    http::response_serializer<http::empty_body> serializer(head);
    const auto [error, size] = co_await http::async_write_header(stream, serializer, kTuple);
    if (error || request.method() == http::verb::head) {
        co_return error;
    }
    std::vector<asio::const_buffer> buffers;
    for (const auto& piece : reply.body) {
        buffers.push_back(asio::buffer(piece));
    }
    const auto [failed, sent] = co_await asio::async_write(stream, buffers, kTuple);
    co_return failed;
}

std::string path_of(const Request& request) {
    const std::string target(request.target());
    return target.substr(0, target.find('?'));
}

} // namespace

Exporter::Exporter(asio::io_context& io, ExporterSource source)
    : io_(io), source_(std::move(source)), acceptor_(io), turn_(io, 1) {}

Result<> Exporter::listen(const std::optional<Endpoint>& where) {
    if (where == where_) {
        return {};
    }
    tcp::acceptor acceptor(io_);
    if (where) {
        const auto endpoint = endpoint_of(*where);
        boost::system::error_code error;
        acceptor.open(endpoint.protocol(), error);
        if (!error) {
            acceptor.set_option(tcp::acceptor::reuse_address(true), error);
            acceptor.set_option(AnyAddress(true), error);
            acceptor.bind(endpoint, error);
        }
        if (!error) {
            acceptor.listen(asio::socket_base::max_listen_connections, error);
        }
        if (error) {
            return system_error(error.value(), "serve metrics at " + where->text());
        }
    }
    acceptor_ = std::move(acceptor); // whoever waits at the old one is told
    where_ = where;
    if (where_) {
        asio::co_spawn(io_, accept(), asio::detached);
    }
    return {};
}

std::optional<Endpoint> Exporter::where() const {
    auto out = where_;
    boost::system::error_code error;
    const auto bound = acceptor_.local_endpoint(error);
    if (out && !error) {
        out->port = bound.port();
    }
    return out;
}

asio::awaitable<void> Exporter::accept() {
    return accept_clients(acceptor_, clients_, kClientsMax,
                          [this](tcp::socket socket) { return serve(std::move(socket)); });
}

// Checks whose time has come go between the pieces.
asio::awaitable<std::vector<std::string>> Exporter::metrics() {
    co_await turn_.async_send(boost::system::error_code(), kTuple);
    std::vector<std::string> out;
    auto exposition = source_.scrape();
    while (auto piece = exposition.next()) {
        out.push_back(*std::move(piece));
        co_await asio::post(io_, asio::use_awaitable);
    }
    turn_.try_receive([](const boost::system::error_code& /*error*/) {});
    co_return out;
}

asio::awaitable<void> Exporter::serve(Socket socket) {
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer(kHeaderMax);
    bool goes_on = true;
    while (goes_on) {
        http::request_parser<http::empty_body> parser;
        parser.header_limit(kHeaderMax);
        stream.expires_after(kIdleMax);
        const auto [error, size] = co_await http::async_read(stream, buffer, parser, kTuple);
        if (error) {
            co_return;
        }
        const auto& request = parser.get();
        const auto path = path_of(request);
        Reply reply;
        if (request.method() != http::verb::get && request.method() != http::verb::head) {
            reply = plain(http::status::method_not_allowed, "there is GET and HEAD");
            reply.allow = "GET, HEAD";
        } else if (path == "/metrics") {
            auto making = metrics();
            reply.body = co_await std::move(making);
            reply.type = "text/plain; version=0.0.4; charset=utf-8";
        } else if (path == "/healthz") {
            const auto complaint = source_.complaint();
            reply = complaint.empty() ? plain(http::status::ok, "ok")
                                      : plain(http::status::service_unavailable, complaint);
        } else {
            reply = plain(http::status::not_found, "there are /metrics and /healthz");
        }
        goes_on = request.keep_alive();
        stream.expires_after(kSendMax);
        auto sending = send(stream, request, reply);
        const auto failed = co_await std::move(sending);
        if (failed) {
            co_return;
        }
    }
    boost::system::error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
}

} // namespace hg::daemon

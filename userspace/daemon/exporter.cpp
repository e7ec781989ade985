#include "exporter.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>
#include <netinet/in.h>

namespace hg::daemon {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr int kClientsMax = 8;
constexpr std::uint32_t kHeaderMax = 8192;   // bytes
constexpr std::chrono::seconds kIdleMax{70}; // scrapers keep connections; a minute is usual
constexpr std::chrono::seconds kSendMax{30};

using Request = http::request<http::empty_body>;
using Reply = http::response<http::string_body>;

tcp::endpoint endpoint_of(const Endpoint& where) {
    return {asio::ip::make_address(where.address.text()), where.port};
}

// Also on an address that the machine does not have yet, as at boot.
using AnyAddress = asio::detail::socket_option::boolean<IPPROTO_IP, IP_FREEBIND>;

Reply reply_of(const Request& request, http::status status, std::string type, std::string body) {
    Reply out(status, request.version());
    out.set(http::field::server, "headgated");
    out.set(http::field::content_type, type);
    out.keep_alive(request.keep_alive());
    out.content_length(body.size());
    if (request.method() != http::verb::head) {
        out.body() = std::move(body);
    }
    return out;
}

Reply refused(const Request& request, http::status status, const std::string& why) {
    return reply_of(request, status, "text/plain; charset=utf-8", why + "\n");
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
    for (;;) {
        auto [error, socket] = co_await acceptor_.async_accept(kTuple);
        if (error == asio::error::operation_aborted) {
            co_return;
        }
        if (!error && clients_ < kClientsMax) {
            clients_++;
            asio::co_spawn(io_, serve(std::move(socket)),
                           [this](const std::exception_ptr& /*gone*/) { clients_--; });
        }
    }
}

// Checks whose time has come go between the pieces.
asio::awaitable<std::string> Exporter::metrics() {
    co_await turn_.async_send(boost::system::error_code(), kTuple);
    std::string out;
    auto exposition = source_.scrape();
    while (auto piece = exposition.next()) {
        out += *piece;
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
            reply = refused(request, http::status::method_not_allowed, "there is GET and HEAD");
            reply.set(http::field::allow, "GET, HEAD");
        } else if (path == "/metrics") {
            auto making = metrics();
            auto text = co_await std::move(making);
            reply = reply_of(request, http::status::ok, "text/plain; version=0.0.4; charset=utf-8",
                             std::move(text));
        } else if (path == "/healthz") {
            const auto complaint = source_.complaint();
            reply = complaint.empty()
                        ? refused(request, http::status::ok, "ok")
                        : refused(request, http::status::service_unavailable, complaint);
        } else {
            reply = refused(request, http::status::not_found, "there are /metrics and /healthz");
        }
        goes_on = reply.keep_alive();
        stream.expires_after(kSendMax);
        const auto [failed, sent] = co_await http::async_write(stream, reply, kTuple);
        if (failed) {
            co_return;
        }
    }
    boost::system::error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
}

} // namespace hg::daemon

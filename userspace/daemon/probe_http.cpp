#include "http_reply.h"
#include "probe_tls.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <re2/re2.h>

namespace hg::daemon {

namespace {

constexpr std::size_t kReadSize = 16384;

std::string host_of(const HttpCheck& check, const Attempt& attempt) {
    if (!check.host.empty()) {
        return check.host;
    }
    auto server = attempt.target.server;
    if (server.port == (check.tls ? 443 : 80)) {
        server.port = 0;
    }
    const auto text = server.text();
    const bool bare_v6 = server.port == 0 && server.address.family() == Family::V6;
    return bare_v6 ? fmt::format("[{}]", text) : text;
}

std::string request_of(const HttpCheck& check, const Attempt& attempt) {
    const bool sends = check.method == "POST" || check.method == "PUT" || check.method == "PATCH";
    return fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: headgated/" HG_VERSION
                       "\r\nAccept: */*\r\nConnection: close\r\n{}\r\n",
                       check.method, check.path, host_of(check, attempt),
                       sends ? "Content-Length: 0\r\n" : "");
}

// A host without its port and brackets; the server's address where there is none.
std::string name_of(const HttpCheck& check, const Attempt& attempt) {
    if (!check.sni.empty()) {
        return check.sni;
    }
    if (check.host.empty()) {
        return attempt.target.server.address.text();
    }
    if (const auto endpoint = parse_endpoint(check.host)) {
        return endpoint->address.text();
    }
    return check.host.substr(0, check.host.rfind(':'));
}

std::string text_of(const std::vector<StatusRange>& ranges) {
    std::string text;
    for (const auto& range : ranges) {
        text += text.empty() ? "" : ",";
        text += range.first == range.last ? fmt::format("{}", range.first)
                                          : fmt::format("{}-{}", range.first, range.last);
    }
    return text;
}

bool matches(const std::string& pattern, const std::string& body) {
    RE2::Options options;
    options.set_log_errors(false);
    return RE2::PartialMatch(body, RE2(pattern, options));
}

ProbeResult judge(const HttpCheck& check, const HttpReply& reply) {
    const auto status = reply.status();
    const auto wanted = [status](const StatusRange& range) {
        return range.first <= status && status <= range.last;
    };
    if (std::none_of(check.expect.begin(), check.expect.end(), wanted)) {
        return bad(fmt::format("HTTP {}, wanted {}", status, text_of(check.expect)));
    }
    if (!check.body.empty() && !matches(check.body, reply.body())) {
        return bad(fmt::format("HTTP {}, but nothing in the first {} bytes of the body matches "
                               "/{}/",
                               status, reply.body().size(), check.body));
    }
    return good(fmt::format("HTTP {}", status));
}

boost::asio::awaitable<Outcome<>> read_reply(ByteStream& stream, HttpReply& reply,
                                             Attempt& attempt) {
    std::array<char, kReadSize> buffer{};
    attempt.step = "waiting for the HTTP reply";
    while (true) {
        const auto bytes = co_await stream.read(buffer);
        if (!bytes) {
            co_return failure(bytes.error());
        }
        if (bytes->empty()) {
            co_return reply.end();
        }
        const auto complete = reply.put(*bytes);
        if (!complete) {
            co_return failure(complete.error());
        }
        if (*complete) {
            co_return Outcome<>();
        }
        attempt.step = "reading the HTTP reply";
    }
}

Probing exchange(const HttpCheck& check, ByteStream& stream, Attempt& attempt) {
    const auto request = request_of(check, attempt);
    const auto sent = co_await stream.write(request);
    if (!sent) {
        co_return bad(sent.error());
    }
    HttpReply reply(check.method, check.body.empty() ? HttpBody::Ignored : HttpBody::Wanted);
    const auto done = co_await read_reply(stream, reply, attempt);
    co_return done ? judge(check, reply) : bad(done.error());
}

} // namespace

Probing probe_kind(const HttpCheck& check, Attempt& attempt) {
    auto socket = co_await connect_tcp(attempt);
    if (!socket) {
        co_return bad(socket.error());
    }
    if (!check.tls) {
        PlainStream plain(*socket);
        co_return co_await exchange(check, plain, attempt);
    }
    attempt.step = "TLS handshake";
    const TlsWish wish{.name = name_of(check, attempt), .verify = check.verify, .ca = check.ca};
    const auto tls = co_await start_tls(*socket, wish);
    if (!tls) {
        co_return bad(tls.error());
    }
    co_return co_await exchange(check, **tls, attempt);
}

} // namespace hg::daemon

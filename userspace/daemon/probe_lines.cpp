#include "probe_lines.h"

#include "probe_text.h"
#include "probe_tls.h"

#include <array>
#include <fmt/format.h>

namespace hg::daemon {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kReadSize = 2048;

std::string not_wanted(const LineExchange& exchange, const LineReply& reply) {
    const auto wanted = exchange.or_code == 0
                            ? fmt::format("{}", exchange.code)
                            : fmt::format("{} or {}", exchange.code, exchange.or_code);
    return fmt::format("{}: wanted {}, not {}", exchange.what, wanted, printable(reply.text));
}

LineExchange banner() { return {.what = "banner", .say = {}, .code = 220}; }

LineExchange ehlo(const SmtpCheck& check) {
    return {.what = "EHLO", .say = "EHLO " + check.helo, .code = 250};
}

LineExchange noop() { return {.what = "NOOP", .say = "NOOP", .code = 250}; }

ProbeResult result_of(const Outcome<LineReply>& last) {
    return last ? good(last->text) : bad(last.error());
}

} // namespace

asio::awaitable<Outcome<LineReply>> Dialogue::hear() {
    std::array<char, kReadSize> buffer{};
    while (true) {
        auto reply = reader_.next();
        if (!reply) {
            co_return failure(std::move(reply.error()));
        }
        if (*reply) {
            co_return std::move(**reply);
        }
        const auto bytes = co_await stream_.read(buffer);
        if (!bytes) {
            co_return failure(bytes.error());
        }
        if (bytes->empty()) {
            co_return failure("the connection was closed");
        }
        reader_.put(*bytes);
    }
}

asio::awaitable<Outcome<LineReply>> Dialogue::exchange(const LineExchange& exchange) {
    attempt_.step = exchange.what;
    if (!exchange.say.empty()) {
        const auto line = exchange.say + "\r\n";
        const auto sent = co_await stream_.write(line);
        if (!sent) {
            co_return failure(fmt::format("{}: {}", exchange.what, sent.error()));
        }
    }
    auto reply = co_await hear();
    if (!reply) {
        co_return failure(fmt::format("{}: {}", exchange.what, reply.error()));
    }
    if (reply->code != exchange.code && reply->code != exchange.or_code) {
        co_return failure(not_wanted(exchange, *reply));
    }
    co_return reply;
}

asio::awaitable<Outcome<LineReply>> Dialogue::run(std::span<const LineExchange> exchanges) {
    Outcome<LineReply> last;
    for (const auto& next : exchanges) {
        last = co_await exchange(next);
        if (!last) {
            break;
        }
    }
    co_return last;
}

asio::awaitable<void> Dialogue::quit() { (void)co_await stream_.write("QUIT\r\n"); }

namespace {

Probing plain_mail(const SmtpCheck& check, TcpSocket& socket, Attempt& attempt) {
    PlainStream stream(socket);
    Dialogue dialogue(stream, attempt);
    const std::array<LineExchange, 3> exchanges{banner(), ehlo(check), noop()};
    const auto last = co_await dialogue.run(exchanges);
    if (last) {
        co_await dialogue.quit();
    }
    co_return result_of(last);
}

asio::awaitable<Outcome<>> ask_for_tls(const SmtpCheck& check, TcpSocket& socket,
                                       Attempt& attempt) {
    PlainStream stream(socket);
    Dialogue dialogue(stream, attempt);
    LineExchange starttls{.what = "STARTTLS", .say = "STARTTLS", .code = 220};
    const std::array<LineExchange, 3> exchanges{banner(), ehlo(check), std::move(starttls)};
    const auto last = co_await dialogue.run(exchanges);
    if (!last) {
        co_return failure(last.error());
    }
    if (!dialogue.silent()) {
        co_return failure("STARTTLS: the server goes on in the clear");
    }
    co_return Outcome<>();
}

Probing tls_mail(const SmtpCheck& check, TcpSocket& socket, Attempt& attempt) {
    const auto asked = co_await ask_for_tls(check, socket, attempt);
    if (!asked) {
        co_return bad(asked.error());
    }
    attempt.step = "TLS handshake";
    const TlsWish wish{.name = {}, .verify = false};
    const auto stream = co_await start_tls(socket, wish);
    if (!stream) {
        co_return bad(stream.error());
    }
    Dialogue dialogue(**stream, attempt);
    const std::array<LineExchange, 2> exchanges{ehlo(check), noop()};
    const auto last = co_await dialogue.run(exchanges);
    if (last) {
        co_await dialogue.quit();
    }
    co_return result_of(last);
}

asio::awaitable<Outcome<LineReply>> log_in(const FtpCheck& check, Dialogue& dialogue) {
    const std::array<LineExchange, 1> user{
        LineExchange{.what = "USER", .say = "USER " + check.user, .code = 331, .or_code = 230}};
    auto reply = co_await dialogue.run(user);
    if (!reply || reply->code == 230) {
        co_return reply;
    }
    const std::array<LineExchange, 1> password{
        LineExchange{.what = "PASS", .say = "PASS " + check.password, .code = 230}};
    co_return co_await dialogue.run(password);
}

} // namespace

Probing probe_kind(const SmtpCheck& check, Attempt& attempt) {
    auto socket = co_await connect_tcp(attempt);
    if (!socket) {
        co_return bad(socket.error());
    }
    if (check.starttls) {
        co_return co_await tls_mail(check, *socket, attempt);
    }
    co_return co_await plain_mail(check, *socket, attempt);
}

Probing probe_kind(const FtpCheck& check, Attempt& attempt) {
    auto socket = co_await connect_tcp(attempt);
    if (!socket) {
        co_return bad(socket.error());
    }
    PlainStream stream(*socket);
    Dialogue dialogue(stream, attempt);
    const std::array<LineExchange, 1> greeting{banner()};
    auto last = co_await dialogue.run(greeting);
    if (last && !check.user.empty()) {
        last = co_await log_in(check, dialogue);
    }
    if (last) {
        co_await dialogue.quit();
    }
    co_return result_of(last);
}

} // namespace hg::daemon

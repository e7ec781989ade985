#include "probe_connect.h"
#include "probe_text.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <re2/re2.h>
#include <sys/socket.h>

namespace hg::daemon {

namespace {

constexpr std::size_t kDatagramMax = 65536;

// Bytes, not characters: a reply need not be UTF-8.
bool matches(const std::string& pattern, std::string_view reply) {
    RE2::Options options(RE2::Latin1);
    options.set_log_errors(false);
    return RE2::PartialMatch(re2::StringPiece(reply.data(), reply.size()), RE2(pattern, options));
}

ProbeResult judge(const UdpCheck& check, std::string_view reply) {
    if (check.reply.empty() || matches(check.reply, reply)) {
        return good(fmt::format("a reply of {} bytes", reply.size()));
    }
    return bad(fmt::format("the reply has no match of /{}/: {}", check.reply, printable(reply)));
}

} // namespace

Probing probe_kind(const UdpCheck& check, Attempt& attempt) {
    const auto executor = co_await boost::asio::this_coro::executor;
    auto socket = open_datagram(executor, attempt, SOCK_DGRAM, IPPROTO_UDP);
    if (!socket) {
        co_return bad(socket.error());
    }
    const auto sent = co_await send(*socket, check.payload);
    if (!sent) {
        co_return bad(sent.error());
    }
    attempt.step = "waiting for a reply";
    attempt.silence_is_good = check.reply.empty();
    std::string buffer(kDatagramMax, '\0');
    const auto reply = co_await receive(*socket, buffer);
    co_return reply ? judge(check, *reply) : bad(reply.error());
}

} // namespace hg::daemon

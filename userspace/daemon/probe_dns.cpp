#include "dns_message.h"
#include "probe_connect.h"

#include <array>
#include <fmt/format.h>
#include <netinet/in.h>
#include <random>
#include <sys/socket.h>

namespace hg::daemon {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kMessageMax = 65535;

std::uint16_t random_id() { return static_cast<std::uint16_t>(std::random_device{}()); }

// Answers of other queries are passed over.
asio::awaitable<Outcome<DnsAnswer>> ask_udp(const std::string& query, Attempt& attempt) {
    const auto executor = co_await asio::this_coro::executor;
    auto socket = open_datagram(executor, attempt, SOCK_DGRAM, IPPROTO_UDP);
    if (!socket) {
        co_return failure(std::move(socket.error()));
    }
    const auto sent = co_await send(*socket, query);
    if (!sent) {
        co_return failure(sent.error());
    }
    attempt.step = "waiting for the DNS answer";
    std::string buffer(kMessageMax, '\0');
    while (true) {
        const auto message = co_await receive(*socket, buffer);
        if (!message) {
            co_return failure(message.error());
        }
        auto answer = read_dns_answer(query, *message);
        if (!answer) {
            co_return failure(std::move(answer.error()));
        }
        if (*answer) {
            co_return std::move(**answer);
        }
    }
}

asio::awaitable<Outcome<std::string>> read_exactly(ByteStream& stream, std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t filled = 0;
    while (filled < size) {
        const auto part = co_await stream.read(std::span(bytes).subspan(filled));
        if (!part) {
            co_return failure(part.error());
        }
        if (part->empty()) {
            co_return failure("closed in the middle of the DNS answer");
        }
        filled += part->size();
    }
    co_return bytes;
}

std::string with_size(const std::string& query) {
    const std::string size{static_cast<char>(query.size() >> 8),
                           static_cast<char>(query.size() & 0xff)};
    return size + query;
}

std::size_t size_in(const std::string& two) {
    return static_cast<std::size_t>(static_cast<unsigned char>(two[0])) << 8 |
           static_cast<unsigned char>(two[1]);
}

asio::awaitable<Outcome<DnsAnswer>> ask_tcp(const std::string& query, Attempt& attempt) {
    auto socket = co_await connect_tcp(attempt);
    if (!socket) {
        co_return failure(fmt::format("DNS by TCP: {}", socket.error()));
    }
    attempt.step = "waiting for the DNS answer by TCP";
    PlainStream stream(*socket);
    const auto request = with_size(query);
    const auto sent = co_await stream.write(request);
    if (!sent) {
        co_return failure(sent.error());
    }
    const auto size = co_await read_exactly(stream, 2);
    if (!size) {
        co_return failure(size.error());
    }
    const auto message = co_await read_exactly(stream, size_in(*size));
    if (!message) {
        co_return failure(message.error());
    }
    auto answer = read_dns_answer(query, *message);
    if (!answer) {
        co_return failure(std::move(answer.error()));
    }
    if (!*answer) {
        co_return failure("the DNS answer by TCP is another query's");
    }
    co_return std::move(**answer);
}

ProbeResult judge(const DnsCheck& check, const DnsAnswer& answer) {
    auto fault = fault_of(check, answer);
    return fault.empty() ? good(fmt::format("{}, {} {} records", answer.rcode,
                                            answer.records.size(), check.type))
                         : bad(std::move(fault));
}

} // namespace

Probing probe_kind(const DnsCheck& check, Attempt& attempt) {
    const auto query = make_dns_query(check, random_id());
    if (!query) {
        co_return bad(query.error());
    }
    auto answer = co_await ask_udp(*query, attempt);
    if (answer && answer->truncated) {
        answer = co_await ask_tcp(*query, attempt);
    }
    co_return answer ? judge(check, *answer) : bad(answer.error());
}

} // namespace hg::daemon

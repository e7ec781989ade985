// A dialogue of lines: what is said, and the codes that may come back.
#pragma once

#include "line_reply.h"
#include "probe_connect.h"

namespace hg::daemon {

struct LineExchange {
    std::string_view what; // a literal: it stays the attempt's step
    std::string say;       // without its end; empty: the server speaks first
    unsigned code = 0;
    unsigned or_code = 0; // 0: no other will do
};

class Dialogue {
public:
    Dialogue(ByteStream& stream, Attempt& attempt) : stream_(stream), attempt_(attempt) {}

    // Up to the first reply that is not as it should be; the last one.
    [[nodiscard]] boost::asio::awaitable<Outcome<LineReply>>
    run(std::span<const LineExchange> exchanges);
    // Nothing is waited for: what had to be known is known.
    [[nodiscard]] boost::asio::awaitable<void> quit();

    // Nothing came that was not asked for.
    [[nodiscard]] bool silent() const { return reader_.empty(); }

private:
    [[nodiscard]] boost::asio::awaitable<Outcome<LineReply>> hear();
    [[nodiscard]] boost::asio::awaitable<Outcome<LineReply>> exchange(const LineExchange& exchange);

    ByteStream& stream_;
    Attempt& attempt_;
    LineReader reader_;
};

} // namespace hg::daemon

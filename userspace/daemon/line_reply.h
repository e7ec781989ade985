// Replies of SMTP and FTP: a code of three digits and a text, perhaps of many lines. Pure.
#pragma once

#include "outcome.h"

#include <optional>
#include <string>
#include <string_view>

namespace hg::daemon {

constexpr std::size_t kLineMax = 2048;   // bytes; the RFC's 512 is not kept by all
constexpr std::size_t kLinesMax = 16384; // bytes of one reply

struct LineReply {
    unsigned code = 0;
    std::string text = {}; // of the last line, its code too

    bool operator==(const LineReply&) const = default;
};

class LineReader {
public:
    void put(std::string_view bytes) { pending_ += bytes; }

    // Nothing: the reply's end has not come yet.
    [[nodiscard]] Outcome<std::optional<LineReply>> next();

    // Nothing came behind the last reply.
    [[nodiscard]] bool empty() const { return pending_.empty(); }

private:
    [[nodiscard]] Outcome<std::optional<LineReply>> take(std::string_view line);

    std::string pending_;
    std::size_t size_ = 0; // of the reply's lines so far
    unsigned code_ = 0;    // of its first line, once that has come and others follow
};

} // namespace hg::daemon

#include "line_reply.h"

#include <algorithm>
#include <fmt/format.h>

namespace hg::daemon {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// 0 where the line does not begin with one.
unsigned code_of(std::string_view line) {
    if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, is_digit)) {
        return 0;
    }
    if (line.size() > 3 && line[3] != ' ' && line[3] != '-') {
        return 0;
    }
    unsigned code = 0;
    for (const char c : line.substr(0, 3)) {
        code = code * 10 + static_cast<unsigned>(c - '0');
    }
    return code;
}

bool more_follow(std::string_view line) { return line.size() > 3 && line[3] == '-'; }

} // namespace

Outcome<std::optional<LineReply>> LineReader::next() {
    while (true) {
        const auto end = pending_.find('\n');
        if (std::min(end, pending_.size()) > kLineMax) {
            return failure(fmt::format("a line of over {} bytes", kLineMax));
        }
        if (end == std::string::npos) {
            return std::nullopt;
        }
        auto line = pending_.substr(0, end);
        pending_.erase(0, end + 1);
        if (line.ends_with('\r')) {
            line.pop_back();
        }
        auto reply = take(line);
        if (!reply || *reply) {
            return reply;
        }
    }
}

// Between the first line and the last, which has the same code, FTP allows any text.
Outcome<std::optional<LineReply>> LineReader::take(std::string_view line) {
    const auto code = code_of(line);
    size_ += line.size();
    if (size_ > kLinesMax) {
        return failure(fmt::format("a reply of over {} bytes", kLinesMax));
    }
    if (code_ == 0 && code == 0) {
        return failure(fmt::format("no reply code: {}", line));
    }
    if (code_ == 0 && more_follow(line)) {
        code_ = code;
    }
    if (code_ != 0 && (code != code_ || more_follow(line))) {
        return std::nullopt;
    }
    code_ = 0;
    size_ = 0;
    return LineReply{.code = code, .text = std::string(line)};
}

} // namespace hg::daemon

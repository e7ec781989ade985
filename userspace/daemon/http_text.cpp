#include "http_text.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fmt/format.h>

namespace hg::daemon {

namespace {

using Text = std::optional<std::string>;

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kOk = "200";
constexpr std::size_t kShownMax = 40; // bytes of a first line that is no HTTP

tl::unexpected<Error> bad(std::string reason) {
    return refusal(std::move(reason), std::errc::bad_message);
}

std::string shown(std::string_view text) {
    std::string out(text.substr(0, std::min(text.find_first_of("\r\n"), kShownMax)));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return out;
}

bool is_same_word(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
        return std::tolower(x) == std::tolower(y);
    });
}

std::string_view trimmed(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

// The first line of TEXT, which is left without it.
std::string_view take_line(std::string_view& text) {
    const auto end = std::min(text.find(kLineEnd), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + kLineEnd.size(), text.size()));
    return line;
}

std::optional<std::size_t> number(std::string_view text, int base) {
    std::size_t out = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, out, base);
    return error == std::errc() && stop == end ? std::optional(out) : std::nullopt;
}

struct Head {
    bool is_chunked = false;
    std::optional<std::size_t> length = {};
};

// "HTTP/1.x 200 OK"
Result<> check_status(std::string_view line) {
    if (!line.starts_with("HTTP/1.")) {
        return bad(fmt::format("\"{}\" is no HTTP", shown(line)));
    }
    const auto status = trimmed(line.substr(std::min(line.find(' '), line.size())));
    if (status.substr(0, status.find(' ')) != kOk) {
        return bad(
            fmt::format("HTTP {}, wanted {}", shown(status.substr(0, status.find(' '))), kOk));
    }
    return {};
}

Result<Head> read_head(std::string_view head) {
    HG_TRY(check_status(take_line(head)));
    Head out;
    while (!head.empty()) {
        const auto line = take_line(head);
        const auto colon = std::min(line.find(':'), line.size());
        const auto name = line.substr(0, colon);
        const auto value = trimmed(line.substr(std::min(colon + 1, line.size())));
        if (is_same_word(name, "transfer-encoding")) {
            if (!is_same_word(value, "chunked")) {
                return bad(fmt::format("Transfer-Encoding {}, wanted chunked", shown(value)));
            }
            out.is_chunked = true;
        } else if (is_same_word(name, "content-length")) {
            out.length = number(value, 10);
            if (!out.length || *out.length > kHttpTextMax) {
                return bad(
                    fmt::format("Content-Length {}, wanted up to {}", shown(value), kHttpTextMax));
            }
        }
    }
    return out;
}

// Nothing while the last chunk has not come. What may follow that (trailers) is not looked at.
Result<Text> read_chunks(std::string_view body) {
    constexpr int kBase = 16;
    std::string out;
    while (body.find(kLineEnd) != std::string_view::npos) {
        const auto line = take_line(body);
        const auto size = number(trimmed(line.substr(0, line.find(';'))), kBase);
        if (!size || *size > kHttpTextMax) {
            return bad(fmt::format("\"{}\" is no chunk's size", shown(line)));
        }
        if (*size == 0) {
            return Text(std::move(out));
        }
        if (body.size() < *size + kLineEnd.size()) {
            break;
        }
        if (body.substr(*size, kLineEnd.size()) != kLineEnd) {
            return bad("a chunk is longer than it says");
        }
        out += body.substr(0, *size);
        body.remove_prefix(*size + kLineEnd.size());
    }
    return Text();
}

Result<Text> read_body(const Head& head, std::string_view body, HttpFlow flow) {
    if (head.is_chunked) {
        return read_chunks(body);
    }
    if (head.length) {
        return body.size() < *head.length ? Text() : Text(body.substr(0, *head.length));
    }
    return flow == HttpFlow::Ended ? Text(body) : Text();
}

} // namespace

Result<Text> http_text(std::string_view reply, HttpFlow flow) {
    const auto end = reply.find(kHeadEnd);
    Text text;
    if (end != std::string_view::npos) {
        const auto head = HG_TRY(read_head(reply.substr(0, end)));
        text = HG_TRY(read_body(head, reply.substr(end + kHeadEnd.size()), flow));
    }
    if (!text && flow == HttpFlow::Ended) {
        return bad("the reply breaks off");
    }
    if (!text && reply.size() >= kHttpTextMax) {
        return bad(fmt::format("the reply is longer than {} bytes", kHttpTextMax));
    }
    return text;
}

} // namespace hg::daemon

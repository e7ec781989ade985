#include "config_text.h"

#include "fd.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace hg {

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

unsigned byte_of(char c) { return static_cast<unsigned char>(c); }

std::string errno_text(int number) { return std::generic_category().message(number); }

std::string_view kind_of(mode_t mode) {
    if (S_ISDIR(mode)) {
        return "a directory";
    }
    if (S_ISFIFO(mode)) {
        return "a pipe";
    }
    return S_ISSOCK(mode) ? "a socket" : "a device";
}

// Empty when the file may be read.
std::string refusal_of(const struct stat& info) {
    if (!S_ISREG(info.st_mode)) {
        return fmt::format("this is {}; a regular file is needed", kind_of(info.st_mode));
    }
    if (static_cast<std::uint64_t>(info.st_size) > kConfigBytesMax) {
        return fmt::format("{} bytes are too many: up to {} MB are read", info.st_size,
                           kConfigBytesMax >> 20U);
    }
    return {};
}

// The file may grow while it is read: the limit is on what was read, not on what stat said.
void read_all(int fd, std::string& out, std::string& problem) {
    std::array<char, 65536> buffer{};
    for (;;) {
        const auto got = ::read(fd, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            problem = fmt::format("cannot be read: {}", errno_text(errno));
        }
        if (got <= 0) {
            return;
        }
        out.append(buffer.data(), static_cast<std::size_t>(got));
        if (out.size() > kConfigBytesMax) {
            problem = fmt::format("too long: up to {} MB are read", kConfigBytesMax >> 20U);
            return;
        }
    }
}

// The length of the character at the front, or 0 when the bytes are not UTF-8: too short, too
// long a form, a surrogate or beyond U+10FFFF.
std::size_t character_length(std::string_view rest) {
    const auto first = byte_of(rest[0]);
    if (first < 0x80) {
        return 1;
    }
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || rest.size() < length) {
        return 0;
    }
    const auto tail = rest.substr(1, length - 1);
    if (!std::all_of(tail.begin(), tail.end(),
                     [](char c) { return (byte_of(c) & 0xc0U) == 0x80; })) {
        return 0;
    }
    const auto second = byte_of(rest[1]);
    const bool bad = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                     (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
    return bad ? 0 : length;
}

bool is_refused_control(std::string_view rest) {
    const auto byte = byte_of(rest[0]);
    const bool c1 = byte == 0xc2 && rest.size() > 1 && byte_of(rest[1]) < 0xa0;
    return c1 || byte == 0x7f || (byte < 0x20 && byte != '\t' && byte != '\n');
}

// Nearly all there is, to be passed at little cost: a lambda is called inline.
constexpr auto is_plain = [](char c) { return (c >= ' ' && c < '\x7f') || c == '\n' || c == '\t'; };

// Looks at each character of the text; says where the first bad one of each line is.
class Checker {
public:
    Checker(std::string_view text, ConfigFaults& faults) : text_(text), faults_(faults) {}

    void run() {
        for (auto at = past_plain(0); at < text_.size(); at = past_plain(at)) {
            const auto rest = text_.substr(at);
            const auto length = character_length(rest);
            if (length == 0) {
                at = refuse(at, fmt::format("byte 0x{:02x} is not UTF-8: save the file as UTF-8",
                                            byte_of(rest[0])));
            } else if (is_refused_control(rest)) {
                at = refuse(at, fmt::format("control character 0x{:02x}: take it out",
                                            byte_of(rest[length - 1])));
            } else {
                at += length;
            }
        }
    }

private:
    [[nodiscard]] std::size_t past_plain(std::size_t at) const {
        const auto rest = text_.substr(at);
        return at + static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), is_plain) -
                                             rest.begin());
    }

    // Answers the end of the line. From one fault to the next lines are counted once.
    std::size_t refuse(std::size_t at, std::string words) {
        auto place = place_at(text_.substr(seen_), at - seen_);
        place.line += lines_;
        faults_.add(place, std::move(words));
        seen_ = std::min(text_.find('\n', at), text_.size());
        lines_ = place.line - 1;
        return seen_;
    }

    std::string_view text_;
    ConfigFaults& faults_;
    std::size_t seen_ = 0;
    std::uint32_t lines_ = 0; // before that
};

std::string with_plain_line_ends(std::string_view text) {
    if (text.find('\r') == std::string_view::npos) {
        return std::string(text);
    }
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
            continue;
        }
        out += text[i];
    }
    return out;
}

} // namespace

std::string read_config_file(const std::string& path, ConfigFaults& faults) {
    // O_NONBLOCK: a FIFO must not hold us before fstat can tell that it is one.
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));

    struct stat info {};

    if (!file.valid() || ::fstat(file.get(), &info) != 0) {
        faults.add({}, fmt::format("cannot be opened: {}", errno_text(errno)));
        return {};
    }
    auto problem = refusal_of(info);
    if (!problem.empty()) {
        faults.add({}, std::move(problem));
        return {};
    }
    return read_config_stream(file.get(), faults);
}

std::string read_config_stream(int fd, ConfigFaults& faults) {
    std::string out;
    std::string problem;
    read_all(fd, out, problem);
    if (!problem.empty()) {
        faults.add({}, std::move(problem));
        return {};
    }
    return out;
}

Result<std::string> read_or_refuse(std::string text, const ConfigFaults& faults) {
    if (!faults.empty()) {
        return refusal(faults.shown().at(0).text, std::errc::io_error);
    }
    return text;
}

std::string clean_config_text(std::string_view bytes, ConfigFaults& faults) {
    if (bytes.starts_with(kByteOrderMark)) {
        bytes.remove_prefix(kByteOrderMark.size());
    }
    if (bytes.size() > kConfigBytesMax) {
        faults.add({}, fmt::format("too long: up to {} MB are read", kConfigBytesMax >> 20U));
        return {};
    }
    auto text = with_plain_line_ends(bytes);
    Checker(text, faults).run();
    return text;
}

} // namespace hg

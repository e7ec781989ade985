#include "keepalived_syntax.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <span>
#include <utility>

namespace hg {

namespace {

constexpr std::size_t kDepthMax = 16; // keepalived itself uses five
constexpr std::string_view kBlanks = " \t\r\f\v";

bool is_digit_of(char c, int base) {
    const std::string_view digits = "0123456789abcdefABCDEF";
    return digits.substr(0, base == 16 ? digits.size() : 8).find(c) != std::string_view::npos;
}

// Up to MOST digits at AT as one character; moves AT behind them.
char read_code(std::string_view text, std::size_t& at, int base, std::size_t most) {
    auto end = at;
    while (end < text.size() && end - at < most && is_digit_of(text[end], base)) {
        ++end;
    }
    const auto code = std::stoul(std::string(text.substr(at, end - at)), nullptr, base);
    at = end;
    return static_cast<char>(code & 0xffU);
}

// What stands for what after a backslash.
struct Escape {
    char letter;
    char character;
};

constexpr auto kEscapes = std::to_array<Escape>({{'a', '\a'},
                                                 {'b', '\b'},
                                                 {'E', '\x1b'},
                                                 {'f', '\f'},
                                                 {'n', '\n'},
                                                 {'r', '\r'},
                                                 {'t', '\t'},
                                                 {'v', '\v'}});

// The character that the escape at AT, behind its backslash, stands for; moves AT behind it.
char read_escape(std::string_view text, std::size_t& at) {
    if (is_digit_of(text[at], 8)) {
        return read_code(text, at, 8, 3);
    }
    const auto letter = text[at++];
    if (letter == 'x' && at < text.size() && is_digit_of(text[at], 16)) {
        return read_code(text, at, 16, 2);
    }
    if (letter == 'c' && at < text.size()) {
        return static_cast<char>(static_cast<unsigned char>(text[at++]) & 0x1fU);
    }
    const auto* const found =
        std::find_if(kEscapes.begin(), kEscapes.end(),
                     [&](const Escape& escape) { return escape.letter == letter; });
    return found != kEscapes.end() ? found->character : letter;
}

// A word, or a brace that stands for itself.
struct Token {
    std::string text;
    bool is_brace = false;
};

// One line, read from left to right.
class LineReader {
public:
    // Without syntax a line is words alone: no comments, no braces.
    LineReader(std::string_view text, bool has_syntax) : text_(text), has_syntax_(has_syntax) {}

    [[nodiscard]] std::vector<Token> tokens();

    [[nodiscard]] bool has_open_quote() const { return open_quote_; }

private:
    [[nodiscard]] bool is_at(std::string_view characters) const {
        return characters.find(text_[at_]) != std::string_view::npos;
    }

    [[nodiscard]] Token word();
    void quoted_part(std::string& out);
    void parameter(std::string& out);

    std::string_view text_;
    bool has_syntax_;
    std::size_t at_ = 0;
    bool open_quote_ = false;
};

std::vector<Token> LineReader::tokens() {
    std::vector<Token> out;
    while (at_ < text_.size()) {
        if (is_at(kBlanks)) {
            ++at_;
        } else if (has_syntax_ && is_at("#!")) {
            break;
        } else if (has_syntax_ && is_at("{}")) {
            out.push_back({std::string(1, text_[at_++]), true});
        } else {
            out.push_back(word());
        }
    }
    return out;
}

Token LineReader::word() {
    Token out;
    while (at_ < text_.size() && !is_at(kBlanks) && !(has_syntax_ && is_at("{}#!"))) {
        const auto c = text_[at_];
        if (c == '"' || c == '\'') {
            quoted_part(out.text);
        } else if (c == '\\' && at_ + 1 < text_.size()) {
            ++at_;
            out.text += read_escape(text_, at_);
        } else if (c == '$' && text_.substr(at_ + 1).starts_with('{')) {
            parameter(out.text);
        } else {
            out.text += c;
            ++at_;
        }
    }
    return out;
}

void LineReader::quoted_part(std::string& out) {
    const auto quote = text_[at_++];
    while (at_ < text_.size() && text_[at_] != quote) {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
            ++at_;
            out += read_escape(text_, at_);
        } else {
            out += text_[at_++];
        }
    }
    open_quote_ = open_quote_ || at_ == text_.size();
    at_ = std::min(at_ + 1, text_.size());
}

// ${NAME}: its braces are no block.
void LineReader::parameter(std::string& out) {
    const auto end = std::min(text_.find('}', at_), text_.size() - 1);
    out += text_.substr(at_, end + 1 - at_);
    at_ = end + 1;
}

// The lines, with what only a whole line can be taken out.
class TreeReader {
public:
    [[nodiscard]] KeepalivedTree read(std::string_view text);

private:
    [[nodiscard]] bool is_special(std::string_view text);
    void add(std::span<const Token> tokens);
    void open();
    void close();

    void note(std::string text) { out_.notes.push_back({line_, std::move(text)}); }

    KeepalivedTree out_;
    std::vector<KeepalivedNode> open_; // from the outermost to the innermost
    std::uint32_t line_ = 0;
    bool is_continued_ = false; // a definition goes on
    bool is_too_deep_ = false;
};

KeepalivedTree TreeReader::read(std::string_view text) {
    while (!text.empty() && !is_too_deep_) {
        ++line_;
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (is_special(line)) {
            continue;
        }
        LineReader reader(line, true);
        const auto tokens = reader.tokens();
        if (reader.has_open_quote()) {
            note("a quote is not closed on its line: it is taken to end there");
        }
        add(tokens);
    }
    while (!open_.empty()) {
        if (!is_too_deep_) {
            out_.notes.push_back({open_.back().line, fmt::format("the block of {} is not closed",
                                                                 quoted(open_.back().words[0]))});
        }
        close();
    }
    return std::move(out_);
}

// Lines that are not words and blocks.
bool TreeReader::is_special(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    const auto last = text.find_last_not_of(kBlanks);
    const bool goes_on = last != std::string_view::npos && text[last] == '\\';
    if (is_continued_) {
        is_continued_ = goes_on;
        return true;
    }
    const auto first = text.substr(0, text.find_first_of(kBlanks));
    if (first.starts_with("include")) {
        note(fmt::format("{} is not followed: import that file too", quoted(text)));
        return true;
    }
    if (first.starts_with('@')) {
        note(fmt::format("the line is left out: whether {} holds is known on its machine only",
                         quoted(first)));
        return true;
    }
    if (first.starts_with('~')) {
        note(fmt::format("the line is left out: {} is not unrolled", quoted(first)));
        return true;
    }
    if (first.starts_with('$')) {
        const bool is_definition = first.find('=') != std::string_view::npos;
        note(fmt::format("the line is left out: parameters like {} are not filled in",
                         quoted(first.substr(0, first.find('=')))));
        is_continued_ = is_definition && goes_on;
        return true;
    }
    return false;
}

// Words up to a brace are a line of their own.
void TreeReader::add(std::span<const Token> tokens) {
    KeepalivedNode node{.line = line_};
    const auto end_node = [&] {
        if (!node.words.empty()) {
            auto& out = open_.empty() ? out_.nodes : open_.back().block;
            out.push_back(std::exchange(node, {.line = line_}));
        }
    };
    for (const auto& token : tokens) {
        if (!token.is_brace) {
            node.words.push_back(token.text);
            continue;
        }
        end_node();
        if (token.text == "{") {
            open();
        } else {
            close();
        }
        if (is_too_deep_) {
            return;
        }
    }
    end_node();
}

// The brace belongs to the words before it, be it on the next line.
void TreeReader::open() {
    auto& nodes = open_.empty() ? out_.nodes : open_.back().block;
    if (open_.size() == kDepthMax) {
        note(fmt::format("blocks in blocks, more than {} deep: nothing is read from here on",
                         kDepthMax));
        is_too_deep_ = true;
        return;
    }
    KeepalivedNode node{.line = line_, .words = {"{"}};
    if (!nodes.empty() && !nodes.back().has_block) {
        node = std::move(nodes.back());
        nodes.pop_back();
    } else {
        note("a block without a word before it is left out");
    }
    node.has_block = true;
    open_.push_back(std::move(node));
}

void TreeReader::close() {
    if (open_.empty()) {
        note("a } without its {");
        return;
    }
    auto node = std::move(open_.back());
    open_.pop_back();
    auto& out = open_.empty() ? out_.nodes : open_.back().block;
    if (node.words[0] != "{") {
        out.push_back(std::move(node));
    }
}

} // namespace

KeepalivedTree parse_keepalived(std::string_view text) { return TreeReader().read(text); }

std::vector<std::string> keepalived_words(std::string_view text) {
    std::vector<std::string> out;
    for (auto& token : LineReader(text, false).tokens()) {
        out.push_back(std::move(token.text));
    }
    return out;
}

} // namespace hg

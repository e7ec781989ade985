#include "probe_text.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace hg::daemon {

namespace {

// Lead bytes of LENGTH, the bits they carry, and the least character that needs such a length.
struct Form {
    unsigned char mask;
    unsigned char lead;
    std::size_t length;
    char32_t least;
};

constexpr std::array<Form, 4> kForms{{
    {0x80, 0x00, 1, 0},
    {0xe0, 0xc0, 2, 0x80},
    {0xf0, 0xe0, 3, 0x800},
    {0xf8, 0xf0, 4, 0x10000},
}};

struct Character {
    char32_t value = 0;
    std::size_t length = 0; // 0: not UTF-8
};

Character first_of(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const auto* const form = std::find_if(kForms.begin(), kForms.end(), [lead](const Form& known) {
        return (lead & known.mask) == known.lead;
    });
    if (form == kForms.end() || form->length > text.size()) {
        return {};
    }
    auto value = static_cast<char32_t>(lead & static_cast<unsigned char>(~form->mask));
    for (std::size_t i = 1; i < form->length; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xc0) != 0x80) {
            return {};
        }
        value = value << 6 | (next & 0x3f);
    }
    const bool surrogate = value >= 0xd800 && value <= 0xdfff;
    if (value < form->least || value > 0x10ffff || surrogate) {
        return {};
    }
    return {.value = value, .length = form->length};
}

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

} // namespace

std::string printable(std::string_view text, std::size_t max) {
    std::string out;
    while (!text.empty()) {
        const auto [value, length] = first_of(text);
        const auto taken = std::max<std::size_t>(length, 1);
        const bool control = length > 0 && is_control(value);
        const auto shown = length == 0 ? "?" : control ? " " : text.substr(0, taken);
        if (out.size() + shown.size() > max) {
            break;
        }
        if (shown != " " || !out.empty()) {
            out += shown;
        }
        text.remove_prefix(taken);
    }
    out.resize(out.find_last_not_of(' ') + 1);
    return out;
}

std::string text_of(std::chrono::milliseconds time) {
    return time.count() % 1000 == 0 ? fmt::format("{}s", time.count() / 1000)
                                    : fmt::format("{}ms", time.count());
}

} // namespace hg::daemon

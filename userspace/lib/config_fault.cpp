#include "config_fault.h"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

namespace hg {

namespace {

// Faults are found nearly, but not wholly, by place. So many are kept that the first ones can be
// told, and a file of nothing but faults costs no memory.
constexpr std::size_t kKept = 1000;
constexpr std::size_t kValueShown = 64;

unsigned byte_of(char c) { return static_cast<unsigned char>(c); }

bool is_control(char c) { return byte_of(c) < 0x20 || byte_of(c) == 0x7f; }

// U+0080 to U+009F are control characters too, and some terminals act on them.
bool is_c1_control(std::string_view rest) {
    return rest.size() > 1 && byte_of(rest[0]) == 0xc2 && byte_of(rest[1]) < 0xa0;
}

std::uint32_t characters_of(std::string_view text) {
    return static_cast<std::uint32_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (byte_of(c) & 0xc0U) != 0x80; }));
}

// Between characters, never inside one.
std::string_view cut(std::string_view value) {
    auto end = std::min(value.size(), kValueShown);
    while (end < value.size() && end > 0 && (byte_of(value[end]) & 0xc0U) == 0x80) {
        --end;
    }
    return value.substr(0, end);
}

} // namespace

std::string Place::text() const { return fmt::format("line {}, column {}", line, column); }

Place place_at(std::string_view text, std::size_t offset) {
    const auto before = text.substr(0, offset);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const auto line = before.substr(before.rfind('\n') + 1); // npos + 1 is 0
    return {static_cast<std::uint32_t>(lines) + 1, characters_of(line) + 1};
}

void ConfigFaults::begin_file(std::string name) { names_.push_back(std::move(name)); }

std::string ConfigFaults::place_text(std::size_t file, Place place) const {
    return file == this->file()
               ? place.text()
               : fmt::format("{}:{}:{}", names_.at(file), place.line, place.column);
}

void ConfigFaults::add(Place place, std::string text) {
    ++total_;
    if (kept_.size() < kKept) {
        kept_.push_back({place, std::move(text), file()});
    }
}

std::vector<ConfigFault> ConfigFaults::shown() const {
    auto faults = kept_;
    std::stable_sort(faults.begin(), faults.end(), [](const auto& a, const auto& b) {
        return std::tuple(a.file, a.place.line, a.place.column) <
               std::tuple(b.file, b.place.line, b.place.column);
    });
    faults.resize(std::min(faults.size(), kShown));
    return faults;
}

std::string ConfigFaults::render(std::string_view main) const {
    std::string out;
    const auto faults = shown();
    for (const auto& fault : faults) {
        const auto& at = fault.place;
        const std::string_view file = fault.file == 0 ? main : names_.at(fault.file);
        out += at.line == 0 ? fmt::format("{}: {}\n", file, fault.text)
                            : fmt::format("{}:{}:{}: {}\n", file, at.line, at.column, fault.text);
    }
    if (total_ > faults.size()) {
        out += fmt::format("{}: and {} more\n", main, total_ - faults.size());
    }
    return out;
}

std::string quoted(std::string_view value) {
    const auto shown = cut(value);
    std::string out = "\"";
    for (std::size_t i = 0; i < shown.size(); ++i) {
        if (is_control(shown[i])) {
            out += fmt::format("\\x{:02x}", byte_of(shown[i]));
        } else if (is_c1_control(shown.substr(i))) {
            out += fmt::format("\\x{:02x}", byte_of(shown[++i]));
        } else {
            out += shown[i];
        }
    }
    out += shown.size() < value.size() ? "...\"" : "\"";
    return out;
}

} // namespace hg

#include "answer.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace hg::agent {

namespace {

constexpr double kMemoryShort = 0.1; // less memory than this is short
constexpr unsigned kWhole = 100;
constexpr std::size_t kReasonMax = 150; // bytes

std::string_view word_of(AdminWish::Kind kind) {
    constexpr std::array<std::string_view, 3> kWords{"ready", "drain", "maint"};
    return kWords.at(static_cast<std::size_t>(kind));
}

// One line of printable ASCII, as the protocol has it.
std::string cleaned(std::string_view text) {
    std::string out(text.substr(0, std::min(text.find('\n'), kReasonMax)));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return out;
}

unsigned percentage(const HostLoad& load, unsigned least) {
    const auto busy = load.memory_available < kMemoryShort ? 1.0 : busy_of(load);
    const auto lost = static_cast<unsigned>(std::lround(busy * (kWhole - least)));
    return std::max(kWhole - lost, 1U);
}

std::string line(const AdminWish& wish, const std::string& percent) {
    auto out = "up " + std::string(word_of(wish.kind)) + percent;
    const auto reason = cleaned(wish.reason);
    return out + (reason.empty() ? "\n" : " #" + reason + "\n");
}

} // namespace

std::string answer(const AdminWish& wish, const HostLoad& load, unsigned least) {
    return line(wish, " " + std::to_string(percentage(load, least)) + "%");
}

std::string answer(const AdminWish& wish) { return line(wish, ""); }

} // namespace hg::agent

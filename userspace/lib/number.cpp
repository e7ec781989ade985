#include "number.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace hg {

namespace {

struct Unit {
    std::string_view suffix;
    std::uint64_t ms;
};

// The largest first, and "ms" before "m" and "s" whose letters it has.
constexpr std::array<Unit, 5> kUnits{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

bool all_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

tl::unexpected<Error> out_of_range(std::string_view text, std::string_view what, Range range) {
    return usage_error(
        fmt::format("{} {} is out of range: {} to {}", what, text, range.min, range.max));
}

Result<std::uint64_t> in_range(std::string_view text, std::string_view digits, int base,
                               std::string_view what, Range range) {
    std::uint64_t value = 0;
    const auto [end, code] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (code != std::errc{} || value < range.min || value > range.max) {
        return out_of_range(text, what, range);
    }
    return value;
}

} // namespace

Result<std::uint64_t> parse_number(std::string_view text, std::string_view what, Range range) {
    if (!all_digits(text)) {
        return usage_error(fmt::format("{} \"{}\" is not a decimal number", what, text));
    }
    if (text.size() > 1 && text.front() == '0') {
        return usage_error(fmt::format(
            "{} \"{}\" has a leading zero, which some read as octal: leave it out", what, text));
    }
    return in_range(text, text, 10, what, range);
}

Result<std::uint64_t> parse_mark(std::string_view text, std::string_view what, Range range) {
    if (!text.starts_with("0x")) {
        return parse_number(text, what, range);
    }
    const auto digits = text.substr(2);
    if (digits.empty() ||
        digits.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
        return usage_error(fmt::format("{} \"{}\" is not a number", what, text));
    }
    return in_range(text, digits, 16, what, range);
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text, std::string_view what,
                                                 std::chrono::milliseconds min,
                                                 std::chrono::milliseconds max) {
    const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto suffix = text.substr(end);
    const auto* const unit = std::find_if(kUnits.begin(), kUnits.end(),
                                          [&](const Unit& u) { return u.suffix == suffix; });
    if (end == 0 || unit == kUnits.end()) {
        return usage_error(fmt::format(
            "{} \"{}\" is not a duration: a number and ms, s, m, h or d, like 500ms or 15m", what,
            text));
    }
    constexpr std::uint64_t kAny = 1'000'000'000'000; // below overflow in any unit
    const auto count = parse_number(text.substr(0, end), what, {0, kAny});
    if (!count && count.error().reason.find("out of range") == std::string::npos) {
        return tl::make_unexpected(count.error());
    }
    const auto ms = std::chrono::milliseconds(count ? *count * unit->ms : kAny);
    if (!count || ms < min || ms > max) {
        return usage_error(fmt::format("{} {} is out of range: {} to {}", what, text,
                                       duration_text(min), duration_text(max)));
    }
    return ms;
}

std::string age_text(std::chrono::milliseconds age) {
    using namespace std::chrono;
    if (age < 1s) {
        return fmt::format("{}ms", age.count());
    }
    if (age < 2min) {
        return fmt::format("{}s", floor<seconds>(age).count());
    }
    if (age < 2h) {
        return fmt::format("{}m", floor<minutes>(age).count());
    }
    return age < 48h ? fmt::format("{}h", floor<hours>(age).count())
                     : fmt::format("{}d", floor<days>(age).count());
}

std::string duration_text(std::chrono::milliseconds duration) {
    const auto count = static_cast<std::uint64_t>(duration.count());
    for (const auto& unit : kUnits) {
        if (count % unit.ms == 0 && count >= unit.ms) {
            return fmt::format("{}{}", count / unit.ms, unit.suffix);
        }
    }
    return fmt::format("{}s", count);
}

std::string utc_text(std::chrono::sys_time<std::chrono::nanoseconds> time) {
    using namespace std::chrono;
    const auto whole = floor<seconds>(time);
    const auto rest = duration_cast<microseconds>(time - whole).count();
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", fmt::gmtime(system_clock::to_time_t(whole)),
                       rest);
}

} // namespace hg

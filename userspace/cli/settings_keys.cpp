#include "settings_keys.h"

#include "number.h"

#include <fmt/format.h>
#include <limits>

namespace hg::cli {

namespace {

constexpr std::string_view kTimeoutPrefix = "timeout_";
constexpr std::uint64_t kMarkMax = std::numeric_limits<std::uint32_t>::max();

Result<std::uint32_t> parse_limit(std::string_view text, std::string_view key, std::uint64_t most) {
    return static_cast<std::uint32_t>(HG_TRY(parse_number(text, key, {1, most})));
}

Result<std::uint32_t> parse_check_mark(std::string_view text, std::string_view key) {
    return static_cast<std::uint32_t>(HG_TRY(parse_mark(text, key, {0, kMarkMax})));
}

Result<std::chrono::milliseconds> parse_timeout(std::string_view text, std::string_view key) {
    return parse_duration(text, key, kTimeoutMin, kTimeoutMax);
}

std::optional<std::size_t> timeout_index(std::string_view key) {
    if (key.starts_with(kTimeoutPrefix)) {
        for (std::size_t i = 0; i < kTimeouts; i++) {
            if (key.substr(kTimeoutPrefix.size()) == timeout_name(i)) {
                return i;
            }
        }
    }
    return std::nullopt;
}

} // namespace

std::vector<std::string> settings_keys() {
    std::vector<std::string> out{"conn_limit", "affinity_limit", "check_mark_first",
                                 "check_mark_last"};
    for (std::size_t i = 0; i < kTimeouts; i++) {
        out.push_back(fmt::format("{}{}", kTimeoutPrefix, timeout_name(i)));
    }
    return out;
}

Result<> apply_assignment(std::string_view assignment, SettingsChange& change) {
    const auto at = assignment.find('=');
    if (at == std::string_view::npos) {
        return usage_error(fmt::format("\"{}\" is not KEY=VALUE", assignment));
    }
    const auto key = assignment.substr(0, at);
    const auto value = assignment.substr(at + 1);
    if (key == "conn_limit") {
        change.conn_limit = HG_TRY(parse_limit(value, key, HEADGATE_CONN_LIMIT_MAX));
    } else if (key == "affinity_limit") {
        change.affinity_limit = HG_TRY(parse_limit(value, key, HEADGATE_AFFINITY_LIMIT_MAX));
    } else if (key == "check_mark_first") {
        change.check_mark_first = HG_TRY(parse_check_mark(value, key));
    } else if (key == "check_mark_last") {
        change.check_mark_last = HG_TRY(parse_check_mark(value, key));
    } else if (const auto index = timeout_index(key)) {
        change.timeouts[*index] = HG_TRY(parse_timeout(value, key));
    } else {
        return usage_error(fmt::format("unknown setting \"{}\" (there are: {})", key,
                                       fmt::join(settings_keys(), ", ")));
    }
    return {};
}

} // namespace hg::cli

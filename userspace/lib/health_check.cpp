#include "health_check.h"

#include <algorithm>
#include <array>

namespace hg {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kFastLeast{200};

} // namespace

milliseconds fast_interval_of(const HealthCheck& check) {
    const auto wanted = check.fast_interval > milliseconds::zero()
                            ? check.fast_interval
                            : std::max(check.interval / 3, kFastLeast);
    return std::min(wanted, check.interval);
}

milliseconds detection_bound(const HealthCheck& check) {
    const auto first = check.interval * (100 + check.jitter) / 100 + check.timeout;
    const auto again = fast_interval_of(check) + check.timeout;
    return first + again * (check.fall - 1);
}

std::string_view type_name(const HealthCheck& check) {
    // In the order of CheckKind.
    constexpr std::array<std::string_view, std::variant_size_v<CheckKind>> kNames{
        "tcp", "http", "dns", "smtp", "ftp", "udp", "icmp", "exec"};
    const auto* const http = std::get_if<HttpCheck>(&check.kind);
    return http != nullptr && http->tls ? "https" : kNames[check.kind.index()];
}

std::string_view name(InitialHealth initial) {
    switch (initial) {
    case InitialHealth::Up:
        return "up";
    case InitialHealth::Down:
        return "down";
    case InitialHealth::Wait:
        break;
    }
    return "wait";
}

std::string_view name(LoadSource source) {
    return source == LoadSource::Agent ? "agent" : "node_exporter";
}

} // namespace hg

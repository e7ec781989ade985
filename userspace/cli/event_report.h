// Events as lines: for eyes what changed, for scripts the whole of it.
#pragma once

#include "event_stream.h"
#include "output.h"

#include <map>

namespace hg::cli {

// What was last heard of each service and server, so as to say what an event changed.
class Known {
public:
    Known() = default;
    Known(std::uint32_t generation, const std::vector<ServiceView>& services);

    // What the event changed, {"weight": [1, 5], ...}, without what changes by itself; then it
    // is known. Of one that is older than what is known nothing can be said.
    Json take(const Event& event);

private:
    std::optional<std::uint32_t> generation_;
    std::map<ServiceKey, Service> services_;
    std::map<std::pair<ServiceKey, Endpoint>, Server> servers_;
};

using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;
// "2026-01-02 04:04:05.006", where the user is
[[nodiscard]] std::string local_text(WallTime time);

// CHANGED is what Known says.
[[nodiscard]] std::string event_line(const Event& event, const Json& changed);
[[nodiscard]] std::string lost_line(const Lost& lost, WallTime now);
// As documents: {"time": .., "event": {..}} and {"time": .., "lost": {..}}.
[[nodiscard]] Json event_document(const Event& event, const Json& changed);
[[nodiscard]] Json lost_document(const Lost& lost, WallTime now);

} // namespace hg::cli

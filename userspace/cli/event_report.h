// Events as lines: for eyes what changed, for scripts the whole of it.
#pragma once

#include "event_stream.h"
#include "output.h"

#include <functional>
#include <map>

namespace hg::cli {

using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;

// What was last heard of each service and server, so as to say what an event changed.
class Known {
public:
    Known() = default;
    Known(std::uint32_t generation, const std::vector<ServiceView>& services);

    // What the event changed, {"weight": [1, 5], ...}, without what changes by itself; then it
    // is known. Of one that is older than what is known nothing can be said.
    Json take(const Event& event);

    using Tell = std::function<void(const Event& event, const Json& changed)>;
    // What is otherwise than it was, as events without a number; nothing where one of both was
    // never read.
    void differences_from(const Known& before, WallTime now, const Tell& tell) const;

private:
    std::optional<std::uint32_t> generation_;
    std::map<ServiceKey, Service> services_;
    std::map<std::pair<ServiceKey, Endpoint>, Server> servers_;
};

// "2026-01-02 04:04:05.006", where the user is
[[nodiscard]] std::string local_text(WallTime time);

// CHANGED is what Known says.
[[nodiscard]] std::string event_line(const Event& event, const Json& changed);
// Of one that nobody told: the state read after a loss shows it.
[[nodiscard]] std::string found_line(const Event& event, const Json& changed);
[[nodiscard]] std::string lost_line(const Lost& lost, WallTime now);
// As documents: {"time": .., "event": {..}} and {"time": .., "lost": {..}}.
[[nodiscard]] Json event_document(const Event& event, const Json& changed);
[[nodiscard]] Json found_document(const Event& event, const Json& changed);
[[nodiscard]] Json lost_document(const Lost& lost, WallTime now);

} // namespace hg::cli

#include "announcer.h"

#include "status.h"

namespace hg::daemon {

void Announcer::tell(const Change& change) {
    counts_.at(static_cast<std::size_t>(change.kind))++;
    log_.tell(change);
    auto line = line_of(event_json(change, std::chrono::system_clock::now()));
    watchers_.tell(line);
    hooks_.run(std::move(line));
}

} // namespace hg::daemon

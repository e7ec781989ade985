#include "announcer.h"

#include "status.h"

namespace hg::daemon {

void Announcer::tell(const Change& change) {
    counts_.at(static_cast<std::size_t>(change.kind))++;
    log_.tell(change);
    hooks_.run(line_of(event_json(change, std::chrono::system_clock::now())));
}

} // namespace hg::daemon

#include "log.h"

#include <fmt/format.h>
#include <ostream>
#include <syslog.h>

namespace hg::daemon {

void Log::tell(const Change& change) {
    write(is_alarm(change.kind) ? LOG_WARNING : LOG_INFO, change.text());
}

void Log::info(std::string_view line) { write(LOG_INFO, line); }

void Log::error(std::string_view line) { write(LOG_ERR, line); }

void Log::write(int priority, std::string_view line) {
    const auto prefix = priorities_ ? fmt::format("<{}>", priority) : "headgated: ";
    out_ << prefix << line << '\n' << std::flush;
}

} // namespace hg::daemon

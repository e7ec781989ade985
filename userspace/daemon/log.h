// Lines on the standard error, with the priorities that systemd's journal takes from them.
#pragma once

#include "journal.h"

#include <iosfwd>

namespace hg::daemon {

class Log {
public:
    // With PRIORITIES lines begin with "<4>" and the like, as sd-daemon(3) says.
    Log(std::ostream& out, bool priorities) : out_(out), priorities_(priorities) {}

    void tell(const Change& change);
    void info(std::string_view line);
    void error(std::string_view line);

private:
    void write(int priority, std::string_view line);

    std::ostream& out_;
    bool priorities_;
};

} // namespace hg::daemon

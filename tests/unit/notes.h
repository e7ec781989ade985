// What the daemon tells its log, for tests that look at it and for those that do not.
#pragma once

#include "journal.h"

#include <string>
#include <vector>

namespace hg::daemon::test {

struct Notes final : Journal {
    void tell(const Change& change) override { lines.push_back(change.text()); }

    std::vector<std::string> lines;
};

struct Silent final : Journal {
    void tell(const Change& /*change*/) override {}
};

} // namespace hg::daemon::test

// What is wrong with a real server, in words that an admin can act on.
#pragma once

#include "realserver_want.h"

namespace hg::cli {

struct Finding {
    std::string vip; // empty: of the host as a whole
    std::string problem;
    std::string cure; // the command

    bool operator==(const Finding&) const = default;
};

[[nodiscard]] Result<std::vector<Finding>> check_realserver(RealHost& host,
                                                            const RealServerOptions& options);

} // namespace hg::cli

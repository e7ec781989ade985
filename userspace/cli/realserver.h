// Setting a real server up for VIPs, and taking that back.
#pragma once

#include "realserver_record.h"

namespace hg::cli {

// Does what is not so yet, all of it or nothing. What it did; empty when all was well.
[[nodiscard]] Result<std::vector<Want>> realserver_up(RealHost& host,
                                                      const RealServerOptions& options);

struct TakenBack {
    std::vector<Want> steps;
    std::vector<std::string> notes; // what was left alone, and why
};

// Takes back what "up" did for these VIPs, as far as no other VIP relies on it.
[[nodiscard]] Result<TakenBack> realserver_down(RealHost& host, const std::vector<Address>& vips);

} // namespace hg::cli

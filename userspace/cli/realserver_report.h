// What the commands on a real server print.
#pragma once

#include "output.h"
#include "realserver.h"
#include "realserver_check.h"

#include <nlohmann/json.hpp>

namespace hg::cli {

// clang-tidy 14 takes the assertions in Json's moves for exceptions.
// NOLINTNEXTLINE(bugprone-exception-escape)
struct Report {
    std::string text;
    Json document;
};

[[nodiscard]] Report up_report(const std::vector<Want>& steps,
                               const std::vector<Finding>& findings);
[[nodiscard]] Report down_report(const TakenBack& taken);
[[nodiscard]] Report check_report(const std::vector<Finding>& findings);

} // namespace hg::cli

// New names for services in an order in which no two have the same one on the way.
#pragma once

#include "address.h"

#include <map>
#include <string>
#include <vector>

namespace hg {

struct Rename {
    ServiceKey key;
    std::string from; // empty: none
    std::string to;

    bool operator==(const Rename&) const = default;
};

struct RenamePlan {
    std::vector<Rename> steps;   // names that go round in a circle take a step more
    std::vector<Rename> blocked; // the name is held by a service that keeps it
};

// WANTED are the renames by service; HOLDERS who has which name now, those to go left out.
[[nodiscard]] RenamePlan plan_renames(const std::vector<Rename>& wanted,
                                      std::map<std::string, ServiceKey> holders);

} // namespace hg

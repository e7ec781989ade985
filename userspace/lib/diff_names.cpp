#include "diff_names.h"

#include <fmt/format.h>
#include <set>

namespace hg {

namespace {

// Who waits for a name holds at most one that another may wait for, and each name is wanted once:
// the waiting form chains, which end at a free name or at one that stays, and circles.
class Planner {
public:
    Planner(const std::vector<Rename>& wanted, std::map<std::string, ServiceKey> holders)
        : holders_(std::move(holders)) {
        for (const auto& rename : wanted) {
            by_name_.emplace(rename.to, rename.key);
            pending_.emplace(rename.key, rename);
        }
    }

    RenamePlan run(const std::vector<Rename>& wanted) {
        for (const auto& rename : wanted) {
            follow(rename.to);
        }
        for (const auto& rename : wanted) {
            if (pending_.contains(rename.key)) {
                unblock(rename);
            }
        }
        return std::move(plan_);
    }

private:
    // Takes a name if it is free, gives the freed one to whoever waits for it, and so on.
    void follow(std::string name) {
        while (!holders_.contains(name)) {
            const auto found = by_name_.find(name);
            if (found == by_name_.end()) {
                return;
            }
            const auto rename = pending_.at(found->second);
            by_name_.erase(found);
            pending_.erase(rename.key);
            take(rename);
            name = rename.from;
        }
    }

    void take(const Rename& rename) {
        holders_.erase(rename.from);
        holders_.emplace(rename.to, rename.key);
        plan_.steps.push_back(rename);
    }

    void unblock(const Rename& rename) {
        if (!is_circle(rename.to)) {
            plan_.blocked.push_back(rename);
            return;
        }
        auto& holder = pending_.at(holders_.at(rename.to));
        const Rename aside{holder.key, holder.from, free_name()};
        holder.from = aside.to;
        take(aside);
        follow(rename.to);
    }

    // Walks from holder to holder until one has the first name again, or stays.
    bool is_circle(const std::string& start) {
        std::set<std::string> walked;
        auto name = start;
        while (walked.insert(name).second) {
            const auto next = pending_.find(holders_.at(name));
            if (next == pending_.end() || stuck_.contains(name)) {
                stuck_.merge(walked); // so that a long chain is walked once
                return false;
            }
            name = next->second.to;
        }
        return true;
    }

    std::string free_name() {
        for (;;) {
            auto name = fmt::format("headgate-rename-{}", ++tried_);
            if (!holders_.contains(name) && !by_name_.contains(name)) {
                return name;
            }
        }
    }

    std::map<std::string, ServiceKey> holders_;
    std::map<std::string, ServiceKey> by_name_; // who waits for it
    std::map<ServiceKey, Rename> pending_;
    std::set<std::string> stuck_;
    RenamePlan plan_;
    std::size_t tried_ = 0;
};

} // namespace

RenamePlan plan_renames(const std::vector<Rename>& wanted,
                        std::map<std::string, ServiceKey> holders) {
    return Planner(wanted, std::move(holders)).run(wanted);
}

} // namespace hg

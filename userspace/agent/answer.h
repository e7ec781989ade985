// The line that the agent says. Pure.
#pragma once

#include "host_load.h"

#include <string>

namespace hg::agent {

// What the admin wants of this host, and why.
struct AdminWish {
    enum class Kind : std::uint8_t { Ready, Drain, Maint };

    Kind kind = Kind::Ready;
    std::string reason = {};
};

// "up ready 80%\n", "up drain 80% #kernel update\n"
//
// The percentage goes from 100 of an idle host to LEAST of one that is wholly busy or short of
// memory. It is never 0, which would be a drain.
[[nodiscard]] std::string answer(const AdminWish& wish, const HostLoad& load, unsigned least);

// Without a percentage: the load could not be read.
[[nodiscard]] std::string answer(const AdminWish& wish);

} // namespace hg::agent

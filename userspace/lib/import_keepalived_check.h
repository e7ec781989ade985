// The checks of a keepalived.conf.
#pragma once

#include "import_pools.h"
#include "keepalived_syntax.h"

namespace hg {

// What a virtual server says for its real servers, and those for their checks.
struct KeepalivedTries {
    std::optional<std::chrono::milliseconds> delay_loop = {};
    std::optional<std::chrono::milliseconds> connect_timeout = {};
    std::optional<std::chrono::milliseconds> delay_before_retry = {};
    std::optional<std::uint32_t> retry = {};
    std::string virtualhost = {};
    bool alpha = false;
};

// Whether the line is one of those, which then has been read.
[[nodiscard]] bool read_tries(const KeepalivedNode& node, ImportPools& out, KeepalivedTries& tries);

[[nodiscard]] bool is_keepalived_check(const KeepalivedNode& node);

// A block like TCP_CHECK of a server with that port; nothing, and a note, when it cannot be ours.
[[nodiscard]] std::optional<HealthCheck> read_keepalived_check(const KeepalivedNode& node,
                                                               const KeepalivedTries& tries,
                                                               std::uint16_t port,
                                                               ImportPools& out);

// The word after the first one, empty when there is none.
[[nodiscard]] std::string_view value_of(const KeepalivedNode& node);

// "\"weight 3\" is not carried over: REASON"
void note_left(const KeepalivedNode& node, std::string_view reason, ImportPools& out);

// The value as a number up to MAX; nothing, and a note, when it is none.
[[nodiscard]] std::optional<std::uint32_t> read_count(const KeepalivedNode& node, ImportPools& out,
                                                      std::uint32_t max);

// on, true and yes, or nothing at all.
[[nodiscard]] bool is_on(const KeepalivedNode& node);

} // namespace hg

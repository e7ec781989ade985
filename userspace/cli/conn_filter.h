// Which conns, or affinity entries, a command is about: its options, and what they come to.
#pragma once

#include "client.h"
#include "parser.h"

namespace hg::cli {

struct FilterOptions {
    std::string service;
    std::string server;
    std::string client;
    std::string states;
    std::string min_age;
    std::string max_age;
};

void filter_options(Parser& app, FilterOptions& options);
// Those of affinity entries: without ports of clients, states and ages.
void entry_filter_options(Parser& app, FilterOptions& options);

// Asks for the services when one is named.
[[nodiscard]] Result<ConnFilter> parse_filter(Client& client, const FilterOptions& options);

// The filter of what ends things: it chooses, or --all was said. WHAT: "conns".
[[nodiscard]] Result<ConnFilter> chosen(ConnFilter filter, bool all, std::string_view what);

// How many a list prints at most.
void limit_option(Parser& app, std::optional<std::string>& limit);
[[nodiscard]] Result<std::uint64_t> parse_limit(const std::optional<std::string>& text);

} // namespace hg::cli

#include "conn_filter.h"

#include "args.h"
#include "number.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace hg::cli {

namespace {

Result<std::optional<Endpoint>> parse_server(const std::string& text) {
    if (text.empty()) {
        return std::optional<Endpoint>{};
    }
    return std::optional<Endpoint>(HG_TRY(parse_endpoint(text)));
}

// ADDRESS, ADDRESS:PORT or ADDRESS/BITS.
Result<> parse_client(const std::string& text, ConnFilter& out) {
    if (text.empty()) {
        return {};
    }
    const auto slash = text.find('/');
    if (slash == std::string::npos) {
        out.client = HG_TRY(parse_endpoint(text));
        return {};
    }
    const auto address = HG_TRY(parse_address(text.substr(0, slash)));
    const std::uint64_t most = bits_of(address.family());
    out.client_prefix = static_cast<std::uint8_t>(
        HG_TRY(parse_number(text.substr(slash + 1), "prefix length", {0, most})));
    out.client = Endpoint{address, 0};
    return {};
}

// Words between commas.
Result<std::uint32_t> parse_states(std::string_view text) {
    std::uint32_t out = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        out |= 1U << HG_TRY(parse_conn_state(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

Result<std::optional<std::chrono::milliseconds>> parse_age(const std::string& text,
                                                           std::string_view what) {
    if (text.empty()) {
        return std::optional<std::chrono::milliseconds>{};
    }
    constexpr std::chrono::milliseconds kMost{std::numeric_limits<std::uint32_t>::max()};
    return std::optional(HG_TRY(parse_duration(text, what, {}, kMost)));
}

Result<> check_families(const ConnFilter& filter) {
    if (!filter.service || !filter.client ||
        filter.service->endpoint.address.family() == filter.client->address.family()) {
        return {};
    }
    return usage_error(fmt::format("service {} has no {} clients as {}", filter.service->text(),
                                   name(filter.client->address.family()),
                                   filter.client->address.text()));
}

void place_options(Parser& app, FilterOptions& options, const std::string& clients) {
    app.add_option("--service", options.service, "of this service, by URL or name");
    app.add_option("--server", options.server, "of this server: ADDRESS or ADDRESS:PORT");
    app.add_option("--client", options.client, clients);
}

// So that a full table does not flood a terminal; scripts say what they want.
constexpr std::uint64_t kDefaultLimit = 10'000;

} // namespace

void entry_filter_options(Parser& app, FilterOptions& options) {
    place_options(app, options, "of these clients: ADDRESS or ADDRESS/BITS");
}

void filter_options(Parser& app, FilterOptions& options) {
    place_options(app, options, "of these clients: ADDRESS, ADDRESS/BITS or ADDRESS:PORT");
    app.add_option("--state", options.states,
                   "in this state: established, ..., udp, killed; several with commas");
    app.add_option("--min-age", options.min_age, "at least so old: 500ms, 15m, 2h");
    app.add_option("--max-age", options.max_age, "at most so old");
}

Result<ConnFilter> parse_filter(Client& client, const FilterOptions& options) {
    ConnFilter out;
    out.server = HG_TRY(parse_server(options.server));
    HG_TRY(parse_client(options.client, out));
    out.states = HG_TRY(parse_states(options.states));
    out.min_age = HG_TRY(parse_age(options.min_age, "least age"));
    out.max_age = HG_TRY(parse_age(options.max_age, "greatest age"));
    if (out.min_age && out.max_age && *out.min_age > *out.max_age) {
        return usage_error(fmt::format("no conn is at least {} and at most {} old",
                                       duration_text(*out.min_age), duration_text(*out.max_age)));
    }
    if (!options.service.empty()) {
        out.service = HG_TRY(find_service(client, options.service));
    }
    HG_TRY(check_families(out));
    return out;
}

Result<ConnFilter> chosen(ConnFilter filter, bool all, std::string_view what) {
    const auto chooses = filter != ConnFilter{};
    if (chooses && all) {
        return usage_error("--all and a filter: which of the two?");
    }
    if (!chooses && !all) {
        return usage_error(fmt::format("which {}? Say it by a filter, or --all", what));
    }
    filter.all = all;
    return filter;
}

void limit_option(Parser& app, std::optional<std::string>& limit) {
    app.add_option("--limit", limit, "stop after so many; 0: never [10000]");
}

Result<std::uint64_t> parse_limit(const std::optional<std::string>& text) {
    if (!text) {
        return kDefaultLimit;
    }
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    const auto limit = HG_TRY(parse_number(*text, "limit", {0, kMost}));
    return limit == 0 ? std::numeric_limits<std::uint64_t>::max() : limit;
}

} // namespace hg::cli

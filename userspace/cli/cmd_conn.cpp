#include "args.h"
#include "commands.h"
#include "number.h"
#include "output.h"

#include <array>
#include <limits>

namespace hg::cli {

namespace {

// So that a full table does not flood a terminal; scripts say what they want.
constexpr std::uint64_t kDefaultLimit = 10'000;

// Which conns are meant; what is empty does not choose.
struct FilterOptions {
    std::string service;
    std::string server;
    std::string client;
    std::string state;
};

void filter_options(CLI::App& app, FilterOptions& options) {
    app.add_option("--service", options.service, "of this service, by URL or name");
    app.add_option("--server", options.server, "of this server: ADDRESS or ADDRESS:PORT");
    app.add_option("--client", options.client, "of this client: ADDRESS or ADDRESS:PORT");
    app.add_option("--state", options.state, "in this state: established, ..., udp");
}

struct Filter {
    std::optional<ServiceKey> service;
    std::optional<Endpoint> server;
    std::optional<Endpoint> client;
    std::string state;

    [[nodiscard]] bool takes(const Conn& conn) const {
        const auto fits = [](const std::optional<Endpoint>& want, const Endpoint& have) {
            return !want ||
                   (want->address == have.address && (want->port == 0 || want->port == have.port));
        };
        return (!service || *service == ServiceKey{conn.protocol, conn.service}) &&
               fits(server, conn.server) && fits(client, conn.client) &&
               (state.empty() || state == state_name(conn));
    }
};

Result<std::optional<Endpoint>> parse_optional(const std::string& text) {
    if (text.empty()) {
        return std::optional<Endpoint>{};
    }
    return std::optional<Endpoint>(HG_TRY(parse_endpoint(text)));
}

Result<Filter> parse_filter(Client& client, const FilterOptions& options) {
    Filter out;
    out.server = HG_TRY(parse_optional(options.server));
    out.client = HG_TRY(parse_optional(options.client));
    out.state = options.state;
    if (!options.state.empty()) {
        HG_TRY(check_state_name(options.state));
    }
    if (!options.service.empty()) {
        out.service = HG_TRY(find_service(client, options.service));
    }
    return out;
}

struct ListOptions {
    FilterOptions filter;
    std::optional<std::string> limit;
};

void list_options(CLI::App& app, ListOptions& options) {
    filter_options(app, options.filter);
    app.add_option("--limit", options.limit, "stop after so many; 0: never [10000]");
}

Result<std::uint64_t> parse_limit(const std::optional<std::string>& text) {
    if (!text) {
        return kDefaultLimit;
    }
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    const auto limit = HG_TRY(parse_number(*text, "limit", {0, kMost}));
    return limit == 0 ? std::numeric_limits<std::uint64_t>::max() : limit;
}

Result<Exit> list(const ListOptions& options, Context& context) {
    const auto limit = HG_TRY(parse_limit(options.limit));
    auto* const client = HG_TRY(context.client());
    const auto filter = HG_TRY(parse_filter(*client, options.filter));
    auto& output = context.output();
    ConnListEnd end{.by_default = !options.limit};
    bool begun = false;
    const auto begin = [&] {
        if (!std::exchange(begun, true)) {
            output.conns_begin();
        }
    };
    // One more than the limit is looked at, so as to know whether there is one.
    const auto walk = HG_TRY(client->list_conns([&](const Conn& conn) {
        begin();
        if (!filter.takes(conn)) {
            return Client::Next::Go;
        }
        if (end.listed == limit) {
            return Client::Next::Stop;
        }
        output.conn(conn);
        end.listed++;
        return Client::Next::Go;
    }));
    begin();
    end.more = walk.stopped;
    end.duplicates = walk.duplicates;
    output.conns_end(end);
    return Exit::Done;
}

Result<Exit> count(const FilterOptions& options, Context& context) {
    auto* const client = HG_TRY(context.client());
    const auto filter = HG_TRY(parse_filter(*client, options));
    ConnCounts counts;
    const auto walk = HG_TRY(client->list_conns([&](const Conn& conn) {
        if (filter.takes(conn)) {
            counts[{conn.protocol, conn.service, conn.server, state_name(conn)}]++;
        }
        return Client::Next::Go;
    }));
    context.output().conn_counts(counts, walk.duplicates);
    return Exit::Done;
}

Result<Exit> sweep(const NoOptions& /*options*/, Context& context) {
    auto* const client = HG_TRY(context.client());
    HG_TRY(client->sweep());
    context.output().done();
    return Exit::Done;
}

} // namespace

void declare_conn(CLI::App& app, Run& chosen) {
    static constexpr std::array kVerbs{
        Command{"list", "list conns", verb<ListOptions, list_options, list>},
        Command{"count", "count conns by service, server and state",
                verb<FilterOptions, filter_options, count>},
        Command{"sweep", "free every expired conn now", verb<NoOptions, no_options, sweep>},
    };
    declare_all(app, kVerbs, chosen);
    app.require_subcommand(1);
}

} // namespace hg::cli

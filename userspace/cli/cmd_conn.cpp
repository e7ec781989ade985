#include "commands.h"
#include "conn_filter.h"
#include "output.h"

#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hg::cli {

namespace {

struct ListOptions {
    FilterOptions filter;
    std::optional<std::string> limit;
};

void list_options(Parser& app, ListOptions& options) {
    filter_options(app, options.filter);
    limit_option(app, options.limit);
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
    const auto walk = HG_TRY(client->list_conns(filter, [&](const Conn& conn) {
        begin();
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

struct CountOptions {
    FilterOptions filter;
    std::string by;
};

void count_options(Parser& app, CountOptions& options) {
    filter_options(app, options.filter);
    app.add_option("--by", options.by, "by \"state\" or by \"server\" alone");
}

Result<> check_by(const std::string& by) {
    if (by.empty() || by == "state" || by == "server") {
        return {};
    }
    return usage_error(fmt::format("cannot count by \"{}\" (there are: state, server)", by));
}

// The groups that are asked for.
ConnCounts grouped(const std::vector<ConnCount>& servers, const std::string& by) {
    ConnCounts out;
    for (const auto& each : servers) {
        for (std::size_t i = 0; i < kConnStates; i++) {
            if (each.conns[i] == 0) {
                continue;
            }
            ConnGroup group;
            if (by != "state") {
                group.service = each.service;
                group.server = each.server;
            }
            if (by != "server") {
                group.state = state_name(i);
            }
            out[group] += each.conns[i];
        }
    }
    return out;
}

Result<Exit> count(const CountOptions& options, Context& context) {
    HG_TRY(check_by(options.by));
    auto* const client = HG_TRY(context.client());
    const auto filter = HG_TRY(parse_filter(*client, options.filter));
    const auto counts = HG_TRY(client->count_conns(filter));
    context.output().conn_counts(grouped(counts.servers, options.by), counts.duplicates);
    return Exit::Done;
}

struct KillOptions {
    FilterOptions filter;
    bool all = false;
};

void kill_options(Parser& app, KillOptions& options) {
    filter_options(app, options.filter);
    app.add_flag("--all", options.all, "every conn");
}

Result<Exit> kill(const KillOptions& options, Context& context) {
    auto* const client = HG_TRY(context.client());
    const auto filter = HG_TRY(parse_filter(*client, options.filter));
    const auto killed = HG_TRY(client->kill_conns(HG_TRY(chosen(filter, options.all, "conns"))));
    context.output().report(fmt::format("killed {} conn{}\n", killed, killed == 1 ? "" : "s"),
                            {{"killed", killed}});
    return Exit::Done;
}

Result<Exit> sweep(const NoOptions& /*options*/, Context& context) {
    auto* const client = HG_TRY(context.client());
    HG_TRY(client->sweep());
    context.output().done();
    return Exit::Done;
}

} // namespace

void declare_conn(Parser& app, Run& chosen) {
    static constexpr std::array kVerbs{
        Command{"list", "list conns", verb<ListOptions, list_options, list>},
        Command{"count", "count conns by service, server and state",
                verb<CountOptions, count_options, count>},
        Command{"kill", "end conns, both ends being told", verb<KillOptions, kill_options, kill>},
        Command{"sweep", "free every expired conn now", verb<NoOptions, no_options, sweep>},
    };
    declare_all(app, kVerbs, chosen);
    app.require_subcommand(1);
}

} // namespace hg::cli

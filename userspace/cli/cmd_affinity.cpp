#include "commands.h"
#include "conn_filter.h"
#include "json_values.h"
#include "output.h"
#include "table.h"

#include <array>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

namespace hg::cli {

namespace {

constexpr std::string_view kDuplicates =
    "the table was resized meanwhile: some entries may be listed twice\n";

struct ListOptions {
    FilterOptions filter;
    std::optional<std::string> limit;
};

void list_options(Parser& app, ListOptions& options) {
    entry_filter_options(app, options.filter);
    limit_option(app, options.limit);
}

// Clients are chosen without their ports, which an entry does not have.
Result<ConnFilter> entry_filter(Client& client, const FilterOptions& options) {
    const auto filter = HG_TRY(parse_filter(client, options));
    if (filter.client && filter.client->port != 0) {
        return usage_error(fmt::format("{}: an affinity entry has no client port, give the "
                                       "address alone",
                                       filter.client->text()));
    }
    return filter;
}

std::string text_of(const Table& table) {
    std::ostringstream out;
    table.print(out);
    return out.str();
}

Result<Exit> list(const ListOptions& options, Context& context) {
    const auto limit = HG_TRY(parse_limit(options.limit));
    auto* const client = HG_TRY(context.client());
    const auto filter = HG_TRY(entry_filter(*client, options.filter));
    Table table(
        {{"CLIENT"}, {"SERVICE"}, {"SERVER"}, {"CONNS", Align::Right}, {"EXPIRES", Align::Right}});
    Json entries = Json::array();
    const auto walk = HG_TRY(client->list_affinities(filter, [&](const Affinity& entry) {
        if (entries.size() == limit) {
            return Client::Next::Stop;
        }
        const auto left = std::chrono::duration_cast<std::chrono::seconds>(entry.expires);
        table.add({fmt::format("{}/{}", entry.client.text(), entry.prefix),
                   ServiceKey{entry.protocol, entry.service}.text(), entry.server.text(),
                   std::to_string(entry.conns), fmt::format("{}s", left.count())});
        entries.push_back(to_json(entry));
        return Client::Next::Go;
    }));
    auto text = text_of(table);
    if (walk.stopped) {
        text += fmt::format("stopped at {} entries{}\n", entries.size(),
                            options.limit ? "" : ": there are more, see --limit");
    }
    if (walk.duplicates) {
        text += kDuplicates;
    }
    context.output().report(text, {{"affinities", std::move(entries)},
                                   {"more", walk.stopped},
                                   {"duplicates", walk.duplicates}});
    return Exit::Done;
}

struct CountOptions {
    FilterOptions filter;
};

void count_options(Parser& app, CountOptions& options) {
    entry_filter_options(app, options.filter);
}

Result<Exit> count(const CountOptions& options, Context& context) {
    auto* const client = HG_TRY(context.client());
    const auto filter = HG_TRY(entry_filter(*client, options.filter));
    std::map<std::pair<ServiceKey, Endpoint>, std::uint64_t> counts;
    const auto walk = HG_TRY(client->list_affinities(filter, [&](const Affinity& entry) {
        counts[{{entry.protocol, entry.service}, entry.server}]++;
        return Client::Next::Go;
    }));
    Table table({{"SERVICE"}, {"SERVER"}, {"CLIENTS", Align::Right}});
    Json groups = Json::array();
    std::uint64_t total = 0;
    for (const auto& [of, clients] : counts) {
        table.add({of.first.text(), of.second.text(), std::to_string(clients)});
        groups.push_back(
            {{"service", of.first.text()}, {"server", of.second.text()}, {"clients", clients}});
        total += clients;
    }
    table.add({"total", "", std::to_string(total)});
    context.output().report(
        text_of(table) + std::string(walk.duplicates ? kDuplicates : ""),
        {{"groups", std::move(groups)}, {"total", total}, {"duplicates", walk.duplicates}});
    return Exit::Done;
}

struct FlushOptions {
    FilterOptions filter;
    bool all = false;
};

void flush_options(Parser& app, FlushOptions& options) {
    entry_filter_options(app, options.filter);
    app.add_flag("--all", options.all, "every entry");
}

Result<Exit> flush(const FlushOptions& options, Context& context) {
    auto* const client = HG_TRY(context.client());
    const auto filter = HG_TRY(entry_filter(*client, options.filter));
    const auto flushed =
        HG_TRY(client->flush_affinities(HG_TRY(chosen(filter, options.all, "entries"))));
    context.output().report(
        fmt::format("flushed {} {}\n", flushed, flushed == 1 ? "entry" : "entries"),
        {{"flushed", flushed}});
    return Exit::Done;
}

} // namespace

void declare_affinity(Parser& app, Run& chosen) {
    static constexpr std::array kVerbs{
        Command{"list", "list which clients stay with which servers",
                verb<ListOptions, list_options, list>},
        Command{"count", "count them by service and server",
                verb<CountOptions, count_options, count>},
        Command{"flush", "let clients be scheduled anew; their conns live on",
                verb<FlushOptions, flush_options, flush>},
    };
    declare_all(app, kVerbs, chosen);
    app.require_subcommand(1);
}

} // namespace hg::cli

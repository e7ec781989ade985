#include "commands.h"
#include "number.h"
#include "view.h"

namespace hg::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto kIntervalMin = 100ms;
constexpr auto kIntervalMax = std::chrono::milliseconds(1h);

struct StatsOptions {
    std::string service; // empty: all
    bool rate = false;
    std::string interval = "1s";
};

void stats_options(Parser& app, StatsOptions& options) {
    app.add_option("SERVICE", options.service, "one service, by URL or name");
    app.add_flag("--rate", options.rate, "per second, by two readings");
    app.add_option("--interval", options.interval, "between the two readings")
        .capture_default_str();
}

Result<Exit> stats(const StatsOptions& options, Context& context) {
    const auto interval =
        HG_TRY(parse_duration(options.interval, "interval", kIntervalMin, kIntervalMax));
    auto* const client = HG_TRY(context.client());
    const auto first = HG_TRY(read_views(*client, options.service));
    if (!options.rate) {
        context.output().stats(first);
        return Exit::Done;
    }
    auto& host = context.host();
    const auto start = host.now();
    host.sleep(interval);
    auto second = HG_TRY(read_views(*client, options.service));
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(host.now() - start);
    context.output().rates(rates_between(first, std::move(second), passed), passed);
    return Exit::Done;
}

} // namespace

void declare_stats(Parser& app, Run& chosen) {
    verb<StatsOptions, stats_options, stats>(app, chosen);
}

} // namespace hg::cli

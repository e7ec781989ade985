#include "commands.h"
#include "event_report.h"
#include "json_values.h"
#include "listen.h"
#include "number.h"
#include "run.h"
#include "watch.h"

#include <nlohmann/json.hpp>

namespace hg::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto kIntervalMin = 100ms;
constexpr auto kIntervalMax = std::chrono::milliseconds(1h);

struct WatchOptions {
    std::string interval = "1s";
    bool conns = false;
};

void watch_options(Parser& app, WatchOptions& options) {
    app.add_option("--interval", options.interval, "between the counters").capture_default_str();
    app.add_flag("--conns", options.conns, "conns, and what becomes of them, too");
}

Result<Exit> watch(const WatchOptions& options, Context& context) {
    if (!context.output().is_for_programs()) {
        return usage_error("watch is for programs, and only with -j; for eyes there are \"show\" "
                           "and \"stats --rate\"");
    }
    const auto interval =
        HG_TRY(parse_duration(options.interval, "interval", kIntervalMin, kIntervalMax));
    auto* const client = HG_TRY(context.client());
    std::vector<EventGroup> groups{EventGroup::Config};
    if (options.conns) {
        groups.push_back(EventGroup::Conn);
    }
    Watch watch(context, *client, HG_TRY(listen(context, groups)),
                {.interval = interval, .conns = options.conns});
    const auto end = watch.run();
    if (end) {
        return Exit::Done; // nobody reads any more
    }
    // The reader of the stream learns from the stream why it ends.
    const auto error = reason_of_end(end.error(), context.host());
    context.output().line(
        "", {{"time", utc_text(context.host().wall_clock())}, {"error", to_json(error)}});
    return exit_of(error);
}

} // namespace

void declare_watch(Parser& app, Run& chosen) {
    verb<WatchOptions, watch_options, watch>(app, chosen);
}

} // namespace hg::cli

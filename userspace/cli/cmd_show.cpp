#include "commands.h"
#include "view.h"

namespace hg::cli {

namespace {

struct ShowOptions {
    std::string service; // empty: all
};

void show_options(Parser& app, ShowOptions& options) {
    app.add_option("SERVICE", options.service, "one service, by URL or name");
}

Result<Exit> show(const ShowOptions& options, Context& context) {
    auto* const client = HG_TRY(context.client());
    auto views = HG_TRY(read_views(*client, options.service));
    HG_TRY(mark_missing_vips(views, context.host()));
    context.output().tree(views, HG_TRY(client->info()).heartbeat);
    return Exit::Done;
}

} // namespace

Result<Exit> show_all(Context& context) { return show({}, context); }

void declare_show(Parser& app, Run& chosen) { verb<ShowOptions, show_options, show>(app, chosen); }

} // namespace hg::cli

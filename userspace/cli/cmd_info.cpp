#include "apply.h"
#include "commands.h"
#include "view.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hg::cli {

namespace {

Result<Exit> info(const NoOptions& /*options*/, Context& context) {
    auto* const client = HG_TRY(context.client());
    const auto services = HG_TRY(read_views(*client, ""));
    context.output().info(HG_TRY(read_info(*client, context.host(), services)));
    return Exit::Done;
}

Result<Exit> flush(const NoOptions& /*options*/, Context& context) {
    auto* const client = HG_TRY(context.client());
    HG_TRY(hg::flush(*client));
    context.output().done();
    return Exit::Done;
}

Result<Exit> version(const NoOptions& /*options*/, Context& context) {
    context.output().report(fmt::format("headgate {}\n", HG_VERSION), {{"version", HG_VERSION}});
    return Exit::Done;
}

} // namespace

void declare_info(Parser& app, Run& chosen) { verb<NoOptions, no_options, info>(app, chosen); }

void declare_flush(Parser& app, Run& chosen) { verb<NoOptions, no_options, flush>(app, chosen); }

void declare_version(Parser& app, Run& chosen) {
    verb<NoOptions, no_options, version>(app, chosen);
}

} // namespace hg::cli

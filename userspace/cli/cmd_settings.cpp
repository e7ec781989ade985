#include "commands.h"
#include "number.h"
#include "output.h"
#include "settings_keys.h"

#include <array>

namespace hg::cli {

namespace {

Result<Exit> get(const NoOptions& /*options*/, Context& context) {
    auto* const client = HG_TRY(context.client());
    context.output().settings(HG_TRY(client->settings()));
    return Exit::Done;
}

struct SetOptions {
    std::vector<std::string> assignments;
};

void set_options(Parser& app, SetOptions& options) {
    app.add_option("KEY=VALUE", options.assignments, "as \"settings get\" prints them").required();
}

Result<Exit> set(const SetOptions& options, Context& context) {
    SettingsChange change;
    for (const auto& assignment : options.assignments) {
        HG_TRY(apply_assignment(assignment, change));
    }
    auto* const client = HG_TRY(context.client());
    HG_TRY(client->set_settings(change));
    context.output().done();
    return Exit::Done;
}

} // namespace

void declare_settings(Parser& app, Run& chosen) {
    static constexpr std::array kVerbs{
        Command{"get", "print the settings", verb<NoOptions, no_options, get>},
        Command{"set", "change settings; the rest stays", verb<SetOptions, set_options, set>},
    };
    declare_all(app, kVerbs, chosen);
    app.require_subcommand(1);
}

} // namespace hg::cli

// The kernel module as a whole: another one in its place.
#include "commands.h"
#include "module_report.h"
#include "module_system.h"
#include "output.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>
#include <fmt/format.h>

namespace hg::cli {

namespace {

struct ReloadOptions {
    std::string file;
    std::string back;
    bool lose_conns = false;
    std::vector<std::string> parameters;
};

void reload_options(Parser& app, ReloadOptions& options) {
    app.add_option("--file", options.file, "load this file, instead of what modprobe finds")
        .type_name("FILE");
    app.add_option("--back", options.back, "load this file when the new module fails")
        .type_name("FILE");
    app.add_flag("--lose-conns", options.lose_conns, "even if there are connections");
    app.add_option("PARAMETER=VALUE", options.parameters, "of the new module");
}

Result<> check_parameter(const std::string& text) {
    const auto name = text.substr(0, text.find('='));
    const auto is_good = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    };
    if (name.size() == text.size() || name.empty() ||
        !std::all_of(name.begin(), name.end(), is_good)) {
        return usage_error(fmt::format("\"{}\" is no module parameter: NAME=VALUE is one", text));
    }
    return {};
}

// Nobody ends this half way: it ends soon by itself. The programs that it runs inherit it, since a
// terminal's Ctrl-C goes to them too.
void hold_signals() {
    sigset_t stops;
    sigemptyset(&stops);
    for (const auto signal : {SIGHUP, SIGINT, SIGTERM}) {
        sigaddset(&stops, signal);
    }
    sigprocmask(SIG_BLOCK, &stops, nullptr);
}

Result<Exit> reload(const ReloadOptions& options, Context& context) {
    for (const auto& parameter : options.parameters) {
        HG_TRY(check_parameter(parameter));
    }
    SystemMachine machine(context.host());
    const auto before = HG_TRY(survey_module(machine));
    if (!options.lose_conns) {
        HG_TRY(check_conns(before));
    }
    hold_signals();
    const auto done =
        HG_TRY(reload_module(machine, before, {{options.file, options.parameters}, options.back}));
    const auto report = reload_report(before.version, done);
    context.output().report(report.text, report.document);
    return Exit::Done;
}

} // namespace

void declare_module(Parser& app, Run& chosen) {
    static constexpr std::array kVerbs{
        Command{"reload", "replace the module that is loaded, the VIPs being guarded meanwhile",
                verb<ReloadOptions, reload_options, reload>},
    };
    declare_all(app, kVerbs, chosen);
    app.require_subcommand(1);
}

} // namespace hg::cli

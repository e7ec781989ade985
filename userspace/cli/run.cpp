#include "run.h"

#include "commands.h"
#include "output_json.h"
#include "output_text.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>

namespace hg::cli {

namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// CLI11 would call a mistyped command an unexpected argument, or ask for a missing one.
Result<> check_commands(const CLI::App& root, const std::vector<std::string>& words) {
    const auto* app = &root;
    for (std::size_t i = 0; i < words.size(); i++) {
        const auto subcommands = app->get_subcommands(nullptr);
        if (subcommands.empty()) {
            return {};
        }
        if (words[i] == "--netns") {
            i++; // its value
        } else if (!words[i].starts_with('-')) {
            const auto found =
                std::find_if(subcommands.begin(), subcommands.end(),
                             [&](const CLI::App* each) { return each->get_name() == words[i]; });
            if (found == subcommands.end()) {
                std::vector<std::string> names;
                for (const auto* const each : subcommands) {
                    if (!each->get_group().empty()) {
                        names.push_back(each->get_name());
                    }
                }
                return usage_error(fmt::format("unknown command \"{}\" (there are: {})", words[i],
                                               fmt::join(names, ", ")));
            }
            app = *found;
        }
    }
    return {};
}

// CLI11 lists all that is left over, backwards: the first of them is where to look.
tl::unexpected<Error> left_over(const CLI::App& app, const std::vector<std::string>& words) {
    const auto left = app.remaining(true);
    const auto first = std::find_first_of(words.begin(), words.end(), left.begin(), left.end());
    return usage_error(first == words.end() ? "unexpected arguments"
                                            : fmt::format("unexpected argument \"{}\"", *first));
}

std::unique_ptr<Output> make_output(bool json, std::ostream& out, std::ostream& err) {
    if (json) {
        return std::make_unique<JsonOutput>(out, err);
    }
    return std::make_unique<TextOutput>(out, err);
}

// The command that was asked for; nothing when help was, and has been given.
Result<Run> parse(const std::vector<std::string>& words, Globals& globals, std::ostream& out) {
    CLI::App app{"Headgate, a layer-4 load balancer in the Linux kernel", "headgate"};
    Run chosen;
    declare_app(app, globals, chosen);
    HG_TRY(check_commands(app, words));
    try {
        app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    } catch (const CLI::ExtrasError&) {
        return left_over(app, words);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            app.exit(error, out, out);
            return Run{};
        }
        return usage_error(first_line(error.what()));
    }
    if (!chosen) {
        return usage_error("a command is missing");
    }
    return chosen;
}

Result<Exit> perform(const std::vector<std::string>& words, Host& host, Output& output,
                     std::ostream& out) {
    Globals globals;
    const auto chosen = HG_TRY(parse(words, globals, out));
    if (!chosen) {
        return Exit::Done;
    }
    if (!globals.netns.empty()) {
        HG_TRY(host.enter_netns(globals.netns));
    }
    Context context(host, output, globals.netns);
    return chosen(context);
}

// Known before the rest is parsed, so that errors of parsing come in the right form too.
bool wants_json(const std::vector<std::string>& words) {
    const auto end = std::find(words.begin(), words.end(), "--");
    return std::any_of(words.begin(), end,
                       [](const auto& word) { return word == "-j" || word == "--json"; });
}

} // namespace

Exit exit_of(const Error& error) {
    switch (error.kind) {
    case Kind::Usage:
        return Exit::Usage;
    case Kind::Unreachable:
        return Exit::Unreachable;
    case Kind::Refused:
        break;
    }
    return Exit::Refused;
}

void declare_app(CLI::App& app, Globals& globals, Run& chosen) {
    app.add_flag("-j,--json", globals.json, "print JSON");
    app.add_option("--netns", globals.netns, "work in this network namespace")->type_name("NAME");
    Parser parser(app);
    declare_all(parser, commands(), chosen);
    app.require_subcommand(0, 1);
    app.callback([&app, &chosen] {
        if (app.get_subcommands().empty()) {
            chosen = show_all;
        }
    });
}

Exit run(const std::vector<std::string>& words, Host& host, std::ostream& out, std::ostream& err) {
    const auto output = make_output(wants_json(words), out, err);
    const auto result = perform(words, host, *output, out);
    out.flush();
    if (!result) {
        output->error(result.error());
        return exit_of(result.error());
    }
    return *result;
}

} // namespace hg::cli

// The table of commands: what each is called, what it takes, what runs it.
#pragma once

#include "context.h"

#include <CLI/CLI.hpp>
#include <span>

namespace hg::cli {

// What the command line asked for, once it is parsed.
using Run = std::function<Result<Exit>(Context&)>;

// A command declares its options (and verbs) and says by CHOSEN what is to be run.
struct Command {
    const char* name;
    const char* help;
    void (*declare)(CLI::App& app, Run& chosen);
};

[[nodiscard]] std::span<const Command> commands();

// Declares the commands of a table below an app.
void declare_all(CLI::App& app, std::span<const Command> table, Run& chosen);

// A verb with options, for a table: they live as long as the parser, and RUN gets them when it
// is chosen.
template <class Options, void (*options)(CLI::App&, Options&),
          Result<Exit> (*run)(const Options&, Context&)>
void verb(CLI::App& app, Run& chosen) {
    auto values = std::make_shared<Options>();
    options(app, *values);
    app.callback([values, &chosen] {
        chosen = [values](Context& context) { return run(*values, context); };
    });
}

// For a verb without any.
struct NoOptions {};

inline void no_options(CLI::App& /*app*/, NoOptions& /*options*/) {}

// What is run when nothing is asked for.
Result<Exit> show_all(Context& context);

void declare_show(CLI::App& app, Run& chosen);
void declare_service(CLI::App& app, Run& chosen);
void declare_server(CLI::App& app, Run& chosen);
void declare_conn(CLI::App& app, Run& chosen);
void declare_stats(CLI::App& app, Run& chosen);
void declare_settings(CLI::App& app, Run& chosen);
void declare_info(CLI::App& app, Run& chosen);
void declare_flush(CLI::App& app, Run& chosen);
void declare_version(CLI::App& app, Run& chosen);
void declare_completion(CLI::App& app, Run& chosen);

// cmd_config.cpp
void declare_apply(CLI::App& app, Run& chosen);
void declare_diff(CLI::App& app, Run& chosen);
void declare_save(CLI::App& app, Run& chosen);
// cmd_realserver.cpp
void declare_realserver(CLI::App& app, Run& chosen);

} // namespace hg::cli

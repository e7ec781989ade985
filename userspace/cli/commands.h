// The table of commands: what each is called, what it takes, what runs it.
#pragma once

#include "context.h"
#include "parser.h"

#include <memory>
#include <span>

namespace hg::cli {

// What the command line asked for, once it is parsed.
using Run = std::function<Result<Exit>(Context&)>;

// A command declares its options (and verbs) and says by CHOSEN what is to be run.
struct Command {
    const char* name;
    const char* help;
    void (*declare)(Parser& app, Run& chosen);
};

[[nodiscard]] std::span<const Command> commands();

// Declares the commands of a table below an app.
void declare_all(Parser& app, std::span<const Command> table, Run& chosen);

// A verb with options, for a table: they live as long as the parser, and RUN gets them when it
// is chosen.
template <class Options, void (*options)(Parser&, Options&),
          Result<Exit> (*run)(const Options&, Context&)>
void verb(Parser& app, Run& chosen) {
    auto values = std::make_shared<Options>();
    options(app, *values);
    app.callback([values, &chosen] {
        chosen = [values](Context& context) { return run(*values, context); };
    });
}

// For a verb without any.
struct NoOptions {};

inline void no_options(Parser& /*app*/, NoOptions& /*options*/) {}

// What is run when nothing is asked for.
Result<Exit> show_all(Context& context);

void declare_show(Parser& app, Run& chosen);
void declare_service(Parser& app, Run& chosen);
void declare_server(Parser& app, Run& chosen);
void declare_affinity(Parser& app, Run& chosen);
void declare_conn(Parser& app, Run& chosen);
void declare_stats(Parser& app, Run& chosen);
void declare_events(Parser& app, Run& chosen);
void declare_watch(Parser& app, Run& chosen);
void declare_settings(Parser& app, Run& chosen);
void declare_info(Parser& app, Run& chosen);
void declare_flush(Parser& app, Run& chosen);
void declare_version(Parser& app, Run& chosen);
void declare_completion(Parser& app, Run& chosen);

// cmd_config.cpp
void declare_apply(Parser& app, Run& chosen);
void declare_diff(Parser& app, Run& chosen);
void declare_save(Parser& app, Run& chosen);
// cmd_import.cpp
void declare_import(Parser& app, Run& chosen);
// cmd_daemon.cpp
void declare_reload(Parser& app, Run& chosen);
void declare_status(Parser& app, Run& chosen);
// cmd_module.cpp
void declare_module(Parser& app, Run& chosen);
// cmd_realserver.cpp
void declare_realserver(Parser& app, Run& chosen);

} // namespace hg::cli

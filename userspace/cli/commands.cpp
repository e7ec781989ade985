#include "commands.h"

#include <array>

namespace hg::cli {

std::span<const Command> commands() {
    static constexpr std::array kCommands{
        Command{"show", "services with their servers (the default)", declare_show},
        Command{"service", "add, change, delete, list services", declare_service},
        Command{"server", "add, change, delete, list the servers of a service", declare_server},
        Command{"conn", "list, count and kill tracked connections", declare_conn},
        Command{"affinity", "list, count and flush which clients stay where", declare_affinity},
        Command{"stats", "counters of services and servers, or their rates", declare_stats},
        Command{"events", "what happens, as it happens", declare_events},
        Command{"watch", "state, counters and events as a stream for programs", declare_watch},
        Command{"settings", "limits and timeouts of this network namespace", declare_settings},
        Command{"info", "the module: version, totals, schedulers, drops", declare_info},
        Command{"apply", "make the kernel match a configuration file", declare_apply},
        Command{"diff", "how the kernel differs from a configuration file", declare_diff},
        Command{"save", "print the running configuration", declare_save},
        Command{"import", "make a configuration file from another program's", declare_import},
        Command{"reload", "let headgated read its configuration anew", declare_reload},
        Command{"status", "health of servers and nodes, as headgated sees it", declare_status},
        Command{"flush", "delete every service", declare_flush},
        Command{"module", "replace the kernel module", declare_module},
        Command{"realserver", "set up or check a real server", declare_realserver},
        Command{"completion", "completion for a shell", declare_completion},
        Command{"version", "the version of this program", declare_version},
    };
    return kCommands;
}

void declare_all(Parser& app, std::span<const Command> table, Run& chosen) {
    for (const auto& command : table) {
        auto below = app.add_subcommand(command.name, command.help);
        command.declare(below, chosen);
    }
}

} // namespace hg::cli

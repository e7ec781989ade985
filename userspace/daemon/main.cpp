#include "daemon.h"
#include "lock.h"
#include "netns.h"
#include "run_folder.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <fmt/format.h>
#include <iostream>
#include <sys/resource.h>

namespace {

struct Arguments {
    hg::daemon::Options options;
    std::string netns;
    bool check_config = false;
};

void declare(CLI::App& app, Arguments& out) {
    app.add_option("-c,--config", out.options.config, "configuration, see headgate.yaml(5)")
        ->type_name("FILE");
    app.add_option("--socket", out.options.socket, "where to listen for headgate reload and status")
        ->type_name("PATH");
    app.add_option("--netns", out.netns, "work in this network namespace")->type_name("NAME");
    app.add_flag("--check-config", out.check_config,
                 "read the configuration, print how soon failures are seen, and end");
    app.set_version_flag("--version", "headgated " HG_VERSION);
}

// How long each service may send clients to a server that died.
int check_config(const std::string& path) {
    const auto config = hg::load_config(path);
    if (!config) {
        std::cerr << config.error().render(path);
        return 1;
    }
    for (const auto& pool : config->services) {
        const auto label = label_of(pool.service);
        if (const auto& check = pool.care.check) {
            std::cout << fmt::format("{}: {} check, a failure is seen within {} ms\n", label,
                                     hg::type_name(*check), hg::detection_bound(*check).count());
        } else {
            std::cout << fmt::format("{}: no check\n", label);
        }
    }
    return 0;
}

// A try of a check is a socket, and thousands may wait for servers that say nothing.
void allow_many_sockets() {
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
}

hg::Result<> serve(const Arguments& arguments, hg::daemon::Log& log) {
    if (!arguments.netns.empty()) {
        HG_TRY(hg::enter_netns(arguments.netns));
    }
    allow_many_sockets();
    // The same for all daemons, wherever their sockets are.
    const auto lock = HG_TRY(hg::daemon::lock_netns(hg::kRunFolder));
    return hg::daemon::Daemon(arguments.options, log).run();
}

} // namespace

int main(int argc, char** argv) {
    try {
        std::signal(SIGPIPE, SIG_IGN);
        CLI::App app{"keeps Headgate as the configuration says, and its servers' health",
                     "headgated"};
        Arguments arguments;
        declare(app, arguments);
        try {
            app.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            return app.exit(error) == 0 ? 0 : 2;
        }
        if (arguments.check_config) {
            return check_config(arguments.options.config);
        }
        if (arguments.options.socket.empty()) {
            arguments.options.socket = hg::daemon_socket_path(arguments.netns);
        }
        // The journal's socket is what systemd makes of the standard error.
        hg::daemon::Log log(std::cerr, std::getenv("JOURNAL_STREAM") != nullptr);
        const auto done = serve(arguments, log);
        if (!done) {
            log.error(done.error().text());
        }
        return done ? 0 : 1;
    } catch (const std::exception& bug) {
        std::cerr << "headgated: internal error: " << bug.what() << '\n';
        return 1;
    }
}

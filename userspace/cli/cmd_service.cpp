#include "args.h"
#include "check.h"
#include "commands.h"
#include "output.h"

#include <array>

namespace hg::cli {

namespace {

struct AddOptions {
    std::string url;
    std::string scheduler = "wlc";
    std::string name;
    bool hash_port = false;
    bool replace = false;
};

void add_options(Parser& app, AddOptions& options) {
    app.add_option("URL", options.url, "tcp://VIP:PORT or udp://VIP:PORT").required();
    app.add_option("--scheduler", options.scheduler, "how a server is chosen")
        .capture_default_str();
    app.add_option("--name", options.name, "a name, to be used in place of the URL");
    app.add_flag("--hash-port", options.hash_port, "sh, mh: hash the client's port too");
    app.add_flag("--replace", options.replace, "change it when it is there already");
}

// Only what differs is sent, so that an equal service stays untouched.
Result<> replace(Client& client, const ServiceSpec& want, const ServiceSpec& have) {
    ServiceChange change;
    if (!want.name.empty() && want.name != have.name) {
        change.name = want.name;
    }
    if (want.scheduler != have.scheduler) {
        change.scheduler = want.scheduler;
    }
    if (want.hash_port != have.hash_port) {
        change.hash_port = want.hash_port;
    }
    return change == ServiceChange{} ? Result<>{} : client.set_service(want.key, change);
}

Result<> add_or_replace(Client& client, const ServiceSpec& want) {
    auto added = client.add_service(want);
    if (added || added.error().code != std::errc::file_exists) {
        return added;
    }
    // The name may be what is taken, and by another service: then this is no replacement.
    const auto have = client.service(want.key);
    return have ? replace(client, want, have->spec) : added;
}

Result<Exit> add(const AddOptions& options, Context& context) {
    ServiceSpec service;
    service.key = HG_TRY(parse_service_key(options.url));
    service.name = options.name;
    service.scheduler = options.scheduler;
    service.hash_port = options.hash_port;
    HG_TRY(attempting(check_service(service), "add service " + service.key.text()));
    auto* const client = HG_TRY(context.client());
    HG_TRY(options.replace ? add_or_replace(*client, service) : client->add_service(service));
    context.output().done();
    return Exit::Done;
}

struct SetOptions {
    std::string service;
    std::optional<std::string> scheduler;
    std::optional<std::string> name;
    bool hash_port = false;
    bool no_hash_port = false;
};

void set_options(Parser& app, SetOptions& options) {
    app.add_option("SERVICE", options.service, "the service, by URL or name").required();
    app.add_option("--scheduler", options.scheduler, "how a server is chosen");
    app.add_option("--name", options.name, "a new name");
    // Two flags: CLI11 would set an optional<bool> to false before it has seen the line.
    const auto on =
        app.add_flag("--hash-port", options.hash_port, "sh, mh: hash the client's port too");
    app.add_flag("--no-hash-port", options.no_hash_port, "... or its address only").excludes(on);
}

Result<Exit> set(const SetOptions& options, Context& context) {
    ServiceChange change{.name = options.name, .scheduler = options.scheduler};
    if (options.hash_port || options.no_hash_port) {
        change.hash_port = options.hash_port;
    }
    if (change == ServiceChange{}) {
        return usage_error("nothing to change: give --scheduler, --name or --hash-port");
    }
    if (change.name) {
        HG_TRY(check_name(*change.name));
    }
    auto* const client = HG_TRY(context.client());
    const auto key = HG_TRY(find_service(*client, options.service));
    HG_TRY(client->set_service(key, change));
    context.output().done();
    return Exit::Done;
}

struct DelOptions {
    std::string service;
};

void del_options(Parser& app, DelOptions& options) {
    app.add_option("SERVICE", options.service, "the service, by URL or name").required();
}

Result<Exit> del(const DelOptions& options, Context& context) {
    auto* const client = HG_TRY(context.client());
    const auto key = HG_TRY(find_service(*client, options.service));
    HG_TRY(client->del_service(key));
    context.output().done();
    return Exit::Done;
}

Result<Exit> list(const NoOptions& /*options*/, Context& context) {
    auto* const client = HG_TRY(context.client());
    context.output().services(HG_TRY(client->list_services()));
    return Exit::Done;
}

} // namespace

void declare_service(Parser& app, Run& chosen) {
    static constexpr std::array kVerbs{
        Command{"add", "add a service", verb<AddOptions, add_options, add>},
        Command{"set", "change a service; its conns live on", verb<SetOptions, set_options, set>},
        Command{"del", "delete a service, its servers and conns",
                verb<DelOptions, del_options, del>},
        Command{"list", "list the services", verb<NoOptions, no_options, list>},
    };
    declare_all(app, kVerbs, chosen);
    app.require_subcommand(1);
}

} // namespace hg::cli

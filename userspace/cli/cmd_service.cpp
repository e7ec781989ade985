#include "args.h"
#include "change.h"
#include "check.h"
#include "commands.h"
#include "number.h"
#include "output.h"

#include <array>
#include <fmt/format.h>

namespace hg::cli {

namespace {

// What a service can be told beside its scheduler; what is absent stays, or is the default.
struct ConnOptions {
    std::vector<std::string> timeouts;
    std::optional<std::string> slow_start;
    std::optional<std::string> on_down;
};

void conn_options(Parser& app, ConnOptions& options) {
    app.add_option("--timeout", options.timeouts,
                   "STATE=DURATION of its conns, or =default; any number of them")
        .one_each()
        .type_name("STATE=DURATION");
    app.add_option("--slow-start", options.slow_start,
                   "so long until a server that comes has its full share; 0s: none");
    app.add_option("--on-down", options.on_down,
                   "conns of a server that goes down: keep, reset or reschedule");
}

Result<> parse_timeout(const std::string& assignment, TimeoutChanges& out) {
    const auto at = assignment.find('=');
    if (at == std::string::npos) {
        return usage_error(fmt::format("\"{}\" is not STATE=DURATION", assignment));
    }
    const auto value = assignment.substr(at + 1);
    auto& timeout = out[HG_TRY(parse_timeout_name(assignment.substr(0, at)))];
    timeout = value == "default"
                  ? std::chrono::milliseconds::zero()
                  : HG_TRY(parse_duration(value, "timeout", kTimeoutMin, kTimeoutMax));
    return {};
}

Result<> parse_conn_options(const ConnOptions& options, ServiceChange& out) {
    for (const auto& each : options.timeouts) {
        HG_TRY(parse_timeout(each, out.timeouts));
    }
    if (options.slow_start) {
        out.slow_start = HG_TRY(parse_duration(*options.slow_start, "slow start",
                                               std::chrono::milliseconds::zero(), kSlowStartMax));
    }
    if (options.on_down) {
        out.on_down = HG_TRY(parse_on_down(*options.on_down));
    }
    return {};
}

struct AffinityOptions {
    std::optional<std::string> timeout;
    std::optional<std::string> prefix;
    std::optional<std::string> drained;
};

void affinity_options(Parser& app, AffinityOptions& options) {
    app.add_option("--affinity", options.timeout,
                   "clients stay with their server until so long after their last conn; off: none");
    app.add_option("--affinity-prefix", options.prefix,
                   "clients with so many bits of the address in common are one");
    app.add_option("--affinity-drained", options.drained,
                   "\"keep\" a drained server's clients there, or let it \"lose\" them");
}

Result<AffinityChange> parse_affinity(const AffinityOptions& options, const ServiceKey& service) {
    AffinityChange out;
    if (options.timeout == "off") {
        out.timeout = std::chrono::milliseconds(0);
    } else if (options.timeout) {
        out.timeout =
            HG_TRY(parse_duration(*options.timeout, "affinity", kTimeoutMin, kTimeoutMax));
    }
    if (options.prefix) {
        const auto bits = bits_of(service.endpoint.address.family());
        const auto prefix =
            HG_TRY(parse_number(*options.prefix, "affinity prefix", {1, std::uint64_t{bits}}));
        out.prefix = static_cast<std::uint8_t>(prefix == bits ? 0 : prefix);
    }
    if (options.drained) {
        out.drained = HG_TRY(parse_drained(*options.drained));
    }
    return out;
}

struct AddOptions {
    std::string url;
    ConnOptions conns;
    std::string scheduler = "wlc";
    std::string name;
    bool hash_port = false;
    AffinityOptions affinity;
    bool replace = false;
};

void add_options(Parser& app, AddOptions& options) {
    app.add_option("URL", options.url, "tcp://VIP:PORT or udp://VIP:PORT").required();
    app.add_option("--scheduler", options.scheduler, "how a server is chosen")
        .capture_default_str();
    app.add_option("--name", options.name, "a name, to be used in place of the URL");
    app.add_flag("--hash-port", options.hash_port, "sh, mh: hash the client's port too");
    conn_options(app, options.conns);
    affinity_options(app, options.affinity);
    app.add_flag("--replace", options.replace, "change it when it is there already");
}

// Only what differs is sent, so that an equal service stays untouched.
Result<> replace(Client& client, const ServiceSpec& want, const ServiceSpec& have) {
    auto change = change_between(have, want);
    if (want.name.empty()) {
        change.name.reset();
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

// A prefix or a rule for drained servers means nothing without affinity.
Result<AffinitySpec> new_affinity(const AffinityOptions& options, const ServiceKey& service) {
    const auto change = HG_TRY(parse_affinity(options, service));
    if (change.timeout.value_or(std::chrono::milliseconds(0)).count() == 0) {
        if (change.prefix || change.drained) {
            return usage_error("--affinity-prefix and --affinity-drained need --affinity TIME");
        }
        return AffinitySpec{};
    }
    return AffinitySpec{.timeout = *change.timeout,
                        .prefix = change.prefix.value_or(0),
                        .drained = change.drained.value_or(Drained::Keep)};
}

Result<Exit> add(const AddOptions& options, Context& context) {
    ServiceSpec service;
    service.key = HG_TRY(parse_service_key(options.url));
    service.name = options.name;
    service.scheduler = options.scheduler;
    service.hash_port = options.hash_port;
    ServiceChange more;
    HG_TRY(parse_conn_options(options.conns, more));
    service = changed(service, more);
    service.affinity = HG_TRY(new_affinity(options.affinity, service.key));
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
    ConnOptions conns;
    AffinityOptions affinity;
};

void set_options(Parser& app, SetOptions& options) {
    app.add_option("SERVICE", options.service, "the service, by URL or name").required();
    app.add_option("--scheduler", options.scheduler, "how a server is chosen");
    app.add_option("--name", options.name, "a new name");
    // Two flags: CLI11 would set an optional<bool> to false before it has seen the line.
    const auto on =
        app.add_flag("--hash-port", options.hash_port, "sh, mh: hash the client's port too");
    app.add_flag("--no-hash-port", options.no_hash_port, "... or its address only").excludes(on);
    conn_options(app, options.conns);
    affinity_options(app, options.affinity);
}

Result<Exit> set(const SetOptions& options, Context& context) {
    ServiceChange change{.name = options.name, .scheduler = options.scheduler};
    if (options.hash_port || options.no_hash_port) {
        change.hash_port = options.hash_port;
    }
    HG_TRY(parse_conn_options(options.conns, change));
    if (change == ServiceChange{} && !options.affinity.timeout && !options.affinity.prefix &&
        !options.affinity.drained) {
        return usage_error("nothing to change: give --scheduler, --name, --hash-port, --timeout, "
                           "--slow-start, --on-down or --affinity");
    }
    if (change.name) {
        HG_TRY(check_name(*change.name));
    }
    auto* const client = HG_TRY(context.client());
    const auto key = HG_TRY(find_service(*client, options.service));
    change.affinity = HG_TRY(parse_affinity(options.affinity, key));
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

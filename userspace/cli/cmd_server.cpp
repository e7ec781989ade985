#include "args.h"
#include "change.h"
#include "check.h"
#include "output.h"
#include "server_target.h"

#include <array>

namespace hg::cli {

namespace {

// Words that a server's settings come in; what is absent stays, or is the default.
struct SettingOptions {
    ServerTarget target;
    std::optional<std::string> forward;
    std::optional<std::string> tunnel;
    std::optional<std::string> weight;
    std::optional<std::string> upper;
    std::optional<std::string> lower;
    bool replace = false;
};

void set_options(Parser& app, SettingOptions& options) {
    target_options(app, options.target);
    app.add_option("--forward", options.forward, "nat, direct, tunnel or local");
    app.add_option("--tunnel", options.tunnel, "with --forward tunnel: ipip");
    app.add_option("--weight", options.weight, "0 to 65535; 0: no new conns");
    app.add_option("--upper", options.upper, "no new conns with so many; 0: no bound [0]");
    app.add_option("--lower", options.lower,
                   "... until there are fewer than these; 0: three quarters of them [0]");
}

void add_options(Parser& app, SettingOptions& options) {
    set_options(app, options);
    app.add_flag("--replace", options.replace, "change it when it is there already");
}

Result<ServerChange> parse_settings(const SettingOptions& options) {
    ServerChange out;
    if (options.forward) {
        out.mode = HG_TRY(parse_mode(*options.forward));
    }
    if (options.tunnel) {
        out.tunnel = HG_TRY(parse_tunnel(*options.tunnel));
    }
    if (options.weight) {
        out.weight = HG_TRY(parse_weight(*options.weight));
    }
    if (options.upper) {
        out.upper = HG_TRY(parse_threshold(*options.upper, "upper"));
        if (out.upper == 0) {
            out.lower = 0; // without the one bound there is no other
        }
    }
    if (options.lower) {
        out.lower = HG_TRY(parse_threshold(*options.lower, "lower"));
    }
    return out;
}

Result<ServerSpec> parse_spec(const SettingOptions& options) {
    const auto settings = HG_TRY(parse_settings(options));
    const auto out = changed({.endpoint = HG_TRY(parse_endpoint(options.target.server))}, settings);
    if (options.tunnel && out.mode != Mode::Tunnel) {
        return usage_error("--tunnel needs --forward tunnel");
    }
    return out;
}

// Only what differs is sent, so that an equal server stays untouched. The admin's state is not
// among the words of "add", and stays.
Result<> replace(Client& client, const ServiceKey& service, const ServerSpec& want) {
    const auto have = HG_TRY(client.server(service, want.endpoint)).spec;
    auto change = change_between(have, want);
    change.admin_state.reset();
    return change == ServerChange{} ? Result<>{}
                                    : client.set_server(service, want.endpoint, change);
}

Result<Exit> add(const SettingOptions& options, Context& context) {
    const auto server = HG_TRY(parse_spec(options));
    auto* const client = HG_TRY(context.client());
    const auto service = HG_TRY(find_service(*client, options.target.service));
    HG_TRY(attempting(check_server(service, server),
                      "add server " + with_port_of(service, server.endpoint).text() + " to " +
                          service.text()));
    const auto added = client->add_server(service, server);
    if (!added && options.replace && added.error().code == std::errc::file_exists) {
        HG_TRY(replace(*client, service, server));
    } else {
        HG_TRY(added);
    }
    context.output().done();
    return Exit::Done;
}

// A new mode may not suit the server's port or family, which only the kernel remembers.
Result<> check_change(Client& client, const ServiceKey& service, const Endpoint& endpoint,
                      const ServerChange& change) {
    if (!change.mode && !change.tunnel) {
        return {};
    }
    auto server = HG_TRY(client.server(service, endpoint)).spec;
    server.mode = change.mode.value_or(server.mode);
    if (change.tunnel && server.mode != Mode::Tunnel) {
        return usage_error("--tunnel needs --forward tunnel");
    }
    return attempting(check_server(service, server),
                      "change server " + server.endpoint.text() + " of " + service.text());
}

Result<Exit> set(const SettingOptions& options, Context& context) {
    const auto change = HG_TRY(parse_settings(options));
    if (change == ServerChange{}) {
        return usage_error(
            "nothing to change: give --forward, --tunnel, --weight, --upper or --lower");
    }
    const auto server = HG_TRY(parse_endpoint(options.target.server));
    auto* const client = HG_TRY(context.client());
    const auto service = HG_TRY(find_service(*client, options.target.service));
    HG_TRY(check_change(*client, service, server, change));
    HG_TRY(client->set_server(service, server, change));
    context.output().done();
    return Exit::Done;
}

Result<Exit> del(const ServerTarget& target, Context& context) {
    const auto found = HG_TRY(find_target(target, context));
    HG_TRY(found.client->del_server(found.service, found.server));
    context.output().done();
    return Exit::Done;
}

Result<Exit> change_target(const ServerTarget& target, Context& context,
                           const ServerChange& change) {
    const auto found = HG_TRY(find_target(target, context));
    HG_TRY(found.client->set_server(found.service, found.server, change));
    context.output().done();
    return Exit::Done;
}

template <AdminState state> Result<Exit> admin(const ServerTarget& target, Context& context) {
    return change_target(target, context, {.admin_state = state});
}

// The admin's bit only: what others say of the server stays.
template <bool down> Result<Exit> mask(const ServerTarget& target, Context& context) {
    constexpr std::uint32_t kAdmin = HEADGATE_DOWN_ADMIN;
    const MaskedBits bits{.value = down ? kAdmin : 0, .mask = kAdmin};
    return change_target(target, context, {.down = bits});
}

Result<Exit> reset(const ServerTarget& target, Context& context) {
    const auto found = HG_TRY(find_target(target, context));
    HG_TRY(found.client->reset_server(found.service, found.server));
    context.output().done();
    return Exit::Done;
}

// Takes back a drain, and nothing else: a server in maint stays there.
Result<Exit> undrain(const ServerTarget& target, Context& context) {
    const auto found = HG_TRY(find_target(target, context));
    const auto have = HG_TRY(found.client->server(found.service, found.server)).spec;
    if (have.admin_state == AdminState::Maint) {
        return attempting<Exit>(
            refusal("it is in maint: \"server ready\" takes it back", std::errc::invalid_argument),
            "undrain server " + have.endpoint.text() + " of " + found.service.text());
    }
    if (have.admin_state == AdminState::Drain) {
        const ServerChange ready{.admin_state = AdminState::Ready};
        HG_TRY(found.client->set_server(found.service, found.server, ready));
    }
    context.output().done();
    return Exit::Done;
}

struct ListOptions {
    std::string service; // empty: all
};

void list_options(Parser& app, ListOptions& options) {
    app.add_option("SERVICE", options.service, "the service, by URL or name");
}

Result<Exit> list(const ListOptions& options, Context& context) {
    auto* const client = HG_TRY(context.client());
    if (options.service.empty()) {
        context.output().servers(HG_TRY(client->list_servers()));
        return Exit::Done;
    }
    const auto service = HG_TRY(find_service(*client, options.service));
    context.output().servers(HG_TRY(client->list_servers(service)));
    return Exit::Done;
}

template <Result<Exit> (*run)(const ServerTarget&, Context&)>
constexpr auto kTargetVerb = verb<ServerTarget, target_options, run>;

} // namespace

void declare_server(Parser& app, Run& chosen) {
    static constexpr std::array kVerbs{
        Command{"add", "add a server to a service", verb<SettingOptions, add_options, add>},
        Command{"set", "change a server", verb<SettingOptions, set_options, set>},
        Command{"del", "delete a server; its conns live on", kTargetVerb<del>},
        Command{"list", "list servers", verb<ListOptions, list_options, list>},
        Command{"up", "take back \"down\"", kTargetVerb<mask<false>>},
        Command{"down", "mask: no new conns, whatever checks say", kTargetVerb<mask<true>>},
        Command{"drain", "no new conns, the old ones live on", declare_drain},
        Command{"undrain", "take back \"drain\"", kTargetVerb<undrain>},
        Command{"maint", "take out for maintenance", kTargetVerb<admin<AdminState::Maint>>},
        Command{"ready", "take back \"drain\" or \"maint\"", kTargetVerb<admin<AdminState::Ready>>},
        Command{"reset", "take back what was done by hand", kTargetVerb<reset>},
    };
    declare_all(app, kVerbs, chosen);
    app.require_subcommand(1);
}

} // namespace hg::cli

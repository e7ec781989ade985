#include "apply.h"
#include "commands.h"
#include "output.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hg::cli {

namespace {

// A check's answer comes from the VIP, one of our own addresses, in these modes; only IPv4 minds.
bool needs_accept_local(const Server& server) {
    return server.service.endpoint.address.family() == Family::V4 &&
           (server.spec.mode == Mode::Direct || server.spec.mode == Mode::Tunnel);
}

Result<Exit> info(const NoOptions& /*options*/, Context& context) {
    auto* const client = HG_TRY(context.client());
    InfoView view;
    view.info = HG_TRY(client->info());
    view.settings = HG_TRY(client->settings());
    const auto servers = HG_TRY(client->list_servers());
    if (std::any_of(servers.begin(), servers.end(), needs_accept_local)) {
        view.without_accept_local = context.host().without_accept_local();
    }
    context.output().info(view);
    return Exit::Done;
}

Result<Exit> flush(const NoOptions& /*options*/, Context& context) {
    auto* const client = HG_TRY(context.client());
    HG_TRY(hg::flush(*client));
    context.output().done();
    return Exit::Done;
}

Result<Exit> version(const NoOptions& /*options*/, Context& context) {
    context.output().report(fmt::format("headgate {}\n", HG_VERSION), {{"version", HG_VERSION}});
    return Exit::Done;
}

} // namespace

void declare_info(Parser& app, Run& chosen) { verb<NoOptions, no_options, info>(app, chosen); }

void declare_flush(Parser& app, Run& chosen) { verb<NoOptions, no_options, flush>(app, chosen); }

void declare_version(Parser& app, Run& chosen) {
    verb<NoOptions, no_options, version>(app, chosen);
}

} // namespace hg::cli

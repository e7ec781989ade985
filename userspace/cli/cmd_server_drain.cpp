#include "number.h"
#include "output.h"
#include "server_target.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hg::cli {

namespace {

constexpr std::chrono::milliseconds kLook{200};

struct DrainOptions {
    ServerTarget target;
    std::optional<std::string> deadline;
    std::optional<std::string> then;
    bool remove = false;
    bool wait = false;
};

void drain_options(Parser& app, DrainOptions& options) {
    target_options(app, options.target);
    app.add_option("--deadline", options.deadline, "wait no longer for its conns: 60s, 5m");
    app.add_option("--then", options.then, "what the conns left then meet: keep or reset [keep]");
    app.add_flag("--remove", options.remove, "delete the server at the end");
    app.add_flag("--wait", options.wait, "return when it is over, and say how it went");
}

Result<Drain> parse_drain(const DrainOptions& options) {
    Drain out{.remove = options.remove};
    if (options.deadline) {
        out.deadline = HG_TRY(parse_duration(*options.deadline, "deadline",
                                             std::chrono::milliseconds(1), kDeadlineMax));
    }
    if (options.then) {
        out.then = HG_TRY(parse_then(*options.then));
        if (!options.deadline) {
            return usage_error("--then needs --deadline: it is what happens then");
        }
    }
    return out;
}

bool is_gone(const Error& error) { return error.code == std::errc::no_such_file_or_directory; }

// Conns of a server, be it listed or removed.
Result<std::uint32_t> conns_of(const FoundServer& found) {
    const ConnFilter filter{.service = found.service,
                            .server = with_port_of(found.service, found.server)};
    std::uint32_t out = 0;
    for (const auto& each : HG_TRY(found.client->count_conns(filter)).servers) {
        for (std::size_t state = 0; state < kConnStates; state++) {
            out += state + 1 == HEADGATE_A_COUNTS_KILLED ? 0 : each.conns[state];
        }
    }
    return out;
}

// Says how many conns are left whenever that changes. What a removed server leaves, when it is
// over, are those that are kept.
Result<std::uint32_t> wait_for(const FoundServer& found, bool is_removed_at_end, Context& context) {
    std::optional<std::uint32_t> told;
    for (;;) {
        const auto server = found.client->server(found.service, found.server);
        if (!server && is_removed_at_end && is_gone(server.error())) {
            return conns_of(found);
        }
        HG_TRY(server);
        if (server->spec.admin_state != AdminState::Drain) {
            return refusal(fmt::format("the drain was taken back: the server is {}",
                                       name(server->spec.admin_state)),
                           std::errc::operation_canceled);
        }
        const auto left = server->active + server->inactive;
        if ((server->status & HEADGATE_STATUS_DRAINED) != 0 && !is_removed_at_end) {
            return left;
        }
        if (told != left) {
            context.output().progress(fmt::format("{} conns left", left));
            told = left;
        }
        context.host().sleep(kLook);
    }
}

Result<Exit> drain(const DrainOptions& options, Context& context) {
    const auto order = HG_TRY(parse_drain(options));
    const auto found = HG_TRY(find_target(options.target, context));
    HG_TRY(found.client->set_server(found.service, found.server, {.drain = order}));
    if (!options.wait) {
        context.output().done();
        return Exit::Done;
    }
    const auto left = HG_TRY(attempting(
        wait_for(found, options.remove, context),
        fmt::format("wait for the drain of {}", with_port_of(found.service, found.server).text())));
    context.output().report(left == 0 ? std::string("drained\n")
                                      : fmt::format("the deadline passed, {} conns left\n", left),
                            {{"drained", left == 0}, {"conns_left", left}});
    return left == 0 ? Exit::Done : Exit::Differs;
}

} // namespace

void declare_drain(Parser& app, Run& chosen) {
    verb<DrainOptions, drain_options, drain>(app, chosen);
}

} // namespace hg::cli

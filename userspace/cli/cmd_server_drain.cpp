#include "number.h"
#include "output.h"
#include "server_target.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hg::cli {

namespace {

constexpr std::chrono::milliseconds kLook{200}; // between two of them

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

// How a drain has ended.
struct End {
    std::uint32_t left = 0;   // conns that go on
    std::uint32_t killed = 0; // those that it had when the deadline came
};

// One drain, from its order to its end.
class Wait {
public:
    Wait(const FoundServer& found, const Drain& order, Context& context)
        : found_(found), order_(order), context_(context), began_(context.host().now()) {}

    Result<End> to_end() {
        for (;;) {
            if (const auto end = HG_TRY(look())) {
                return *end;
            }
            context_.host().sleep(kLook);
        }
    }

private:
    // Says how many conns are left whenever that changes.
    Result<std::optional<End>> look() {
        const auto server = found_.client->server(found_.service, found_.server);
        if (!server && order_.remove && is_gone(server.error())) {
            return after(HG_TRY(conns_of(found_)));
        }
        HG_TRY(server);
        if (server->spec.admin_state != AdminState::Drain) {
            return refusal(fmt::format("the drain was taken back: the server is {}",
                                       name(server->spec.admin_state)),
                           std::errc::operation_canceled);
        }
        const auto left = server->active + server->inactive;
        if ((server->status & HEADGATE_STATUS_DRAINED) != 0 && !order_.remove) {
            return after(left);
        }
        // Killed conns are remembered for a while, which nobody has to wait for.
        if (left != 0 && is_time_to_kill() && HG_TRY(conns_of(found_)) == 0) {
            return after(0);
        }
        HG_TRY(tell(left));
        return std::nullopt;
    }

    [[nodiscard]] bool is_time_to_kill() const {
        return order_.then == Then::Reset && context_.host().now() - began_ >= order_.deadline;
    }

    // What goes on after a deadline that kills is about to be killed.
    [[nodiscard]] std::optional<End> after(std::uint32_t left) const {
        if (!is_time_to_kill()) {
            return End{.left = left};
        }
        return left == 0 ? std::optional(End{.killed = seen_}) : std::nullopt;
    }

    Result<> tell(std::uint32_t left) {
        auto text = fmt::format("{} conns left", left);
        if (left == 0 && HG_TRY(remembers_clients())) {
            text += ", waiting for clients that affinity remembers";
        }
        if (told_ != text) {
            context_.output().progress(text);
        }
        told_ = std::move(text);
        seen_ = left;
        return {};
    }

    Result<bool> remembers_clients() {
        if (!has_affinity_) {
            const auto service = HG_TRY(found_.client->service(found_.service));
            has_affinity_ = service.spec.affinity != AffinitySpec{};
        }
        return *has_affinity_;
    }

    FoundServer found_;
    Drain order_;
    Context& context_;
    std::chrono::steady_clock::time_point began_;
    std::uint32_t seen_ = 0;
    std::string told_;
    std::optional<bool> has_affinity_;
};

std::string end_text(const End& end) {
    if (end.killed != 0) {
        return fmt::format("the deadline passed, {} conns were killed\n", end.killed);
    }
    return end.left == 0 ? std::string("drained\n")
                         : fmt::format("the deadline passed, {} conns left\n", end.left);
}

Result<Exit> drain(const DrainOptions& options, Context& context) {
    const auto order = HG_TRY(parse_drain(options));
    const auto found = HG_TRY(find_target(options.target, context));
    Wait wait(found, order, context);
    HG_TRY(found.client->set_server(found.service, found.server, {.drain = order}));
    if (!options.wait) {
        context.output().done();
        return Exit::Done;
    }
    const auto end = HG_TRY(
        attempting(wait.to_end(), fmt::format("wait for the drain of {}",
                                              with_port_of(found.service, found.server).text())));
    const auto is_by_itself = end.left == 0 && end.killed == 0;
    context.output().report(
        end_text(end),
        {{"drained", is_by_itself}, {"conns_left", end.left}, {"conns_killed", end.killed}});
    return end.left == 0 ? Exit::Done : Exit::Differs;
}

} // namespace

void declare_drain(Parser& app, Run& chosen) {
    verb<DrainOptions, drain_options, drain>(app, chosen);
}

} // namespace hg::cli

#include "args.h"
#include "commands.h"
#include "event_report.h"
#include "listen.h"
#include "number.h"
#include "view.h"

#include <limits>
#include <nlohmann/json.hpp>

namespace hg::cli {

namespace {

struct EventsOptions {
    std::string service; // empty: all
    bool config = false;
    bool conns = false;
    std::optional<std::string> count;
};

void events_options(Parser& app, EventsOptions& options) {
    app.add_option("SERVICE", options.service, "only of one service, by URL or name");
    app.add_flag("--config", options.config, "changes of the configuration (the default)");
    app.add_flag("--conns", options.conns, "what becomes of conns");
    app.add_option("--count", options.count, "end after so many");
}

Result<std::uint64_t> parse_count(const std::optional<std::string>& text) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    return text ? parse_number(*text, "count", {1, kMost})
                : std::numeric_limits<std::uint64_t>::max();
}

// A configuration that never rests is not known: then the first event of each thing does not say
// what it changed.
Result<Known> read_known(Client& client, Host& host) {
    const auto state = HG_TRY(read_state(client, host));
    return state ? Known(state->info.info.generation, state->services) : Known();
}

class Listing {
public:
    // Of ONLY, if any; HEARS_CONFIG: changes of the configuration are among what is told.
    Listing(Client& client, Context& context, const std::optional<ServiceKey>& only,
            bool hears_config)
        : client_(client), context_(context), only_(only), hears_config_(hears_config) {}

    // Until COUNT are printed or nobody reads them any more.
    Result<> run(EventStream& stream, std::uint64_t count) {
        known_ = HG_TRY(read_known(client_, context_.host()));
        for (bool is_read = true; is_read && printed_ < count;) {
            const auto told = HG_TRY(stream.next(kReaderCheck));
            is_read = told ? HG_TRY(print(*told)) : context_.host().output_is_read();
        }
        return {};
    }

private:
    // Prints what is told, and says whether anybody reads it.
    Result<bool> print(const Told& told) {
        auto& output = context_.output();
        if (const auto* const lost = std::get_if<Lost>(&told)) {
            const auto now = context_.host().wall_clock();
            const auto is_read = output.line(lost_line(*lost, now), lost_document(*lost, now));
            const auto of_config = hears_config_ && lost->group != EventGroup::Conn;
            return is_read && of_config ? resync() : is_read;
        }
        const auto& event = std::get<Event>(told);
        const auto changed = known_.take(event);
        if (!is_wanted(event)) {
            return true;
        }
        printed_++;
        return output.line(event_line(event, changed), event_document(event, changed));
    }

    // Prints what nobody told: what the state read anew has otherwise than what is known.
    Result<bool> resync() {
        auto& output = context_.output();
        const auto before = std::exchange(known_, HG_TRY(read_known(client_, context_.host())));
        bool is_read = true;
        known_.differences_from(
            before, context_.host().wall_clock(), [&](const Event& event, const Json& changed) {
                if (is_read && is_wanted(event)) {
                    is_read =
                        output.line(found_line(event, changed), found_document(event, changed));
                }
            });
        return is_read;
    }

    [[nodiscard]] bool is_wanted(const Event& event) const {
        return !only_ || service_of(event) == only_;
    }

    Client& client_;
    Context& context_;
    std::optional<ServiceKey> only_;
    bool hears_config_;
    Known known_;
    std::uint64_t printed_ = 0;
};

bool hears_config(const EventsOptions& options) { return options.config || !options.conns; }

std::vector<EventGroup> groups_of(const EventsOptions& options) {
    std::vector<EventGroup> out;
    if (hears_config(options)) {
        out.push_back(EventGroup::Config);
    }
    if (options.conns) {
        out.push_back(EventGroup::Conn);
    }
    return out;
}

Result<Exit> events(const EventsOptions& options, Context& context) {
    const auto count = HG_TRY(parse_count(options.count));
    auto* const client = HG_TRY(context.client());
    std::optional<ServiceKey> only;
    if (!options.service.empty()) {
        only = HG_TRY(find_service(*client, options.service));
    }
    auto stream = HG_TRY(listen(context, groups_of(options)));
    Listing listing(*client, context, only, hears_config(options));
    const auto end = listing.run(stream, count);
    if (!end) {
        return tl::make_unexpected(reason_of_end(end.error(), context.host()));
    }
    return Exit::Done;
}

} // namespace

void declare_events(Parser& app, Run& chosen) {
    verb<EventsOptions, events_options, events>(app, chosen);
}

} // namespace hg::cli

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

using namespace std::chrono_literals;

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

// What is in force now. A configuration that never rests is not known: then events say how
// things are, and not how they were.
Result<Known> read_known(Client& client) {
    auto views = read_views(client, "");
    if (!views && views.error().code == std::errc::resource_unavailable_try_again) {
        return Known();
    }
    return Known(HG_TRY(std::move(views)));
}

class Listing {
public:
    Listing(Client& client, Context& context, std::optional<ServiceKey> only)
        : client_(client), context_(context), only_(std::move(only)) {}

    Result<> resync() {
        known_ = HG_TRY(read_known(client_));
        return {};
    }

    [[nodiscard]] std::uint64_t printed() const { return printed_; }

    // Prints what is told, and says whether anybody reads it.
    Result<bool> print(const Told& told) {
        auto& output = context_.output();
        if (const auto* const lost = std::get_if<Lost>(&told)) {
            HG_TRY(resync());
            const auto now = context_.host().wall_clock();
            return output.line(lost_line(*lost, now), lost_document(*lost, now));
        }
        const auto& event = std::get<Event>(told);
        const auto changed = known_.take(event);
        if (only_ && service_of(event) != only_) {
            return true;
        }
        printed_++;
        return output.line(event_line(event, changed), event_document(event, changed));
    }

private:
    Client& client_;
    Context& context_;
    std::optional<ServiceKey> only_;
    Known known_;
    std::uint64_t printed_ = 0;
};

std::vector<EventGroup> groups_of(const EventsOptions& options) {
    std::vector<EventGroup> out;
    if (options.config || !options.conns) {
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
    Listing listing(*client, context, only);
    HG_TRY(listing.resync());
    for (bool is_read = true; is_read && listing.printed() < count;) {
        if (const auto told = HG_TRY(stream.next(1h))) {
            is_read = HG_TRY(listing.print(*told));
        }
    }
    return Exit::Done;
}

} // namespace

void declare_events(Parser& app, Run& chosen) {
    verb<EventsOptions, events_options, events>(app, chosen);
}

} // namespace hg::cli

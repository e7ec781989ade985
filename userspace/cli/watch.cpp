#include "watch.h"

#include "event_report.h"
#include "json_values.h"
#include "listen.h"
#include "number.h"
#include "view.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace hg::cli {

namespace {

using namespace std::chrono_literals;

// A state of many services takes long to read: changes of a while share one.
constexpr auto kStateEvery = 1s;
// Listing conns takes long: what gets lost meanwhile must not make it go on for ever.
constexpr auto kConnsEvery = 10s;
// More than a socket's buffer holds: whoever took so many has taken all that was in it.
constexpr int kQueueMost = 65536;

Json numbers_of(const Server& server) {
    const auto all = to_json(server);
    Json out{{"server", all["server"]}};
    for (const auto* const key : {"active", "inactive", "effective_weight", "ramp", "overloaded",
                                  "drained", "drain", "counters"}) {
        out[key] = all[key];
    }
    return out;
}

Json numbers_of(const ServiceView& view) {
    const auto& service = view.service;
    Json servers = Json::array();
    for (const auto& server : view.servers) {
        servers.push_back(numbers_of(server));
    }
    return {{"service", service.spec.key.text()},
            {"active", service.active},
            {"inactive", service.inactive},
            {"counters", to_json(service.counters)},
            {"servers", std::move(servers)}};
}

bool loses(const Told& told, EventGroup group) {
    const auto* const lost = std::get_if<Lost>(&told);
    return lost != nullptr && lost->group.value_or(group) == group;
}

} // namespace

Result<> Watch::run() {
    while (is_read_) {
        HG_TRY(step());
    }
    return {};
}

// Does what is due, or takes what comes until something is.
Result<> Watch::step() {
    const auto now = context_.host().now();
    if (state_due_ && now >= next_state_) {
        return send_state();
    }
    if (conns_due_ && now >= next_conns_) {
        return send_conns();
    }
    if (now >= next_counters_) {
        return send_counters();
    }
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due() - now);
    if (const auto told = HG_TRY(stream_.next(std::min(wait, kReaderCheck)))) {
        take(*told);
    } else {
        is_read_ &= context_.host().output_is_read();
    }
    return {};
}

Watch::Clock::time_point Watch::due() const {
    auto out = next_counters_;
    if (state_due_) {
        out = std::min(out, next_state_);
    }
    if (conns_due_) {
        out = std::min(out, next_conns_);
    }
    return out;
}

// An event that the state knows already must not come after it, or a reader that applies one
// after the other would go back.
Result<> Watch::send_state() {
    next_state_ = context_.host().now() + kStateEvery;
    auto state = HG_TRY(read_state(client_, context_.host()));
    if (!state) {
        return {}; // again when it is due again
    }
    HG_TRY(mark_missing_vips(state->services, context_.host()));
    state_due_ = false;
    HG_TRY(take_queued(state->info.info.generation));
    conns_due_ |= options_.conns && !begun_;
    begun_ = true;
    send("state", {{"info", to_json(state->info)},
                   {"settings", to_json(state->info.settings)},
                   {"services", to_json(state->services)}});
    next_counters_ = context_.host().now() + options_.interval;
    if (held_) {
        take(*std::exchange(held_, std::nullopt));
    }
    return {};
}

// All events that the state knows; one that comes even later says what the state says.
Result<> Watch::take_queued(std::uint32_t generation) {
    for (int i = 0; i < kQueueMost; i++) {
        auto told = HG_TRY(stream_.next(0ms));
        if (!told) {
            return {};
        }
        if (const auto* const event = std::get_if<Event>(&*told);
            event != nullptr && may_follow(*event, generation)) {
            held_ = std::move(told);
            return {};
        }
        const auto due = state_due_ || loses(*told, EventGroup::Config);
        take(*told);
        state_due_ = due;
    }
    return {};
}

// Events wait in the socket meanwhile. A conn goes out as it comes: there may be a million.
Result<> Watch::send_conns() {
    conns_due_ = false;
    send("conns", {{"phase", "begin"}});
    std::uint64_t listed = 0;
    const auto walk = HG_TRY(client_.list_conns({}, [&](const Conn& conn) {
        send("conn", to_json(conn));
        listed++;
        return is_read_ ? Client::Next::Go : Client::Next::Stop;
    }));
    send("conns", {{"phase", "end"}, {"listed", listed}, {"duplicates", walk.duplicates}});
    next_conns_ = context_.host().now() + kConnsEvery;
    return {};
}

Result<> Watch::send_counters() {
    next_counters_ = context_.host().now() + options_.interval;
    const auto info = HG_TRY(client_.info());
    const auto services = read_views(client_, "");
    if (!services && services.error().code == std::errc::resource_unavailable_try_again) {
        return {};
    }
    Json numbers = Json::array();
    for (const auto& view : HG_TRY(services)) {
        numbers.push_back(numbers_of(view));
    }
    send("counters", {{"generation", info.generation},
                      {"conns", info.conns},
                      {"drops", drops_to_json(info)},
                      {"services", std::move(numbers)}});
    return {};
}

void Watch::take(const Told& told) {
    if (!begun_) {
        return;
    }
    auto& output = context_.output();
    if (const auto* const lost = std::get_if<Lost>(&told)) {
        state_due_ |= loses(told, EventGroup::Config);
        conns_due_ |= options_.conns && loses(told, EventGroup::Conn);
        is_read_ &= output.line("", lost_document(*lost, context_.host().wall_clock()));
        return;
    }
    const auto& event = std::get<Event>(told);
    state_due_ |= changes_the_set(event);
    is_read_ &= output.line("", event_document(event, Json::object()));
}

void Watch::send(std::string_view kind, Json content) {
    const auto time = utc_text(context_.host().wall_clock());
    is_read_ &= context_.output().line("", {{"time", time}, {kind, std::move(content)}});
}

} // namespace hg::cli

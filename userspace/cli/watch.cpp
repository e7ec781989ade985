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
    if (now >= next_counters_) {
        return send_counters();
    }
    const auto due = state_due_ ? std::min(next_state_, next_counters_) : next_counters_;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due - now);
    if (const auto told = HG_TRY(stream_.next(std::min(wait, kReaderCheck)))) {
        take(*told);
    } else {
        is_read_ &= context_.host().output_is_read();
    }
    return {};
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
    begun_ = true;
    send("state", {{"info", to_json(state->info)},
                   {"settings", to_json(state->info.settings)},
                   {"services", to_json(state->services)}});
    next_counters_ = context_.host().now() + interval_;
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
        const auto due = state_due_ || std::holds_alternative<Lost>(*told);
        take(*told);
        state_due_ = due;
    }
    return {};
}

Result<> Watch::send_counters() {
    next_counters_ = context_.host().now() + interval_;
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
        state_due_ |= lost->group != EventGroup::Conn;
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

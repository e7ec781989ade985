// The stream for programs that follow all there is: state, counters, events, in one order.
#pragma once

#include "context.h"
#include "event_stream.h"
#include "output.h"

namespace hg::cli {

class Watch {
public:
    using Clock = std::chrono::steady_clock;

    struct Options {
        std::chrono::milliseconds interval; // between the counters
        bool conns = false;                 // those there are, before their events
    };

    Watch(Context& context, Client& client, EventStream stream, const Options& options)
        : context_(context), client_(client), stream_(std::move(stream)), options_(options) {}

    // A state, and what comes after it until nobody reads any more or something fails.
    Result<> run();

private:
    Result<> step();
    Result<> send_state();
    Result<> send_conns();
    Result<> send_counters();
    [[nodiscard]] Clock::time_point due() const;
    Result<> take_queued(std::uint32_t generation);
    void take(const Told& told);
    void send(std::string_view kind, Json content);

    Context& context_;
    Client& client_;
    EventStream stream_;
    Options options_;
    std::optional<Told> held_; // for after the state that is sent next
    bool is_read_ = true;
    bool begun_ = false;    // the first state was sent
    bool state_due_ = true; // what was sent is not all any more
    bool conns_due_ = false;
    Clock::time_point next_state_;
    Clock::time_point next_conns_;
    Clock::time_point next_counters_ = Clock::time_point::max();
};

} // namespace hg::cli

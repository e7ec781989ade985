// Events in their order, and the word that some were lost.
#pragma once

#include "codec.h"

#include <deque>
#include <memory>

namespace hg {

// A listener that follows something by its events has to read it anew.
struct Lost {
    std::optional<EventGroup> group = {};     // empty: of any group
    std::optional<std::uint32_t> events = {}; // how many, where the next event told

    bool operator==(const Lost&) const = default;
};

using Told = std::variant<Event, Lost>;

class EventStream {
public:
    explicit EventStream(std::unique_ptr<EventChannel> channel) : channel_(std::move(channel)) {}

    // The next of them, or nothing when there was none within TIMEOUT. The error is of the kind
    // Unreachable when the module is gone, and with it all events.
    Result<std::optional<Told>> next(std::chrono::milliseconds timeout);

private:
    // What is known of a group's numbers.
    struct Count {
        std::optional<std::uint32_t> last;
        bool overrun = false; // the kernel spoke of a loss: the next gap may be it
        bool told = false;    // the listener knows of the next gap already
    };

    Result<> take(const Message& message);
    void take(Event event);
    void begin_overrun();
    void end_overrun();

    std::unique_ptr<EventChannel> channel_;
    std::deque<Told> waiting_;
    std::array<Count, 2> counts_; // by group
    bool draining_ = false;       // what waited in the kernel when it spoke of a loss
};

} // namespace hg

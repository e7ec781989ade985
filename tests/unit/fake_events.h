// A channel that tells what a test wrote down, one step after the other.
#pragma once

#include "codec.h"

#include <deque>
#include <functional>

namespace hg::test {

struct Step {
    enum class Kind { Datagram, Overrun, Quiet };

    Kind kind = Kind::Quiet;
    Bytes datagram = {};
    std::function<void()> meanwhile = [] {}; // what happens just before
};

struct FakeEvents {
    std::deque<Step> steps;
    std::vector<EventGroup> joined;

    void tell(
        const Event& event, std::function<void()> meanwhile = [] {});

    void overrun() { steps.push_back({.kind = Step::Kind::Overrun}); }

    // Nothing comes for as long as somebody waits.
    void quiet(std::function<void()> meanwhile = [] {});
};

// Ends as if the module was unloaded when there are no more steps.
class FakeChannel final : public EventChannel {
public:
    FakeChannel(FakeEvents& events, std::function<void(std::chrono::milliseconds)> pass)
        : events_(events), pass_(std::move(pass)) {}

    [[nodiscard]] std::uint16_t family() const override;
    Result<std::optional<Bytes>> receive(std::chrono::milliseconds timeout) override;

private:
    FakeEvents& events_;
    std::function<void(std::chrono::milliseconds)> pass_; // time
};

// Whole datagrams.
[[nodiscard]] Bytes event_datagram(const Event& event);
[[nodiscard]] Bytes family_gone_datagram(std::uint16_t family);

// Events of a sequence, all at 2026-01-02T03:04:05.006007Z.
[[nodiscard]] Event config_event(headgate_event type, std::uint32_t sequence,
                                 std::uint32_t generation,
                                 std::variant<std::monostate, Service, Server, Conn> subject = {});
[[nodiscard]] Event conn_event(headgate_event type, std::uint32_t sequence, const Conn& conn);

} // namespace hg::test

#include "fake_events.h"

#include "fake_kernel.h"

#include <cerrno>
#include <linux/genetlink.h>

namespace hg::test {

namespace {

constexpr std::chrono::nanoseconds kTime(1'767'323'045'006'007'000);

Bytes encode(const std::monostate& /*nothing*/) { return {}; }

using test::encode;

} // namespace

void FakeEvents::tell(const Event& event, std::function<void()> meanwhile) {
    steps.push_back({.kind = Step::Kind::Datagram,
                     .datagram = event_datagram(event),
                     .meanwhile = std::move(meanwhile)});
}

void FakeEvents::quiet(std::function<void()> meanwhile) {
    steps.push_back({.kind = Step::Kind::Quiet, .meanwhile = std::move(meanwhile)});
}

std::uint16_t FakeChannel::family() const { return FakeKernel::kFamily; }

Result<std::optional<Bytes>> FakeChannel::receive(std::chrono::milliseconds timeout) {
    auto& steps = events_.steps;
    const auto quiet = steps.empty() || steps.front().kind == Step::Kind::Quiet;
    if (quiet && timeout.count() == 0) {
        return std::optional<Bytes>{};
    }
    if (steps.empty()) {
        return std::optional<Bytes>(family_gone_datagram(family()));
    }
    auto step = std::move(steps.front());
    steps.pop_front();
    if (quiet) {
        pass_(timeout);
    }
    step.meanwhile();
    if (step.kind == Step::Kind::Overrun) {
        return system_error(ENOBUFS, "read from the kernel");
    }
    return quiet ? std::optional<Bytes>{} : std::optional<Bytes>(std::move(step.datagram));
}

Bytes event_datagram(const Event& event) {
    AttributeWriter out;
    out.nest(HEADGATE_A_EVENT, [&](AttributeWriter& nest) {
        nest.u32(HEADGATE_A_EVENT_TYPE, event.type)
            .u32(HEADGATE_A_EVENT_SEQUENCE, event.sequence)
            .u64(HEADGATE_A_EVENT_TIME,
                 static_cast<std::uint64_t>(event.time.time_since_epoch().count()));
        if (event.group == EventGroup::Config) {
            nest.u32(HEADGATE_A_EVENT_GENERATION, event.generation);
        }
    });
    auto attributes = std::move(out).take();
    const auto subject = std::visit([](const auto& value) { return encode(value); }, event.subject);
    attributes.insert(attributes.end(), subject.begin(), subject.end());
    return make_message({.type = FakeKernel::kFamily, .command = HEADGATE_CMD_EVENT, .version = 1},
                        attributes);
}

Bytes family_gone_datagram(std::uint16_t family) {
    AttributeWriter out;
    out.text(CTRL_ATTR_FAMILY_NAME, HEADGATE_GENL_NAME).u16(CTRL_ATTR_FAMILY_ID, family);
    return make_message({.type = GENL_ID_CTRL, .command = CTRL_CMD_DELFAMILY, .version = 2},
                        std::move(out).take());
}

Event config_event(headgate_event type, std::uint32_t sequence, std::uint32_t generation,
                   std::variant<std::monostate, Service, Server, Conn> subject) {
    return {.type = type,
            .group = EventGroup::Config,
            .sequence = sequence,
            .time = decltype(Event::time)(kTime),
            .generation = generation,
            .subject = std::move(subject)};
}

Event conn_event(headgate_event type, std::uint32_t sequence, const Conn& conn) {
    return {.type = type,
            .group = EventGroup::Conn,
            .sequence = sequence,
            .time = decltype(Event::time)(kTime),
            .subject = conn};
}

} // namespace hg::test

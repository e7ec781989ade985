// What the module tells unasked, as plain values.
#pragma once

#include "model.h"

#include <variant>

namespace hg {

// The multicast groups; each counts its events for itself.
enum class EventGroup : std::uint8_t { Config, Conn };

struct Event {
    std::uint32_t type = 0; // headgate_event
    EventGroup group = EventGroup::Config;
    std::uint32_t sequence = 0; // of the group
    std::chrono::sys_time<std::chrono::nanoseconds> time = {};
    std::uint32_t generation = 0; // config only: of the configuration after the change
    // What it is about, as it stands after the change, or before its end.
    std::variant<std::monostate, Service, Server, Conn> subject = {};

    bool operator==(const Event&) const = default;
};

[[nodiscard]] std::string_view name(EventGroup group); // "config", "conn": as the kernel has them
[[nodiscard]] std::string_view event_name(std::uint32_t type); // "service_new", ...
// The service it is about, or whose server or conn it is about.
[[nodiscard]] std::optional<ServiceKey> service_of(const Event& event);
// Whether it is of the configuration, and may have happened after a state of that generation was
// read: what ends a drain raises no generation.
[[nodiscard]] bool may_follow(const Event& event, std::uint32_t generation);
// Whether it may have changed which services and servers there are, or the settings.
[[nodiscard]] bool changes_the_set(const Event& event);

} // namespace hg

#include "change.h"

namespace hg {

namespace {

template <class T> std::optional<T> if_changed(const T& from, const T& to) {
    return from == to ? std::nullopt : std::optional<T>(to);
}

template <class T> void put(T& field, const std::optional<T>& value) {
    if (value) {
        field = *value;
    }
}

} // namespace

ServiceChange change_between(const ServiceSpec& from, const ServiceSpec& to) {
    ServiceChange change;
    change.name = if_changed(from.name, to.name);
    change.scheduler = if_changed(from.scheduler, to.scheduler);
    change.hash_port = if_changed(from.hash_port, to.hash_port);
    for (std::size_t i = 0; i < kTimeouts; i++) {
        change.timeouts[i] = if_changed(from.timeouts[i], to.timeouts[i]);
    }
    change.slow_start = if_changed(from.slow_start, to.slow_start);
    change.on_down = if_changed(from.on_down, to.on_down);
    // All of it: what the kernel keeps of an affinity that was off is not known.
    if (const auto& affinity = to.affinity; affinity != from.affinity) {
        change.affinity = {affinity.timeout, affinity.prefix, affinity.drained};
    }
    return change;
}

ServerChange change_between(const ServerSpec& from, const ServerSpec& to) {
    ServerChange change;
    change.mode = if_changed(from.mode, to.mode);
    if (to.mode == Mode::Tunnel) {
        change.tunnel = if_changed(from.tunnel, to.tunnel);
    }
    change.weight = if_changed(from.weight, to.weight);
    change.admin_state = if_changed(from.admin_state, to.admin_state);
    change.upper = if_changed(from.upper, to.upper);
    change.lower = if_changed(from.lower, to.lower);
    return change;
}

ServiceSpec changed(ServiceSpec spec, const ServiceChange& change) {
    put(spec.name, change.name);
    put(spec.scheduler, change.scheduler);
    put(spec.hash_port, change.hash_port);
    for (std::size_t i = 0; i < kTimeouts; i++) {
        put(spec.timeouts[i], change.timeouts[i]);
    }
    put(spec.slow_start, change.slow_start);
    put(spec.on_down, change.on_down);
    put(spec.affinity.timeout, change.affinity.timeout);
    put(spec.affinity.prefix, change.affinity.prefix);
    put(spec.affinity.drained, change.affinity.drained);
    return spec;
}

ServerSpec changed(ServerSpec spec, const ServerChange& change) {
    put(spec.mode, change.mode);
    put(spec.tunnel, change.tunnel);
    put(spec.weight, change.weight);
    put(spec.admin_state, change.admin_state);
    put(spec.upper, change.upper);
    put(spec.lower, change.lower);
    return spec;
}

SettingsChange change_to(const Settings& settings) {
    SettingsChange change;
    change.conn_limit = settings.conn_limit;
    change.affinity_limit = settings.affinity_limit;
    change.check_mark_first = settings.check_mark_first;
    change.check_mark_last = settings.check_mark_last;
    for (std::size_t i = 0; i < kTimeouts; i++) {
        change.timeouts[i] = settings.timeouts[i];
    }
    return change;
}

} // namespace hg

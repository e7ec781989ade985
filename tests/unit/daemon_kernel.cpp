#include "daemon_kernel.h"

#include "change.h"

#include <algorithm>

namespace hg::daemon::test {

namespace {

tl::unexpected<Error> unreachable() {
    return tl::make_unexpected(
        Error{.kind = Kind::Unreachable,
              .code = std::make_error_code(std::errc::no_such_file_or_directory),
              .attempted = {},
              .reason = "the module is not loaded",
              .attribute = {}});
}

void take(Server& server, const ServerChange& change) {
    // The keeper's word on what was overridden changes only what is managed.
    const auto by_hand = server.spec;
    server.spec = changed(server.spec, change);
    if (change.down) {
        server.down = (server.down & ~change.down->mask) | change.down->value;
    }
    server.factor = change.factor.value_or(server.factor);
    if (change.managed) {
        server.managed = Managed{server.spec.weight, server.spec.admin_state};
        if ((server.overrides & HEADGATE_OVERRIDE_WEIGHT) != 0) {
            server.spec.weight = by_hand.weight;
        }
    }
}

void reset(Server& server) {
    server.spec.weight = server.managed->weight;
    server.spec.admin_state = server.managed->admin_state;
    server.overrides = 0;
    server.down &= ~std::uint32_t{HEADGATE_DOWN_ADMIN};
}

auto is(const ServiceKey& service, const Endpoint& server) {
    return
        [&](const Server& each) { return each.service == service && each.spec.endpoint == server; };
}

} // namespace

Result<Running> FakeKernel::read() {
    reads++;
    if (gone) {
        return unreachable();
    }
    if (unreadable_after && commits.size() >= *unreadable_after) {
        return hg::refusal("interrupted", std::errc::interrupted);
    }
    return Running{generation, services, servers};
}

Result<std::uint32_t> FakeKernel::commit(const Difference& difference, std::uint32_t based_on) {
    if (gone) {
        return unreachable();
    }
    if (stale > 0) {
        stale--;
        generation++;
    }
    if (based_on != generation) {
        return hg::refusal("stale", static_cast<std::errc>(ESTALE));
    }
    const auto is_refused = [&](const Op& op) {
        const auto* const set = std::get_if<SetServer>(&op);
        return !refuses || (set != nullptr && set->service == *refuses);
    };
    if (refusal && std::any_of(difference.begin(), difference.end(), is_refused)) {
        return tl::make_unexpected(*refusal);
    }
    const auto at = [&](const ServiceKey& service, const Endpoint& server) {
        return std::find_if(servers.begin(), servers.end(), is(service, server));
    };
    for (const auto& op : difference) {
        if (const auto* add = std::get_if<AddService>(&op)) {
            Service service;
            service.spec = add->service;
            service.managed = add->managed;
            services.push_back(service);
        } else if (const auto* set = std::get_if<SetService>(&op)) {
            for (auto& each : services) {
                if (each.spec.key == set->before.key) {
                    each.spec = changed(each.spec, set->change);
                    each.managed = set->change.managed.value_or(each.managed);
                }
            }
        } else if (const auto* del = std::get_if<DelService>(&op)) {
            std::erase_if(services, [&](auto& s) { return s.spec.key == del->service.key; });
            std::erase_if(servers, [&](auto& s) { return s.service == del->service.key; });
        } else if (const auto* added = std::get_if<AddServer>(&op)) {
            Server server;
            server.service = added->service;
            server.spec = added->server;
            server.check_mark = 0x10000 + servers.size();
            take(server, added->besides);
            servers.push_back(server);
        } else if (const auto* moved = std::get_if<SetServer>(&op)) {
            take(*at(moved->service, moved->before.endpoint), moved->change);
        } else if (const auto* gone_server = std::get_if<DelServer>(&op)) {
            servers.erase(at(gone_server->service, gone_server->server.endpoint));
        } else if (const auto* taken_back = std::get_if<ResetServer>(&op)) {
            reset(*at(taken_back->service, taken_back->server.endpoint));
        }
    }
    commits.push_back(difference);
    return ++generation;
}

void FakeKernel::remove(const ServiceKey& service, const Endpoint& server) {
    std::erase_if(servers, is(service, server));
    generation++;
}

const Server* FakeKernel::find(const ServiceKey& service, const Endpoint& server) const {
    const auto found = std::find_if(servers.begin(), servers.end(), is(service, server));
    return found == servers.end() ? nullptr : &*found;
}

} // namespace hg::daemon::test

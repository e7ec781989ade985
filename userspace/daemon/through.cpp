#include "through.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace hg::daemon {

namespace {

bool goes_through(const PoolConfig& pool) {
    return pool.care.check && pool.care.check->through_service;
}

// Their answers come from the VIP, which is an address of this machine, straight to it.
bool answers_as_the_vip(const ServerSpec& server) {
    return server.mode == Mode::Direct || server.mode == Mode::Tunnel;
}

Result<> refused(const PoolConfig& pool, const std::string& why) {
    return attempting<void>(refusal(why, std::errc::invalid_argument),
                            fmt::format("check {} through the service", label_of(pool.service)));
}

// Each server of the kernel has a mark of its own, whatever its service's check is.
Result<> check_marks(const PoolConfig& pool, const Settings& settings, std::size_t servers) {
    if (settings.check_mark_last == 0) {
        return refused(pool, "check marks are off: headgate settings set "
                             "check_mark_first=0x10000 check_mark_last=0x1ffff");
    }
    const auto marks = std::size_t{settings.check_mark_last} - settings.check_mark_first + 1;
    if (marks < servers) {
        return refused(pool, fmt::format("there are {} check marks for {} servers: headgate "
                                         "settings set check_mark_last={:#x}",
                                         marks, servers, settings.check_mark_first + servers - 1));
    }
    return {};
}

// A server may hold the VIPs of all services, not that of this one alone.
Result<> check_source(const Config& config, const PoolConfig& pool) {
    const auto& source = pool.care.check->source;
    if (!source) {
        return refused(pool, "direct and tunnel servers answer to where the check comes from, and "
                             "it would come from the VIP itself: write \"source: ADDRESS\" into "
                             "the check, an address of this machine that is not a VIP");
    }
    const auto other =
        std::find_if(config.services.begin(), config.services.end(), [&](const PoolConfig& each) {
            return each.service.key.endpoint.address == *source;
        });
    if (other != config.services.end()) {
        return refused(pool,
                       fmt::format("its source {} is the VIP of {}: direct and tunnel servers "
                                   "would answer themselves; write another address of this "
                                   "machine into \"source: {}\"",
                                   source->text(), label_of(other->service), source->text()));
    }
    return {};
}

Result<> check_interfaces(const PoolConfig& pool, const AcceptLocal& accept_local) {
    if (!accept_local.on.empty() || accept_local.off.empty()) {
        return {};
    }
    return refused(
        pool, fmt::format("answers of direct and tunnel servers come from the VIP, an address of "
                          "this machine, and no interface takes such packets: sysctl -w "
                          "net.ipv4.conf.{}.accept_local=1, where they come in (there are: {})",
                          accept_local.off.front(), fmt::join(accept_local.off, ", ")));
}

Result<> check_way_back(const Config& config, const PoolConfig& pool,
                        const AcceptLocal& accept_local) {
    const auto& servers = pool.servers;
    if (std::none_of(servers.begin(), servers.end(), answers_as_the_vip)) {
        return {};
    }
    HG_TRY(check_source(config, pool));
    // IPv6 has no such rule.
    return pool.service.key.endpoint.address.family() == Family::V4
               ? check_interfaces(pool, accept_local)
               : Result<>();
}

} // namespace

bool goes_through(const Config& config) {
    return std::any_of(config.services.begin(), config.services.end(),
                       [](const PoolConfig& pool) { return goes_through(pool); });
}

Result<> check_through(const Config& config, const Settings& settings,
                       const AcceptLocal& accept_local) {
    const auto servers = std::accumulate(
        config.services.begin(), config.services.end(), std::size_t{0},
        [](std::size_t sum, const PoolConfig& pool) { return sum + pool.servers.size(); });
    for (const auto& pool : config.services) {
        if (goes_through(pool)) {
            HG_TRY(check_marks(pool, settings, servers));
            HG_TRY(check_way_back(config, pool, accept_local));
        }
    }
    return {};
}

} // namespace hg::daemon

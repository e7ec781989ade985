#include "realserver_check.h"

#include <algorithm>
#include <fmt/format.h>

namespace hg::cli {

namespace {

constexpr std::uint32_t kIpv6MtuMin = 1280;
constexpr std::uint32_t kIpv4MtuMin = 576;
constexpr std::uint32_t kTunnelMtu = 1480;

bool silences_arp(int ignore) { return ignore == 1 || ignore == 2 || ignore == 8; }

class Checker {
public:
    Checker(RealHost& host, const RealServerOptions& options) : host_(host), options_(options) {}

    Result<std::vector<Finding>> run() {
        links_ = HG_TRY(host_.links());
        addresses_ = HG_TRY(host_.addresses());
        gateways_ = HG_TRY(host_.default_gateways());
        for (const auto& vip : options_.vips) {
            HG_TRY(check_vip(vip));
        }
        check_gateways();
        return std::move(findings_);
    }

private:
    void add(const std::string& vip, std::string problem, std::string cure) {
        Finding finding{vip, std::move(problem), std::move(cure)};
        if (std::find(findings_.begin(), findings_.end(), finding) == findings_.end()) {
            findings_.push_back(std::move(finding));
        }
    }

    const Link* link(const std::string& name) const {
        const auto found = std::find_if(links_.begin(), links_.end(),
                                        [&](const Link& each) { return each.name == name; });
        return found == links_.end() ? nullptr : &*found;
    }

    // 0 for what is not there: such a sysctl has no say.
    Result<int> number(const std::string& path) {
        const auto text = HG_TRY(host_.sysctl(path));
        return text ? std::atoi(text->c_str()) : 0;
    }

    Result<> check_vip(const Address& vip) {
        const auto device = choose_device(options_, vip, links_);
        if (vip.family() == Family::V6) {
            HG_TRY(check_ipv6(vip, device));
        } else {
            HG_TRY(check_arp());
        }
        if (options_.mode == Mode::Tunnel) {
            HG_TRY(check_tunnel(vip, device));
        }
        check_address(vip, device);
        return {};
    }

    void check_address(const Address& vip, const std::string& device) {
        bool is_there = false;
        for (const auto& each : addresses_) {
            if (each.address != vip) {
                continue;
            }
            const auto* const on = link(each.device);
            const auto text = fmt::format("{}/{}", vip.text(), each.prefix);
            if (on != nullptr && on->answers_arp) {
                add(vip.text(),
                    fmt::format("it is on {}, which answers {} for it: clients would come here "
                                "past the director",
                                each.device, vip.family() == Family::V4 ? "ARP" : "neighbours"),
                    fmt::format("ip address del {} dev {}", text, each.device));
            } else if (each.prefix != host_prefix(vip)) {
                add(vip.text(),
                    fmt::format("it is on {} with the prefix length {}: this host takes that whole "
                                "network for its own; it has to be {}",
                                each.device, each.prefix, host_prefix(vip)),
                    fmt::format("ip address del {} dev {}; {}", text, each.device,
                                command_text(address_want(vip, each.device))));
                is_there = true;
            } else {
                is_there = is_there || options_.device.empty() || each.device == device;
            }
        }
        if (!is_there) {
            add(vip.text(), fmt::format("it is missing on {}", device),
                command_text(address_want(vip, device)));
        }
    }

    static Want address_want(const Address& vip, const std::string& device) {
        return {
            Want::Kind::Address, device, fmt::format("{}/{}", vip.text(), host_prefix(vip)), {}};
    }

    // Each interface that answers ARP, with what "all" adds: the larger of the two counts.
    Result<> check_arp() {
        const auto all_ignore = HG_TRY(number(conf_path(Family::V4, "all", "arp_ignore")));
        const auto all_announce = HG_TRY(number(conf_path(Family::V4, "all", "arp_announce")));
        for (const auto& each : links_) {
            if (!each.answers_arp || !each.is_up) {
                continue;
            }
            const auto own_ignore = HG_TRY(number(conf_path(Family::V4, each.name, "arp_ignore")));
            const auto ignore = std::max(all_ignore, own_ignore);
            if (!silences_arp(ignore)) {
                const auto at = silences_arp(std::max(1, own_ignore)) ? "all" : each.name;
                add("",
                    fmt::format("arp_ignore is {} on {}: this host answers ARP there for addresses "
                                "that are on lo or a tunnel",
                                ignore, each.name),
                    command_text(
                        {Want::Kind::Sysctl, conf_path(Family::V4, at, "arp_ignore"), "1", {}}));
            }
            const auto own_announce =
                HG_TRY(number(conf_path(Family::V4, each.name, "arp_announce")));
            if (std::max(all_announce, own_announce) < 2) {
                add("",
                    fmt::format("arp_announce is {} on {}: this host's own ARP requests carry the "
                                "VIP, and neighbours learn it from them",
                                std::max(all_announce, own_announce), each.name),
                    command_text({Want::Kind::Sysctl,
                                  conf_path(Family::V4, "all", "arp_announce"),
                                  "2",
                                  {}}));
            }
        }
        return {};
    }

    Result<> check_ipv6(const Address& vip, const std::string& device) {
        if (!HG_TRY(host_.sysctl(conf_path(Family::V6, "all", "disable_ipv6")))) {
            add(vip.text(), "this kernel runs without IPv6", "modprobe ipv6");
            return {};
        }
        const auto path = conf_path(Family::V6, device, "disable_ipv6");
        if (HG_TRY(number(path)) != 0) {
            add(vip.text(), fmt::format("IPv6 is disabled on {}", device),
                command_text({Want::Kind::Sysctl, path, "0", {}}));
        }
        return {};
    }

    Result<> check_tunnel(const Address& vip, const std::string& device) {
        const auto kind = tunnel_device(vip.family(), options_.outer).kind;
        const auto* const tunnel = link(device);
        if (tunnel == nullptr) {
            add(vip.text(), fmt::format("the tunnel device {} is missing", device),
                command_text({Want::Kind::Link, device, kind, {}}));
            return {};
        }
        if (tunnel->kind != kind) {
            add(vip.text(),
                fmt::format("{} is {}, and packets of this tunnel come to one of type {}", device,
                            tunnel->kind.empty() ? "no tunnel" : "of type " + tunnel->kind, kind),
                command_text({Want::Kind::Link,
                              tunnel_device(vip.family(), options_.outer).ours,
                              kind,
                              {}}));
            return {};
        }
        if (!tunnel->is_up) {
            add(vip.text(), fmt::format("the tunnel device {} is down", device),
                command_text({Want::Kind::LinkUp, device, "up", {}}));
        }
        check_mtu(vip, *tunnel);
        return vip.family() == Family::V4 ? check_rp_filter(vip, device) : Result<>{};
    }

    void check_mtu(const Address& vip, const Link& tunnel) {
        const auto least = vip.family() == Family::V4 ? kIpv4MtuMin : kIpv6MtuMin;
        if (tunnel.mtu < least) {
            add(vip.text(),
                fmt::format("the MTU of {} is {}: {} needs at least {}", tunnel.name, tunnel.mtu,
                            name(vip.family()), least),
                fmt::format("ip link set {} mtu {}", tunnel.name, kTunnelMtu));
        }
    }

    Result<> check_rp_filter(const Address& vip, const std::string& device) {
        const auto path = conf_path(Family::V4, device, "rp_filter");
        const auto own = HG_TRY(number(path));
        const auto all = HG_TRY(number(conf_path(Family::V4, "all", "rp_filter")));
        if (std::max(own, all) == 1) {
            add(vip.text(),
                fmt::format("rp_filter is strict on {}{}: packets out of the tunnel are dropped, "
                            "since answers leave by another interface",
                            device, own == 1 ? "" : " (by net.ipv4.conf.all)"),
                command_text({Want::Kind::Sysctl, path, "2", {}}));
        }
        return {};
    }

    void check_gateways() {
        for (const auto& gateway : gateways_) {
            const bool is_vip = std::find(options_.vips.begin(), options_.vips.end(), gateway) !=
                                options_.vips.end();
            if (is_vip || gateway == options_.director) {
                add("",
                    fmt::format("the default gateway {} is {}: it would drop the answers as "
                                "martians, their source being its own VIP; the gateway has to be "
                                "the router",
                                gateway.text(), is_vip ? "a VIP" : "the director"),
                    fmt::format("ip {}route replace default via ROUTER",
                                gateway.family() == Family::V4 ? "" : "-6 "));
            }
        }
    }

    RealHost& host_;
    const RealServerOptions& options_;
    std::vector<Link> links_;
    std::vector<LinkAddress> addresses_;
    std::vector<Address> gateways_;
    std::vector<Finding> findings_;
};

} // namespace

Result<std::vector<Finding>> check_realserver(RealHost& host, const RealServerOptions& options) {
    return Checker(host, options).run();
}

} // namespace hg::cli

#include "realserver_want.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace hg::cli {

namespace {

constexpr auto kArpIgnore = "arp_ignore";
constexpr auto kArpAnnounce = "arp_announce";
constexpr auto kRpFilter = "rp_filter";

int number_of(const std::string& text) {
    int out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

const Link* find_link(const std::vector<Link>& links, const std::string& name) {
    const auto found = std::find_if(links.begin(), links.end(),
                                    [&](const Link& link) { return link.name == name; });
    return found == links.end() ? nullptr : &*found;
}

LinkAddress address_of(const Want& want) {
    const auto slash = want.value.find('/');
    LinkAddress out;
    out.device = want.name;
    out.address = parse_address(want.value.substr(0, slash)).value_or(Address{});
    out.prefix = static_cast<unsigned>(number_of(want.value.substr(slash + 1)));
    return out;
}

// The kernel takes the larger of "all" and the device's own value; loose (2) beats strict (1).
Result<bool> is_sysctl_met(RealHost& host, const Want& want) {
    const auto text = HG_TRY(host.sysctl(want.name));
    if (!text) {
        return refusal(fmt::format("{} is not there", want.name),
                       std::errc::no_such_file_or_directory);
    }
    const auto value = number_of(*text);
    if (want.name.ends_with(kArpIgnore)) {
        return value == 1 || value == 2 || value == 8;
    }
    if (want.name.ends_with(kRpFilter)) {
        const auto all = HG_TRY(host.sysctl(conf_path(Family::V4, "all", kRpFilter)));
        return std::max(value, number_of(all.value_or("0"))) != 1;
    }
    return *text == want.value;
}

Result<bool> has_address(RealHost& host, const LinkAddress& address) {
    const auto all = HG_TRY(host.addresses());
    return std::find(all.begin(), all.end(), address) != all.end();
}

} // namespace

unsigned host_prefix(const Address& address) { return address.family() == Family::V4 ? 32 : 128; }

std::string conf_path(Family family, const std::string& device, const std::string& key) {
    return fmt::format("net/{}/conf/{}/{}", family == Family::V4 ? "ipv4" : "ipv6", device, key);
}

TunnelDevice tunnel_device(Family inner, Family outer) {
    if (outer == Family::V4) {
        return inner == Family::V4 ? TunnelDevice{"ipip", "tunl0", "hg-4in4"}
                                   : TunnelDevice{"sit", "sit0", "hg-6in4"};
    }
    // ip6tnl0 takes IPv6 inside only; ours takes both.
    return {"ip6tnl", inner == Family::V6 ? "ip6tnl0" : "", "hg-in6"};
}

std::string choose_device(const RealServerOptions& options, const Address& vip,
                          const std::vector<Link>& links) {
    if (!options.device.empty()) {
        return options.device;
    }
    if (options.mode == Mode::Direct) {
        return "lo";
    }
    const auto tunnel = tunnel_device(vip.family(), options.outer);
    const bool has_ours = find_link(links, tunnel.ours) != nullptr;
    const bool has_standard = find_link(links, tunnel.standard) != nullptr;
    return has_ours || !has_standard ? tunnel.ours : tunnel.standard;
}

std::vector<Want> wants_of(const RealServerOptions& options, const Address& vip,
                           const std::string& device) {
    std::vector<Want> out;
    const auto add = [&](Want::Kind kind, std::string name, std::string value) {
        out.push_back({kind, std::move(name), std::move(value), {}});
    };
    // The silence before the address: not one ARP answer must get out.
    if (vip.family() == Family::V4) {
        add(Want::Kind::Sysctl, conf_path(Family::V4, "all", kArpIgnore), "1");
        add(Want::Kind::Sysctl, conf_path(Family::V4, "all", kArpAnnounce), "2");
    }
    if (options.mode == Mode::Tunnel) {
        add(Want::Kind::Link, device, tunnel_device(vip.family(), options.outer).kind);
        add(Want::Kind::LinkUp, device, "up");
        if (vip.family() == Family::V4) {
            add(Want::Kind::Sysctl, conf_path(Family::V4, device, kRpFilter), "2");
        }
    }
    add(Want::Kind::Address, device, fmt::format("{}/{}", vip.text(), host_prefix(vip)));
    return out;
}

Result<bool> is_met(RealHost& host, const Want& want) {
    if (want.kind == Want::Kind::Sysctl) {
        return is_sysctl_met(host, want);
    }
    if (want.kind == Want::Kind::Address) {
        return has_address(host, address_of(want));
    }
    const auto links = HG_TRY(host.links());
    const auto* const link = find_link(links, want.name);
    if (want.kind == Want::Kind::LinkUp) {
        return link != nullptr && link->is_up;
    }
    if (link != nullptr && link->kind != want.value) {
        return refusal(fmt::format("{} is {}, not a device of type {}", want.name,
                                   link->kind.empty() ? "no tunnel" : "of type " + link->kind,
                                   want.value),
                       std::errc::invalid_argument);
    }
    return link != nullptr;
}

Result<Want> make(RealHost& host, const Want& want) {
    auto step = want;
    switch (want.kind) {
    case Want::Kind::Sysctl:
        step.before = HG_TRY(host.sysctl(want.name)).value_or("");
        HG_TRY(host.set_sysctl(want.name, want.value));
        break;
    case Want::Kind::Link:
        HG_TRY(host.add_tunnel(want.name, want.value));
        break;
    case Want::Kind::LinkUp:
        HG_TRY(host.set_link(want.name, LinkState::Up));
        break;
    case Want::Kind::Address:
        HG_TRY(host.add_address(address_of(want)));
        break;
    }
    return step;
}

Result<bool> take_back(RealHost& host, const Want& step) {
    if (step.kind == Want::Kind::Sysctl) {
        const auto now = HG_TRY(host.sysctl(step.name));
        if (!now || *now != step.value) {
            return false;
        }
        HG_TRY(host.set_sysctl(step.name, step.before));
        return true;
    }
    if (!HG_TRY(is_met(host, step))) {
        return false;
    }
    if (step.kind == Want::Kind::Address) {
        HG_TRY(host.del_address(address_of(step)));
    } else if (step.kind == Want::Kind::Link) {
        HG_TRY(host.del_link(step.name));
    } else {
        HG_TRY(host.set_link(step.name, LinkState::Down));
    }
    return true;
}

std::string command_text(const Want& want) {
    switch (want.kind) {
    case Want::Kind::Sysctl: {
        // A device may have dots in its name; sysctl takes slashes too.
        const bool has_dots = want.name.find('.') != std::string::npos;
        auto name = want.name;
        std::replace(name.begin(), name.end(), '/', has_dots ? '/' : '.');
        return fmt::format("sysctl -w {}={}", name, want.value);
    }
    case Want::Kind::Link:
        return fmt::format("ip link add {} type {}{}", want.name, want.value,
                           want.value == "ipip"     ? " external"
                           : want.value == "ip6tnl" ? " mode any external"
                                                    : "");
    case Want::Kind::LinkUp:
        return fmt::format("ip link set {} up", want.name);
    case Want::Kind::Address:
        break;
    }
    return fmt::format("ip address add {} dev {}{}", want.value, want.name,
                       want.value.find(':') == std::string::npos ? "" : " nodad");
}

} // namespace hg::cli

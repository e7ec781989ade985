// What a real server needs for a VIP, in the order in which it has to be made.
#pragma once

#include "model.h"
#include "realserver_host.h"

namespace hg::cli {

struct RealServerOptions {
    std::vector<Address> vips;
    Mode mode = Mode::Direct;
    Family outer = Family::V4; // of the packet around, in the mode tunnel
    std::string device;        // empty: lo, or the tunnel's own
    std::optional<Address> director;
};

// The devices that can take a tunnel's packets. The kernel's own (tunl0) is there as soon as the
// module is loaded; ours is made when it is not.
struct TunnelDevice {
    std::string kind;
    std::string standard; // empty: the kernel's own takes other packets only
    std::string ours;
};

[[nodiscard]] TunnelDevice tunnel_device(Family inner, Family outer);

// The device for a VIP: the one asked for, or the first of those that are there, or the one to
// be made.
[[nodiscard]] std::string choose_device(const RealServerOptions& options, const Address& vip,
                                        const std::vector<Link>& links);

// One thing to be so. Also a step that made it so, which "down" takes back.
struct Want {
    enum class Kind { Sysctl, Link, LinkUp, Address };

    Kind kind = Kind::Sysctl;
    std::string name;   // the sysctl's path, or the device
    std::string value;  // the sysctl's, the tunnel's kind, the address
    std::string before; // of a step: the sysctl's former value

    bool operator==(const Want&) const = default;
};

[[nodiscard]] std::vector<Want> wants_of(const RealServerOptions& options, const Address& vip,
                                         const std::string& device);

// Is it so already, be it by a value as good as the wanted one?
[[nodiscard]] Result<bool> is_met(RealHost& host, const Want& want);

// Makes it so. The step is what "take_back" needs.
[[nodiscard]] Result<Want> make(RealHost& host, const Want& want);
// Takes a step back, unless somebody else has changed the thing since. Says whether it did.
[[nodiscard]] Result<bool> take_back(RealHost& host, const Want& step);

// "sysctl -w net.ipv4.conf.all.arp_ignore=1": the same by hand.
[[nodiscard]] std::string command_text(const Want& want);

[[nodiscard]] unsigned host_prefix(const Address& address); // 32 or 128

[[nodiscard]] std::string conf_path(Family family, const std::string& device,
                                    const std::string& key);

} // namespace hg::cli

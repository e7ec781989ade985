#include "realserver_system.h"

// Before the kernel's headers, which know how to step back for it.
#include <net/if.h>

#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/rtnetlink.h>

namespace hg::cli {

namespace {

constexpr std::size_t kRequestBytes = 1024;
constexpr std::size_t kAnswerBytes = 65536;

using Request = std::array<char, kRequestBytes>;

nlmsghdr* start(Request& buffer, unsigned type, unsigned flags) {
    auto* const header = mnl_nlmsg_put_header(buffer.data());
    header->nlmsg_type = static_cast<std::uint16_t>(type);
    header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    return header;
}

template <class Extra> Extra* extra(nlmsghdr* header) {
    return static_cast<Extra*>(mnl_nlmsg_put_extra_header(header, sizeof(Extra)));
}

// libmnl's own loop over attributes is not C++.
template <class Visit> void each_attribute(const nlattr* first, const char* end, Visit visit) {
    for (const auto* at = first;
         mnl_attr_ok(at, static_cast<int>(end - reinterpret_cast<const char*>(at)));
         at = mnl_attr_next(at)) {
        visit(at);
    }
}

template <class Visit> void attributes_of(const nlmsghdr* message, std::size_t extra, Visit visit) {
    each_attribute(static_cast<const nlattr*>(mnl_nlmsg_get_payload_offset(message, extra)),
                   static_cast<const char*>(mnl_nlmsg_get_payload_tail(message)), visit);
}

std::optional<Address> address_of(unsigned char family, const nlattr* attribute) {
    const auto* const data = static_cast<const std::byte*>(mnl_attr_get_payload(attribute));
    return Address::from_bytes(family == AF_INET ? Family::V4 : Family::V6,
                               {data, mnl_attr_get_payload_len(attribute)});
}

std::string kind_of(const nlattr* linkinfo) {
    std::string out;
    const auto* const first = static_cast<const nlattr*>(mnl_attr_get_payload(linkinfo));
    const auto* const end =
        reinterpret_cast<const char*>(first) + mnl_attr_get_payload_len(linkinfo);
    each_attribute(first, end, [&](const nlattr* attribute) {
        if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND) {
            out = mnl_attr_get_str(attribute);
        }
    });
    return out;
}

Link link_of(const nlmsghdr* message) {
    const auto* const info = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
    Link out;
    out.is_up = (info->ifi_flags & IFF_UP) != 0;
    out.is_loopback = (info->ifi_flags & IFF_LOOPBACK) != 0;
    out.answers_arp = (info->ifi_flags & (IFF_LOOPBACK | IFF_NOARP | IFF_POINTOPOINT)) == 0;
    attributes_of(message, sizeof(*info), [&](const nlattr* attribute) {
        switch (mnl_attr_get_type(attribute)) {
        case IFLA_IFNAME:
            out.name = mnl_attr_get_str(attribute);
            break;
        case IFLA_MTU:
            out.mtu = mnl_attr_get_u32(attribute);
            break;
        case IFLA_LINKINFO:
            out.kind = kind_of(attribute);
            break;
        default:
            break;
        }
    });
    return out;
}

// The local address; on a point-to-point link ADDRESS is the other end's.
std::optional<LinkAddress> link_address_of(const nlmsghdr* message) {
    const auto* const info = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(message));
    std::optional<Address> address;
    bool is_local = false;
    attributes_of(message, sizeof(*info), [&](const nlattr* attribute) {
        const auto type = mnl_attr_get_type(attribute);
        if (type == IFA_LOCAL || (type == IFA_ADDRESS && !is_local)) {
            address = address_of(info->ifa_family, attribute);
            is_local = type == IFA_LOCAL;
        }
    });
    std::array<char, IF_NAMESIZE> name{};
    if (!address || if_indextoname(info->ifa_index, name.data()) == nullptr) {
        return std::nullopt;
    }
    return LinkAddress{name.data(), *address, info->ifa_prefixlen};
}

std::optional<Address> default_gateway_of(const nlmsghdr* message) {
    const auto* const route = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
    std::optional<Address> out;
    if (route->rtm_dst_len == 0 && route->rtm_table == RT_TABLE_MAIN) {
        attributes_of(message, sizeof(*route), [&](const nlattr* attribute) {
            if (mnl_attr_get_type(attribute) == RTA_GATEWAY) {
                out = address_of(route->rtm_family, attribute);
            }
        });
    }
    return out;
}

} // namespace

void SystemRealHost::Close::operator()(mnl_socket* socket) const noexcept {
    mnl_socket_close(socket);
}

Result<std::unique_ptr<SystemRealHost>> SystemRealHost::open() {
    Handle socket(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC));
    if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0) {
        return system_error(errno, "open a route socket");
    }
    return std::unique_ptr<SystemRealHost>(new SystemRealHost(std::move(socket)));
}

Result<> SystemRealHost::exchange(nlmsghdr* request, const std::string& what, const Visit& visit) {
    request->nlmsg_seq = ++sequence_;
    const auto port = mnl_socket_get_portid(socket_.get());
    if (mnl_socket_sendto(socket_.get(), request, request->nlmsg_len) < 0) {
        return system_error(errno, what);
    }
    std::vector<char> buffer(kAnswerBytes);
    const auto forward = [](const nlmsghdr* message, void* data) {
        (*static_cast<const Visit*>(data))(message);
        return MNL_CB_OK;
    };
    auto visitor = visit; // the callback's pointer is not const
    for (int more = MNL_CB_OK; more > MNL_CB_STOP;) {
        const auto got = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got >= 0) {
            more = mnl_cb_run(buffer.data(), static_cast<std::size_t>(got), sequence_, port,
                              forward, &visitor);
        }
        if (got < 0 || more < 0) {
            return system_error(errno, what);
        }
    }
    return {};
}

Result<std::vector<Link>> SystemRealHost::links() {
    Request buffer{};
    auto* const request = start(buffer, RTM_GETLINK, NLM_F_DUMP);
    extra<ifinfomsg>(request);
    std::vector<Link> out;
    HG_TRY(exchange(request, "list the interfaces",
                    [&](const nlmsghdr* message) { out.push_back(link_of(message)); }));
    return out;
}

Result<std::vector<LinkAddress>> SystemRealHost::addresses() {
    Request buffer{};
    auto* const request = start(buffer, RTM_GETADDR, NLM_F_DUMP);
    extra<ifaddrmsg>(request);
    std::vector<LinkAddress> out;
    HG_TRY(exchange(request, "list the addresses", [&](const nlmsghdr* message) {
        if (const auto address = link_address_of(message)) {
            out.push_back(*address);
        }
    }));
    return out;
}

Result<std::vector<Address>> SystemRealHost::default_gateways() {
    Request buffer{};
    auto* const request = start(buffer, RTM_GETROUTE, NLM_F_DUMP);
    extra<rtmsg>(request);
    std::vector<Address> out;
    HG_TRY(exchange(request, "list the routes", [&](const nlmsghdr* message) {
        if (const auto gateway = default_gateway_of(message)) {
            out.push_back(*gateway);
        }
    }));
    return out;
}

Result<unsigned> SystemRealHost::index_of(const std::string& device) {
    const auto index = if_nametoindex(device.c_str());
    if (index == 0) {
        return refusal(fmt::format("there is no interface {}", device), std::errc::no_such_device);
    }
    return index;
}

Result<> SystemRealHost::change_address(const LinkAddress& address, unsigned type, unsigned flags) {
    Request buffer{};
    auto* const request = start(buffer, type, NLM_F_ACK | flags);
    auto* const info = extra<ifaddrmsg>(request);
    info->ifa_family = static_cast<unsigned char>(address.address.family());
    info->ifa_prefixlen = static_cast<unsigned char>(address.prefix);
    info->ifa_index = HG_TRY(index_of(address.device));
    if (address.address.family() == Family::V6) {
        info->ifa_flags = IFA_F_NODAD;
    }
    const auto bytes = address.address.bytes();
    mnl_attr_put(request, IFA_LOCAL, bytes.size(), bytes.data());
    mnl_attr_put(request, IFA_ADDRESS, bytes.size(), bytes.data());
    return exchange(request,
                    fmt::format("{} {} {} {}", type == RTM_NEWADDR ? "add" : "delete",
                                address.address.text(), type == RTM_NEWADDR ? "to" : "from",
                                address.device),
                    [](const nlmsghdr*) {});
}

Result<> SystemRealHost::add_address(const LinkAddress& address) {
    return change_address(address, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
}

Result<> SystemRealHost::del_address(const LinkAddress& address) {
    return change_address(address, RTM_DELADDR, 0);
}

Result<> SystemRealHost::add_tunnel(const std::string& name, const std::string& kind) {
    Request buffer{};
    auto* const request = start(buffer, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
    extra<ifinfomsg>(request);
    mnl_attr_put_strz(request, IFLA_IFNAME, name.c_str());
    auto* const info = mnl_attr_nest_start(request, IFLA_LINKINFO);
    mnl_attr_put_strz(request, IFLA_INFO_KIND, kind.c_str());
    auto* const data = mnl_attr_nest_start(request, IFLA_INFO_DATA);
    // From anyone to any of our addresses; sit has no such mode and does so with no addresses.
    if (kind != "sit") {
        mnl_attr_put(request, IFLA_IPTUN_COLLECT_METADATA, 0, nullptr);
    }
    if (kind == "ip6tnl") {
        mnl_attr_put_u8(request, IFLA_IPTUN_PROTO, 0);
    }
    mnl_attr_nest_end(request, data);
    mnl_attr_nest_end(request, info);
    return exchange(request, fmt::format("create the tunnel device {} ({})", name, kind),
                    [](const nlmsghdr*) {});
}

Result<> SystemRealHost::del_link(const std::string& name) {
    Request buffer{};
    auto* const request = start(buffer, RTM_DELLINK, NLM_F_ACK);
    auto* const info = extra<ifinfomsg>(request);
    info->ifi_index = static_cast<int>(HG_TRY(index_of(name)));
    return exchange(request, fmt::format("delete {}", name), [](const nlmsghdr*) {});
}

Result<> SystemRealHost::set_link(const std::string& name, LinkState state) {
    Request buffer{};
    auto* const request = start(buffer, RTM_NEWLINK, NLM_F_ACK);
    auto* const info = extra<ifinfomsg>(request);
    info->ifi_index = static_cast<int>(HG_TRY(index_of(name)));
    info->ifi_change = IFF_UP;
    info->ifi_flags = state == LinkState::Up ? IFF_UP : 0;
    return exchange(request, fmt::format("set {} {}", name, state == LinkState::Up ? "up" : "down"),
                    [](const nlmsghdr*) {});
}

} // namespace hg::cli

#include "socket.h"

#include "extack.h"

#include <cerrno>
#include <fmt/format.h>
#include <headgate.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <optional>
#include <sys/socket.h>

namespace hg {

namespace {

// Larger than any datagram of a dump (the kernel fills at most 32 KiB at a time).
constexpr std::size_t kDatagramBytes = 65536;
// So that a dump of all servers waits in the kernel rather than getting lost.
constexpr int kReceiveBufferBytes = 4 << 20;

tl::unexpected<Error> not_loaded() {
    return tl::make_unexpected(
        Error{.kind = Kind::Unreachable,
              .code = std::make_error_code(std::errc::no_such_file_or_directory),
              .attempted = "reach the kernel module",
              .reason = "headgate.ko is not loaded: \"modprobe headgate\" (or \"insmod "
                        "headgate.ko\") loads it, as root",
              .attribute = {}});
}

} // namespace

void Socket::Close::operator()(mnl_socket* socket) const noexcept { mnl_socket_close(socket); }

Result<Socket::Handle> Socket::connect() {
    Handle handle(mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC));
    if (!handle || mnl_socket_bind(handle.get(), 0, MNL_SOCKET_AUTOPID) < 0) {
        return system_error(errno, "open a netlink socket");
    }
    int on = 1;
    for (const auto option : {NETLINK_EXT_ACK, NETLINK_CAP_ACK}) {
        if (mnl_socket_setsockopt(handle.get(), option, &on, sizeof(on)) < 0) {
            return system_error(errno, "set up a netlink socket");
        }
    }
    // FORCE passes the system's limit, and is for the capable; the plain one takes what it gets.
    const auto fd = mnl_socket_get_fd(handle.get());
    const auto size = kReceiveBufferBytes;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    }
    return handle;
}

Result<std::unique_ptr<Socket>> Socket::open() {
    std::unique_ptr<Socket> out(new Socket(HG_TRY(connect())));
    HG_TRY(out->resolve());
    return out;
}

Result<> Socket::resolve() {
    const auto request = family_request();
    HG_TRY(send(request));
    std::optional<GenericFamily> family;
    for (;;) {
        const auto datagram = HG_TRY(receive());
        for (const auto& message : HG_TRY(split_datagram(datagram))) {
            if (message.type == GENL_ID_CTRL) {
                family = HG_TRY(decode_family(HG_TRY(read_generic(message)).attributes));
            } else if (message.type == NLMSG_ERROR) {
                const auto verdict = read_ack(message, request);
                if (!family || !verdict) {
                    return not_loaded(); // an unknown family is a bare ENOENT
                }
                family_ = *std::move(family);
                return {};
            }
        }
    }
}

int Socket::fd() const { return mnl_socket_get_fd(handle_.get()); }

Result<> Socket::join(std::string_view group) {
    const auto found = family_.groups.find(std::string(group));
    if (found == family_.groups.end()) {
        return attempting<void>(refusal("the module does not have it: it is older than the tools",
                                        std::errc::operation_not_supported),
                                fmt::format("join the group \"{}\"", group));
    }
    return join(found->second);
}

Result<> Socket::join(std::uint32_t group) {
    auto number = static_cast<int>(group);
    if (mnl_socket_setsockopt(handle_.get(), NETLINK_ADD_MEMBERSHIP, &number, sizeof(number)) ==
        0) {
        return {};
    }
    auto error = system_error(errno, "hear events");
    if (errno == EPERM) {
        error.value().reason =
            "no permission: this needs CAP_NET_ADMIN in the network namespace (be root)";
    }
    return error;
}

Result<> Socket::send(std::span<const std::byte> message) {
    if (mnl_socket_sendto(handle_.get(), message.data(), message.size()) < 0) {
        return system_error(errno, "send to the kernel");
    }
    return {};
}

Result<Bytes> Socket::receive() {
    Bytes out(kDatagramBytes);
    iovec vector{.iov_base = out.data(), .iov_len = out.size()};
    msghdr header{};
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    ssize_t size = 0;
    do {
        size = recvmsg(fd(), &header, 0);
    } while (size < 0 && errno == EINTR);
    if (size < 0) {
        return system_error(errno, "read from the kernel");
    }
    if ((header.msg_flags & MSG_TRUNC) != 0) {
        return system_error(EMSGSIZE, "read from the kernel");
    }
    out.resize(static_cast<std::size_t>(size));
    return out;
}

Result<> Socket::reset() {
    handle_ = HG_TRY(connect());
    return {};
}

} // namespace hg

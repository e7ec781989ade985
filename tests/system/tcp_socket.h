// Sockets of the kernel's own stack, none of which ever blocks.
#pragma once

#include "address.h"
#include "fd.h"
#include "namespace.h"

#include <cstdint>
#include <optional>

namespace hg::test {

struct ConnectFrom {
    std::optional<Address> source = {};
    std::uint32_t mark = 0;
};

// A TCP connection on its way; closing it resets it.
Fd tcp_connect(const Namespace& where, const Endpoint& to, const ConnectFrom& from = {});
Fd tcp_listen(const Namespace& where, const Endpoint& at);
// The next connection, when there is one.
std::optional<Fd> tcp_accept(const Fd& listener);
// Is the connection made? False while it is under way and when it failed.
bool tcp_connected(const Fd& socket);

} // namespace hg::test

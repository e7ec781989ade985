// TLS over a connected socket: names, certificates, and what is wrong with them.
#pragma once

#include "probe_connect.h"

namespace hg::daemon {

struct TlsWish {
    std::string name; // whom the certificate is for; an address, or a name that is told (SNI)
    bool verify = true;
    std::string ca = {}; // file of certificates; empty: the system's
};

// The handshake. SOCKET outlives the stream.
[[nodiscard]] boost::asio::awaitable<Outcome<std::unique_ptr<ByteStream>>>
start_tls(TcpSocket& socket, const TlsWish& wish);

} // namespace hg::daemon

// A handshake, and a RST: the server's program need not take it for a client.
#include "probe_connect.h"

namespace hg::daemon {

Probing probe_kind(const TcpCheck& /*check*/, Attempt& attempt) {
    auto socket = co_await connect_tcp(attempt);
    if (!socket) {
        co_return bad(socket.error());
    }
    boost::system::error_code ignored;
    socket->set_option(boost::asio::socket_base::linger(true, 0), ignored);
    socket->close(ignored); // the destructor would unset it, and send a FIN
    co_return good("connected");
}

} // namespace hg::daemon

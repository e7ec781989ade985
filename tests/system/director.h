// The module of one namespace, and the words that tests use for it.
#pragma once

#include "client.h"
#include "namespace.h"
#include "socket.h"

#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

namespace hg::test {

// The value, or an exception that ends the test.
template <class T> T must(Result<T> result) {
    if (!result) {
        throw std::runtime_error(result.error().text());
    }
    if constexpr (!std::is_void_v<T>) {
        return *std::move(result);
    }
}

Address address(std::string_view text);

class Director {
public:
    explicit Director(const Namespace& where);

    // Closes its socket, which holds the namespace.
    void close();

    Client& client() { return *client_; }

    ServiceKey add_service(Protocol protocol, const Endpoint& endpoint,
                           const std::string& scheduler = "rr");
    // Port 0 is the service's.
    void add_server(const ServiceKey& service, const Endpoint& server, Mode mode,
                    std::uint32_t weight = 1);

    std::vector<Conn> conns();
    std::optional<Conn> conn_of(const Endpoint& client); // the first of that client
    std::optional<TcpState> state_of(const Endpoint& client);
    std::uint64_t dropped(headgate_drop reason);
    Counters counters(const ServiceKey& service, const Endpoint& server);
    // Speaks to the module anew, which may have been loaded anew; no services then, no conns, and
    // the settings of the beginning.
    void reset();
    void set_timeout(headgate_timeout_attr which, std::chrono::milliseconds value);

private:
    void open();

    const Namespace& where_;
    std::unique_ptr<Socket> socket_;
    std::unique_ptr<Client> client_;
    Settings settings_;
};

} // namespace hg::test

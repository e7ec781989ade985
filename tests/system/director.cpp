#include "director.h"

#include "change.h"

#include <algorithm>

namespace hg::test {

Address address(std::string_view text) { return must(parse_address(text)); }

Director::Director(const Namespace& where) : where_(where) {
    open();
    settings_ = must(client_->settings());
}

void Director::close() {
    client_.reset();
    socket_.reset();
}

void Director::open() {
    const auto inside = where_.enter();
    close();
    socket_ = must(Socket::open());
    client_ = std::make_unique<Client>(*socket_);
}

ServiceKey Director::add_service(Protocol protocol, const Endpoint& endpoint,
                                 const std::string& scheduler) {
    const ServiceKey key{protocol, endpoint};
    must(
        client_->add_service({.key = key, .name = "", .scheduler = scheduler, .hash_port = false}));
    return key;
}

void Director::add_server(const ServiceKey& service, const Endpoint& server, Mode mode,
                          std::uint32_t weight) {
    ServerSpec spec;
    spec.endpoint = server;
    spec.mode = mode;
    spec.weight = weight;
    must(client_->add_server(service, spec));
}

// Again when the table was resized meanwhile: then some may have come twice.
std::vector<Conn> Director::conns() {
    for (;;) {
        std::vector<Conn> out;
        const auto walk = must(client_->list_conns({}, [&](const Conn& conn) {
            out.push_back(conn);
            return Client::Next::Go;
        }));
        if (!walk.duplicates) {
            return out;
        }
    }
}

std::optional<Conn> Director::conn_of(const Endpoint& client) {
    const auto all = conns();
    const auto at = std::find_if(all.begin(), all.end(),
                                 [&](const Conn& conn) { return conn.client == client; });
    return at == all.end() ? std::nullopt : std::optional(*at);
}

std::optional<TcpState> Director::state_of(const Endpoint& client) {
    const auto conn = conn_of(client);
    return conn ? std::optional(static_cast<TcpState>(conn->state)) : std::nullopt;
}

std::uint64_t Director::dropped(headgate_drop reason) {
    for (const auto& drop : must(client_->info()).drops) {
        if (drop.reason == reason) {
            return drop.packets;
        }
    }
    return 0;
}

Counters Director::counters(const ServiceKey& service, const Endpoint& server) {
    return must(client_->server(service, server)).counters;
}

void Director::set_timeout(headgate_timeout_attr which, std::chrono::milliseconds value) {
    SettingsChange change;
    change.timeouts[which - 1] = value;
    must(client_->set_settings(change));
}

void Director::reset() {
    open();
    must(client_->flush());
    must(client_->set_settings(change_to(settings_)));
    must(client_->sweep());
}

} // namespace hg::test

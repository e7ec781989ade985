// The module's typed client: one call a request, in the network namespace of its transport.
//
// It owns sequence numbers, repeats a dump of services or servers that a change interrupted, and
// turns refusals into errors that say what was attempted. It does not check what it is given:
// check.h does that for those who want better words than the kernel's.
#pragma once

#include "transaction.h"

namespace hg {

class Client {
public:
    using Next = Channel::Next;

    explicit Client(Transport& transport) : channel_(transport) {}

    Result<Info> info();
    Result<Settings> settings();
    Result<> set_settings(const SettingsChange& change);

    Result<Service> service(const ServiceKey& key);
    Result<std::vector<Service>> list_services(); // in the order of creation
    Result<> add_service(const ServiceSpec& service);
    Result<> set_service(const ServiceKey& key, const ServiceChange& change);
    Result<> del_service(const ServiceKey& key);
    Result<> flush();

    Result<Server> server(const ServiceKey& service, const Endpoint& server);
    Result<std::vector<Server>> list_servers(); // of all services, in address order in each
    Result<std::vector<Server>> list_servers(const ServiceKey& service);
    Result<> add_server(const ServiceKey& service, const ServerSpec& server);
    Result<> set_server(const ServiceKey& service, const Endpoint& server,
                        const ServerChange& change);
    Result<> del_server(const ServiceKey& service, const Endpoint& server);
    // Takes back what was done by hand.
    Result<> reset_server(const ServiceKey& service, const Endpoint& server);

    // How a walk over the conns, or affinity entries, ended.
    struct ConnWalk {
        bool stopped = false;    // the visitor said so: there may be more
        bool duplicates = false; // the table was resized meanwhile: some may have come twice
    };

    Result<ConnWalk> list_conns(const ConnFilter& filter,
                                const std::function<Next(const Conn&)>& visit);

    struct ConnCounts {
        std::vector<ConnCount> servers; // in no order
        bool duplicates = false;        // as in ConnWalk
    };

    Result<ConnCounts> count_conns(const ConnFilter& filter);
    // How many there were.
    Result<std::uint32_t> kill_conns(const ConnFilter& filter);
    Result<> sweep();
    Result<> heartbeat(std::chrono::milliseconds interval);

    Result<ConnWalk> list_affinities(const ConnFilter& filter,
                                     const std::function<Next(const Affinity&)>& visit);
    // How many there were.
    Result<std::uint32_t> flush_affinities(const ConnFilter& filter);

    // Many changes as one; one at a time. The client has to outlive it.
    [[nodiscard]] Transaction transaction() { return Transaction(channel_); }

private:
    template <class T, class Decode> Result<T> ask(const Request& request, Decode decode);
    template <class T, class Decode>
    Result<std::vector<T>> ask_all(const Request& request, Decode decode);
    Result<> explain_scheduler(Result<> result, const std::string& scheduler);

    Channel channel_;
};

} // namespace hg

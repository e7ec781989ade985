#include "client.h"

#include "extack.h"

#include <algorithm>
#include <fmt/format.h>
#include <linux/netlink.h>

namespace hg {

namespace {

// A dump that a change interrupts is repeated; a configuration that never rests is an error.
constexpr int kDumpAttempts = 20;

std::uint16_t flags_of(const Request& request) {
    return static_cast<std::uint16_t>(NLM_F_REQUEST | (request.dump ? NLM_F_DUMP : NLM_F_ACK));
}

// Words for refusals that the kernel leaves without any.
Error explained(Error error, const Request& request) {
    error.attempted = request.attempted;
    if (!error.reason.empty()) {
        return error;
    }
    if (error.code == std::errc::operation_not_permitted) {
        error.reason = "no permission: this needs CAP_NET_ADMIN in the network namespace (be root)";
    } else if (error.code == std::errc::file_exists) {
        error.reason = "it exists already";
    } else if (error.code == std::errc::no_such_file_or_directory) {
        error.reason = "there is none";
    } else if (error.code == std::errc::no_buffer_space) {
        error.reason = request.dump ? "the kernel's answers came faster than they were read"
                                    : "the answer was lost: the change may have been made or not";
    } else if (error.code == std::errc::operation_not_supported) {
        error.reason = "the module does not know this command: it is older than the tools";
    }
    return error;
}

bool lost_messages(const Error& error) {
    return error.code == std::errc::no_buffer_space || error.code == std::errc::message_size;
}

} // namespace

Result<Client::Ending> Client::receive_all(std::span<const std::byte> sent,
                                           const OnAnswer& on_answer) {
    Ending ending;
    for (;;) {
        const auto datagram = HG_TRY(transport_.receive());
        const auto messages = HG_TRY(split_datagram(datagram));
        for (const auto& message : messages) {
            if (message.sequence != sequence_) {
                continue; // of a request that was given up
            }
            ending.interrupted |= (message.flags & NLM_F_DUMP_INTR) != 0;
            if (message.type == NLMSG_ERROR) {
                HG_TRY(read_ack(message, sent));
                return ending;
            }
            if (message.type == NLMSG_DONE) {
                HG_TRY(read_done(message, sent));
                return ending;
            }
            if (message.type != transport_.family()) {
                continue;
            }
            const auto answer = HG_TRY(read_generic(message));
            const auto next = HG_TRY(on_answer(answer.attributes));
            if (next == Next::Stop) {
                ending.stopped = true;
                return ending;
            }
        }
    }
}

Result<Client::Ending> Client::exchange(const Request& request, const OnAnswer& on_answer) {
    sequence_++;
    const auto sent = make_message({.type = transport_.family(),
                                    .flags = flags_of(request),
                                    .sequence = sequence_,
                                    .command = request.command,
                                    .version = HEADGATE_GENL_VERSION},
                                   request.attributes);
    auto ending = [&]() -> Result<Ending> {
        HG_TRY(transport_.send(sent));
        return receive_all(sent, on_answer);
    }();
    // What was not read to its end would meet the next request.
    const auto ragged = ending ? ending->stopped : request.dump || lost_messages(ending.error());
    if (ragged) {
        const auto reset = transport_.reset();
        if (ending && !reset) {
            return tl::make_unexpected(reset.error());
        }
    }
    if (!ending) {
        return tl::make_unexpected(explained(std::move(ending).error(), request));
    }
    return ending;
}

Result<> Client::execute(const Request& request) {
    HG_TRY(exchange(request, [](auto) -> Result<Next> { return Next::Go; }));
    return {};
}

template <class T, class Decode> Result<T> Client::ask(const Request& request, Decode decode) {
    std::optional<T> out;
    HG_TRY(exchange(request, [&](std::span<const std::byte> attributes) -> Result<Next> {
        out = HG_TRY(decode(attributes));
        return Next::Go;
    }));
    if (!out) {
        return attempting<T>(refusal("the kernel gave no answer", std::errc::bad_message),
                             request.attempted);
    }
    return *std::move(out);
}

template <class T, class Decode>
Result<std::vector<T>> Client::ask_all(const Request& request, Decode decode) {
    for (int attempt = 0; attempt < kDumpAttempts; attempt++) {
        std::vector<T> out;
        const auto ending =
            exchange(request, [&](std::span<const std::byte> attributes) -> Result<Next> {
                out.push_back(HG_TRY(decode(attributes)));
                return Next::Go;
            });
        if (!ending && !lost_messages(ending.error())) {
            return tl::make_unexpected(ending.error());
        }
        if (ending && !ending->interrupted) {
            return out;
        }
    }
    return attempting<std::vector<T>>(
        refusal(fmt::format("the configuration changed during each of {} readings", kDumpAttempts),
                std::errc::resource_unavailable_try_again),
        request.attempted);
}

// An unknown scheduler is refused with those there are, whatever words the kernel had.
Result<> Client::explain_scheduler(Result<> result, const std::string& scheduler) {
    if (result || result.error().code != std::errc::no_such_file_or_directory) {
        return result;
    }
    const auto known = info();
    if (!known || std::find(known->schedulers.begin(), known->schedulers.end(), scheduler) !=
                      known->schedulers.end()) {
        return result;
    }
    auto error = std::move(result).error();
    error.reason = fmt::format("unknown scheduler \"{}\" (there are: {})", scheduler,
                               fmt::join(known->schedulers, ", "));
    error.attribute.clear();
    return tl::make_unexpected(std::move(error));
}

Result<Info> Client::info() { return ask<Info>(get_info_request(), decode_info); }

Result<Settings> Client::settings() {
    return ask<Settings>(get_settings_request(), decode_settings);
}

Result<> Client::set_settings(const SettingsChange& change) {
    return execute(set_settings_request(change));
}

Result<Service> Client::service(const ServiceKey& key) {
    return ask<Service>(get_service_request(key), decode_service);
}

Result<std::vector<Service>> Client::list_services() {
    return ask_all<Service>(list_services_request(), decode_service);
}

Result<> Client::add_service(const ServiceSpec& service) {
    return explain_scheduler(execute(add_service_request(service)), service.scheduler);
}

Result<> Client::set_service(const ServiceKey& key, const ServiceChange& change) {
    auto result = execute(set_service_request(key, change));
    return change.scheduler ? explain_scheduler(std::move(result), *change.scheduler) : result;
}

Result<> Client::del_service(const ServiceKey& key) { return execute(del_service_request(key)); }

Result<> Client::flush() { return execute(flush_request()); }

Result<Server> Client::server(const ServiceKey& service, const Endpoint& server) {
    return ask<Server>(get_server_request(service, server), decode_server);
}

Result<std::vector<Server>> Client::list_servers() {
    return ask_all<Server>(list_servers_request(std::nullopt), decode_server);
}

Result<std::vector<Server>> Client::list_servers(const ServiceKey& service) {
    return ask_all<Server>(list_servers_request(service), decode_server);
}

Result<> Client::add_server(const ServiceKey& service, const ServerSpec& server) {
    return execute(add_server_request(service, server));
}

Result<> Client::set_server(const ServiceKey& service, const Endpoint& server,
                            const ServerChange& change) {
    return execute(set_server_request(service, server, change));
}

Result<> Client::del_server(const ServiceKey& service, const Endpoint& server) {
    return execute(del_server_request(service, server));
}

Result<Client::ConnWalk> Client::list_conns(const ConnFilter& filter,
                                            const std::function<Next(const Conn&)>& visit) {
    const auto ending = HG_TRY(exchange(list_conns_request(filter),
                                        [&](std::span<const std::byte> attributes) -> Result<Next> {
                                            return visit(HG_TRY(decode_conn(attributes)));
                                        }));
    return ConnWalk{.stopped = ending.stopped, .duplicates = ending.interrupted};
}

Result<Client::ConnCounts> Client::count_conns(const ConnFilter& filter) {
    ConnCounts out;
    const auto ending = HG_TRY(exchange(
        count_conns_request(filter), [&](std::span<const std::byte> attributes) -> Result<Next> {
            out.servers.push_back(HG_TRY(decode_conn_count(attributes)));
            return Next::Go;
        }));
    out.duplicates = ending.interrupted;
    return out;
}

Result<std::uint32_t> Client::kill_conns(const ConnFilter& filter) {
    return ask<std::uint32_t>(kill_conns_request(filter), decode_killed);
}

Result<> Client::sweep() { return execute(sweep_request()); }

} // namespace hg

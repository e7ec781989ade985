#include "channel.h"

#include "extack.h"

#include <linux/netlink.h>

namespace hg {

namespace {

std::uint16_t flags_of(const Request& request) {
    return static_cast<std::uint16_t>(NLM_F_REQUEST | (request.dump ? NLM_F_DUMP : NLM_F_ACK));
}

} // namespace

bool lost_messages(const Error& error) {
    return error.code == std::errc::no_buffer_space || error.code == std::errc::message_size;
}

Error explained(Error error, const Attempt& attempted, bool dump) {
    error.attempted = attempted.text();
    if (!error.reason.empty()) {
        return error;
    }
    if (error.code == std::errc::operation_not_permitted) {
        error.reason = "no permission: this needs CAP_NET_ADMIN in the network namespace (be root)";
    } else if (error.code == std::errc::file_exists) {
        error.reason = "it exists already";
    } else if (error.code == std::errc::no_such_file_or_directory && dump) {
        error.reason = "there is none"; // 6.1 has no words for dumps
    } else if (error.code == std::errc::no_such_file_or_directory) {
        // The module always says what it does not find: nobody has this family's number.
        error.kind = Kind::Unreachable;
        error.reason = "the kernel module was unloaded";
    } else if (error.code == std::errc::no_buffer_space) {
        error.reason = dump ? "the kernel's answers came faster than they were read"
                            : "the answer was lost: the change may have been made or not";
    } else if (error.code == std::errc::operation_not_supported) {
        error.reason = "the module does not know this command: it is older than the tools";
    }
    return error;
}

Result<Channel::Ending> Channel::receive_all(std::span<const std::byte> sent,
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

Result<Channel::Ending> Channel::exchange(const Request& request, const OnAnswer& on_answer) {
    const auto sent = make_message({.type = transport_.family(),
                                    .flags = flags_of(request),
                                    .sequence = next_sequence(),
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
        return tl::make_unexpected(
            explained(std::move(ending).error(), request.attempted, request.dump));
    }
    return ending;
}

Result<> Channel::execute(const Request& request) {
    HG_TRY(exchange(request, [](auto) -> Result<Next> { return Next::Go; }));
    return {};
}

} // namespace hg

#include "fake_kernel.h"

#include <algorithm>
#include <cstring>
#include <linux/genetlink.h>
#include <linux/netlink.h>

namespace hg::test {

namespace {

const std::map<int, std::string> kNames{
    {HEADGATE_CMD_SET_SETTINGS, "set_settings"}, {HEADGATE_CMD_NEW_SERVICE, "new_service"},
    {HEADGATE_CMD_SET_SERVICE, "set_service"},   {HEADGATE_CMD_DEL_SERVICE, "del_service"},
    {HEADGATE_CMD_NEW_SERVER, "new_server"},     {HEADGATE_CMD_SET_SERVER, "set_server"},
    {HEADGATE_CMD_DEL_SERVER, "del_server"},     {HEADGATE_CMD_FLUSH, "flush"},
    {HEADGATE_CMD_KILL_CONN, "kill_conn"},       {HEADGATE_CMD_SWEEP, "sweep"},
    {HEADGATE_CMD_RESET_SERVER, "reset_server"}, {HEADGATE_CMD_FLUSH_AFFINITY, "flush_affinity"}};

bool has(std::span<const std::byte> attributes, int type) {
    bool found = false;
    (void)for_each_attribute(attributes, [&](const Attribute& a) -> Result<> {
        found |= a.type == type;
        return {};
    });
    return found;
}

// What BEGIN makes wait for COMMIT.
bool is_change(int command) {
    return command == HEADGATE_CMD_FLUSH ||
           (command >= HEADGATE_CMD_NEW_SERVICE && command <= HEADGATE_CMD_DEL_SERVICE) ||
           (command >= HEADGATE_CMD_NEW_SERVER && command <= HEADGATE_CMD_DEL_SERVER);
}

template <class Key> Refusal refusal_in(const std::map<Key, Refusal>& refusals, Key key) {
    const auto found = refusals.find(key);
    return found == refusals.end() ? Refusal{} : found->second;
}

// The two numbers of CHECK and COMMIT.
struct Terms {
    std::uint32_t generation = 0;
    std::uint32_t messages = 0;
};

Terms terms_of(std::span<const std::byte> attributes) {
    Terms out;
    (void)for_each_attribute(attributes, [&](const Attribute& nest) {
        return for_each_attribute(nest.payload, [&](const Attribute& a) -> Result<> {
            (a.type == HEADGATE_A_TRANSACTION_GENERATION ? out.generation : out.messages) =
                HG_TRY(a.u32());
            return {};
        });
    });
    return out;
}

template <class T> void append(Bytes& out, const T& value) {
    const auto* const from = reinterpret_cast<const std::byte*>(&value);
    out.insert(out.end(), from, from + sizeof(T));
}

// One conn, counted.
ConnCount count_of(const Conn& conn) {
    ConnCount out{.service = {conn.protocol, conn.service}, .server = conn.server};
    for (std::size_t i = 0; i < kConnStates; i++) {
        out.conns[i] = state_name(i) == state_name(conn) ? 1 : 0;
    }
    return out;
}

void set_length(Bytes& message) {
    const auto size = static_cast<std::uint32_t>(message.size());
    std::memcpy(message.data(), &size, sizeof(size));
}

} // namespace

Bytes ack_message(std::uint32_t sequence, int number, const Refusal& refusal) {
    Bytes out;
    append(out, nlmsghdr{.nlmsg_len = 0,
                         .nlmsg_type = NLMSG_ERROR,
                         .nlmsg_flags = NLM_F_CAPPED | NLM_F_ACK_TLVS,
                         .nlmsg_seq = sequence,
                         .nlmsg_pid = 0});
    append(out, -number);
    append(out, nlmsghdr{});
    AttributeWriter extack;
    if (!refusal.text.empty()) {
        extack.text(NLMSGERR_ATTR_MSG, refusal.text);
    }
    if (refusal.offset != 0) {
        extack.u32(NLMSGERR_ATTR_OFFS, refusal.offset);
    }
    const auto bytes = std::move(extack).take();
    out.insert(out.end(), bytes.begin(), bytes.end());
    set_length(out);
    return out;
}

Bytes done_message(std::uint32_t sequence, int number, std::uint16_t flags) {
    Bytes out;
    append(out, nlmsghdr{.nlmsg_len = 0,
                         .nlmsg_type = NLMSG_DONE,
                         .nlmsg_flags = static_cast<std::uint16_t>(NLM_F_MULTI | flags),
                         .nlmsg_seq = sequence,
                         .nlmsg_pid = 0});
    append(out, -number);
    set_length(out);
    return out;
}

void FakeKernel::put_error(int number, const Refusal& refusal) {
    pending_.push_back(ack_message(sequence_, number, refusal));
}

void FakeKernel::put_answer(const Bytes& attributes, std::uint16_t flags) {
    pending_.push_back(make_message(
        {.type = kFamily, .flags = flags, .sequence = sequence_, .command = 0, .version = 1},
        attributes));
}

Result<> FakeKernel::send(std::span<const std::byte> message) {
    datagrams++;
    const auto messages = split_datagram(message).value();
    for (const auto& each : messages) {
        take(each);
    }
    return {};
}

void FakeKernel::take(const Message& message) {
    const auto generic = read_generic(message).value();
    sequence_ = message.sequence;
    losses += lost_commands.contains(generic.command) ? 1 : 0;
    const bool is_dump = (message.flags & NLM_F_DUMP) == NLM_F_DUMP;
    if (is_dump && !refusals.contains(generic.command)) {
        dump(generic.command, generic.attributes);
        return;
    }
    const auto refusal = verdict(generic.command, generic.attributes);
    if (refusal.number != 0 || (message.flags & NLM_F_ACK) != 0) {
        put_error(refusal.number, refusal);
    }
}

Refusal FakeKernel::verdict(int command, std::span<const std::byte> attributes) {
    if (transaction_ && is_change(command)) {
        return stage(command, attributes);
    }
    if (auto refusal = refusal_in(refusals, command); refusal.number != 0) {
        if (command == HEADGATE_CMD_COMMIT) {
            transaction_.reset();
        }
        return refusal;
    }
    switch (command) {
    case HEADGATE_CMD_BEGIN:
        if (transaction_) {
            return {EBUSY, "this socket has a transaction open already"};
        }
        transaction_.emplace();
        return {};
    case HEADGATE_CMD_CHECK:
    case HEADGATE_CMD_COMMIT:
    case HEADGATE_CMD_ABORT:
        return end(command, attributes);
    default:
        return answer_do(command, attributes);
    }
}

Refusal FakeKernel::stage(int command, std::span<const std::byte> attributes) {
    auto& staged = *transaction_;
    staged.messages++;
    if (staged.failed != 0) {
        return {ECANCELED, "the transaction has failed"};
    }
    auto refusal = refusal_in(refusals, command);
    if (refusal.number == 0) {
        refusal = refusal_in(staged_refusals, staged.messages);
    }
    if (refusal.number != 0) {
        staged.failed = staged.messages;
        return refusal;
    }
    staged.changes.push_back({command, Bytes(attributes.begin(), attributes.end())});
    return {};
}

Refusal FakeKernel::end(int command, std::span<const std::byte> attributes) {
    if (!transaction_) {
        return {ENOENT, "this socket has no transaction open"};
    }
    const auto staged = *transaction_;
    if (command != HEADGATE_CMD_CHECK) {
        transaction_.reset();
    }
    if (command == HEADGATE_CMD_ABORT) {
        aborts++;
        return {};
    }
    if (strangers > 0) {
        strangers--;
        info.generation++;
    }
    const auto terms = terms_of(attributes);
    if (staged.failed != 0 || staged.messages != terms.messages) {
        return {ECANCELED, "the transaction has failed"};
    }
    if (terms.generation != info.generation) {
        return {ESTALE, "the configuration is at another generation"};
    }
    if (command == HEADGATE_CMD_COMMIT) {
        changes.insert(changes.end(), staged.changes.begin(), staged.changes.end());
        info.generation += staged.changes.empty() ? 0 : 1;
        put_answer(encode(Info{.generation = info.generation}), 0);
    }
    return {};
}

Result<Bytes> FakeKernel::receive() {
    if (losses > 0) {
        losses--;
        return system_error(ENOBUFS, {});
    }
    if (pending_.empty()) {
        return system_error(EAGAIN, "read from a kernel that has nothing to say");
    }
    auto out = std::move(pending_.front());
    pending_.pop_front();
    return out;
}

Result<> FakeKernel::reset() {
    resets++;
    transaction_.reset();
    pending_.clear();
    return {};
}

std::vector<Bytes> FakeKernel::list(int command, std::span<const std::byte> attributes) const {
    std::vector<Bytes> out;
    if (command == HEADGATE_CMD_GET_SERVICE) {
        for (const auto& service : services) {
            out.push_back(encode(service));
        }
    } else if (command == HEADGATE_CMD_GET_CONN) {
        for (const auto& conn : conns) {
            out.push_back(encode(conn));
        }
    } else if (command == HEADGATE_CMD_GET_AFFINITY) {
        for (const auto& entry : affinities) {
            out.push_back(encode(entry));
        }
    } else if (command == HEADGATE_CMD_COUNT_CONN) {
        for (const auto& conn : conns) {
            out.push_back(encode(count_of(conn)));
        }
    } else {
        const auto of = decode_service(attributes);
        for (const auto& server : servers) {
            if (!of || of->spec.key == server.service) {
                out.push_back(encode(server));
            }
        }
    }
    return out;
}

void FakeKernel::dump(int command, std::span<const std::byte> attributes) {
    dumps++;
    dumped.assign(attributes.begin(), attributes.end());
    const auto flags =
        static_cast<std::uint16_t>(NLM_F_MULTI | (interruptions > 0 ? NLM_F_DUMP_INTR : 0));
    interruptions = std::max(0, interruptions - 1);
    for (const auto& each : list(command, attributes)) {
        put_answer(each, flags);
    }
    pending_.push_back(done_message(sequence_, 0, flags));
}

Refusal FakeKernel::answer_do(int command, std::span<const std::byte> attributes) {
    if (command == HEADGATE_CMD_GET_INFO) {
        put_answer(encode(info), 0);
    } else if (command == HEADGATE_CMD_GET_SETTINGS) {
        put_answer(encode(settings), 0);
    } else if (command == HEADGATE_CMD_GET_SERVICE) {
        const auto key = decode_service(attributes).value().spec.key;
        const auto found = std::find_if(services.begin(), services.end(),
                                        [&](const Service& s) { return s.spec.key == key; });
        if (found == services.end()) {
            return {ENOENT, "no service " + key.text()};
        }
        put_answer(encode(*found), 0);
    } else if (command == HEADGATE_CMD_GET_SERVER) {
        const auto want = decode_server(attributes).value();
        const auto endpoint = with_port_of(want.service, want.spec.endpoint);
        const auto found = std::find_if(servers.begin(), servers.end(), [&](const Server& s) {
            return s.service == want.service && s.spec.endpoint == endpoint;
        });
        if (found == servers.end()) {
            return {ENOENT, "no server " + endpoint.text() + " in this service"};
        }
        put_answer(encode(*found), 0);
    } else {
        changes.push_back({command, Bytes(attributes.begin(), attributes.end())});
        if (command == HEADGATE_CMD_KILL_CONN) {
            AttributeWriter killed;
            killed.u32(HEADGATE_A_KILLED, static_cast<std::uint32_t>(conns.size()));
            put_answer(std::move(killed).take(), 0);
        }
        if (command == HEADGATE_CMD_FLUSH_AFFINITY) {
            AttributeWriter flushed;
            flushed.u32(HEADGATE_A_FLUSHED, static_cast<std::uint32_t>(affinities.size()));
            put_answer(std::move(flushed).take(), 0);
        }
    }
    return {};
}

std::vector<std::string> FakeKernel::asked() const {
    std::vector<std::string> out;
    for (const auto& [command, attributes] : changes) {
        auto words = kNames.at(command);
        if (has(attributes, HEADGATE_A_SERVICE)) {
            words += " " + decode_service(attributes).value().spec.key.text();
        }
        if (has(attributes, HEADGATE_A_SERVER)) {
            words += " " + decode_server(attributes).value().spec.endpoint.text();
        }
        out.push_back(words);
    }
    return out;
}

} // namespace hg::test

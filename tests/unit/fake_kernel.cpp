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
    {HEADGATE_CMD_KILL_CONN, "kill_conn"},       {HEADGATE_CMD_SWEEP, "sweep"}};

bool has(std::span<const std::byte> attributes, int type) {
    bool found = false;
    (void)for_each_attribute(attributes, [&](const Attribute& a) -> Result<> {
        found |= a.type == type;
        return {};
    });
    return found;
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
    const auto messages = split_datagram(message).value();
    const auto generic = read_generic(messages.front()).value();
    sequence_ = messages.front().sequence;
    const auto refused = refusals.find(generic.command);
    if (refused != refusals.end()) {
        put_error(refused->second.number, refused->second);
    } else if ((messages.front().flags & NLM_F_DUMP) == NLM_F_DUMP) {
        dump(generic.command, generic.attributes);
    } else {
        answer_do(generic.command, generic.attributes);
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

void FakeKernel::answer_do(int command, std::span<const std::byte> attributes) {
    int number = 0;
    if (command == HEADGATE_CMD_GET_INFO) {
        put_answer(encode(info), 0);
    } else if (command == HEADGATE_CMD_GET_SETTINGS) {
        put_answer(encode(settings), 0);
    } else if (command == HEADGATE_CMD_GET_SERVICE) {
        const auto key = decode_service(attributes).value().spec.key;
        const auto found = std::find_if(services.begin(), services.end(),
                                        [&](const Service& s) { return s.spec.key == key; });
        found == services.end() ? void(number = ENOENT) : put_answer(encode(*found), 0);
    } else if (command == HEADGATE_CMD_GET_SERVER) {
        const auto want = decode_server(attributes).value();
        const auto endpoint = with_port_of(want.service, want.spec.endpoint);
        const auto found = std::find_if(servers.begin(), servers.end(), [&](const Server& s) {
            return s.service == want.service && s.spec.endpoint == endpoint;
        });
        found == servers.end() ? void(number = ENOENT) : put_answer(encode(*found), 0);
    } else {
        changes.push_back({command, Bytes(attributes.begin(), attributes.end())});
        if (command == HEADGATE_CMD_KILL_CONN) {
            AttributeWriter killed;
            killed.u32(HEADGATE_A_KILLED, static_cast<std::uint32_t>(conns.size()));
            put_answer(std::move(killed).take(), 0);
        }
    }
    put_error(number, {});
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

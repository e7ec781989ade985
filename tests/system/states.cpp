#include "states.h"

#include "codec.h"

#include <cstring>
#include <linux/netlink.h>

namespace hg::test {

namespace {

void put_service(AttributeWriter& nest, const ServiceKey& key) {
    nest.u8(HEADGATE_A_SERVICE_FAMILY, AF_INET)
        .u8(HEADGATE_A_SERVICE_PROTOCOL, static_cast<std::uint8_t>(key.protocol))
        .bytes(HEADGATE_A_SERVICE_ADDRESS, key.endpoint.address.bytes())
        .u16(HEADGATE_A_SERVICE_PORT, key.endpoint.port);
}

void put_server(AttributeWriter& top, const ServiceKey& key, const Address& server,
                const Fill& more) {
    top.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& nest) { put_service(nest, key); });
    top.nest(HEADGATE_A_SERVER, [&](AttributeWriter& nest) {
        nest.bytes(HEADGATE_A_SERVER_ADDRESS, server.bytes());
        more(nest);
    });
}

std::uint32_t number_of(const Attribute& attribute) {
    std::uint32_t value = 0;
    std::memcpy(&value, attribute.payload.data(),
                std::min(sizeof(value), attribute.payload.size()));
    return value;
}

} // namespace

States::States() {
    const auto inside = lab.inside.enter();
    requests = std::make_unique<RawRequests>();
    socket = must(Socket::open());
}

void States::of_service(int command, const ServiceKey& key, const Fill& more) {
    const auto verdict = requests->send(command, [&](AttributeWriter& top) {
        top.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& nest) {
            put_service(nest, key);
            more(nest);
        });
    });
    EXPECT_EQ(verdict, Verdict{});
}

void States::of_server(int command, const ServiceKey& key, const Address& server,
                       const Fill& more) {
    const auto fill = [&](AttributeWriter& top) { put_server(top, key, server, more); };
    EXPECT_EQ(requests->send(command, fill), Verdict{});
}

ServiceKey States::add_service(Protocol protocol, const std::string& scheduler, const Fill& more,
                               std::uint16_t port) {
    const ServiceKey key{protocol, {plan.vip, port}};
    of_service(HEADGATE_CMD_NEW_SERVICE, key, [&](AttributeWriter& nest) {
        nest.text(HEADGATE_A_SERVICE_SCHEDULER, scheduler);
        more(nest);
    });
    return key;
}

void States::set_down(const ServiceKey& key, const Address& server, std::uint32_t bits,
                      bool is_down) {
    set_server(key, server, [&](AttributeWriter& nest) {
        nest.bitfield32(HEADGATE_A_SERVER_DOWN, is_down ? bits : 0, bits);
    });
}

std::map<int, std::uint32_t> States::numbers(const ServiceKey& key, const Address& server) {
    AttributeWriter attributes;
    put_server(attributes, key, server, nothing);
    must(socket->send(make_message({.type = socket->family(),
                                    .flags = NLM_F_REQUEST,
                                    .command = HEADGATE_CMD_GET_SERVER,
                                    .version = HEADGATE_GENL_VERSION},
                                   std::move(attributes).take())));
    const auto datagram = must(socket->receive());
    const auto messages = must(split_datagram(datagram));
    std::map<int, std::uint32_t> out;
    if (messages.front().type == NLMSG_ERROR) {
        return out;
    }
    const auto take = [&](const Attribute& attribute) -> Result<> {
        out[attribute.type] = number_of(attribute);
        return {};
    };
    const auto answer = must(read_generic(messages.front()));
    must(for_each_attribute(answer.attributes, [&](const Attribute& attribute) -> Result<> {
        return attribute.type == HEADGATE_A_SERVER ? for_each_attribute(attribute.payload, take)
                                                   : Result<>{};
    }));
    return out;
}

std::uint32_t States::number(const ServiceKey& key, const Address& server, int type) {
    const auto all = numbers(key, server);
    const auto found = all.find(type);
    return found == all.end() ? 0 : found->second;
}

std::optional<Address> States::way_of(const Packet& packet) {
    lab.client.send(packet);
    return server_of(plan, lab.server.receive_frame());
}

int States::share_of_third(std::uint16_t first_port, int conns) {
    int out = 0;
    for (int i = 0; i < conns; i++) {
        const auto port = static_cast<std::uint16_t>(first_port + i);
        out += way_of(flow(port).udp()) == plan.third ? 1 : 0;
    }
    return out;
}

} // namespace hg::test

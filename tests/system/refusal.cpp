#include "refusal.h"

#include <netinet/in.h>
#include <ostream>

namespace hg::test {

std::unique_ptr<Place> NetlinkTest::place;

void NetlinkTest::SetUpTestSuite() { place = std::make_unique<Place>(Place::make("netlink-test")); }

void NetlinkTest::TearDownTestSuite() { place.reset(); }

NetlinkTest::NetlinkTest() : kernel(*place), requests(open()) {
    const auto done = [&](int command, const Fill& fill) {
        EXPECT_EQ(requests.send(command, fill), Verdict{});
    };
    done(HEADGATE_CMD_FLUSH, nothing);
    done(HEADGATE_CMD_NEW_SERVICE, service_with([](AttributeWriter& service) {
             service.text(HEADGATE_A_SERVICE_SCHEDULER, "rr");
             service.text(HEADGATE_A_SERVICE_NAME, "web");
         }));
    done(HEADGATE_CMD_NEW_SERVER, server_of(server_key));
}

RawRequests NetlinkTest::open() {
    const auto inside = place->enter();
    return {};
}

void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.name; }

TEST_P(NetlinkRefusal, says_why_and_changes_nothing) {
    const auto before = state();
    EXPECT_EQ(requests.send(GetParam().command, GetParam().fill), GetParam().verdict);
    EXPECT_TRUE(state() == before);
}

Fill service_with(const Fill& more) {
    return [more](AttributeWriter& top) {
        top.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& service) {
            service_key(service);
            more(service);
        });
    };
}

Fill new_service_with(const Fill& more) {
    return [more](AttributeWriter& top) {
        top.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& service) {
            service.u8(HEADGATE_A_SERVICE_FAMILY, AF_INET);
            service.u8(HEADGATE_A_SERVICE_PROTOCOL, IPPROTO_TCP);
            address4(service, HEADGATE_A_SERVICE_ADDRESS, {10, 0, 0, 1});
            service.u16(HEADGATE_A_SERVICE_PORT, 81);
            more(service);
        });
    };
}

Fill server_of(const Fill& fill) {
    return [fill](AttributeWriter& top) {
        top.nest(HEADGATE_A_SERVICE, service_key);
        top.nest(HEADGATE_A_SERVER, fill);
    };
}

Fill server_with(const Fill& more) {
    return server_of([more](AttributeWriter& server) {
        server_key(server);
        more(server);
    });
}

Fill settings_of(const Fill& fill) {
    return [fill](AttributeWriter& top) { top.nest(HEADGATE_A_SETTINGS, fill); };
}

Fill service_at(std::uint8_t family, std::uint8_t protocol, std::vector<std::uint8_t> address,
                std::uint16_t port) {
    return [=](AttributeWriter& top) {
        top.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& service) {
            service.u8(HEADGATE_A_SERVICE_FAMILY, family);
            service.u8(HEADGATE_A_SERVICE_PROTOCOL, protocol);
            service.bytes(HEADGATE_A_SERVICE_ADDRESS, std::as_bytes(std::span(address)));
            service.u16(HEADGATE_A_SERVICE_PORT, port);
            service.text(HEADGATE_A_SERVICE_SCHEDULER, "rr");
        });
    };
}

Fill server_at(const std::vector<std::uint8_t>& address, std::uint8_t family, std::uint16_t port,
               std::uint8_t mode) {
    return server_of([=](AttributeWriter& server) {
        server.u8(HEADGATE_A_SERVER_FAMILY, family);
        server.bytes(HEADGATE_A_SERVER_ADDRESS, std::as_bytes(std::span(address)));
        server.u16(HEADGATE_A_SERVER_PORT, port);
        server.u8(HEADGATE_A_SERVER_MODE, mode);
    });
}

Fill filter_of(const Fill& fill) {
    return [fill](AttributeWriter& top) { top.nest(HEADGATE_A_FILTER, fill); };
}

} // namespace hg::test

#include "refusal.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <ostream>

namespace hg::test {

namespace {

constexpr std::size_t kLongestText = 79; // that the module has room for

} // namespace

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

TEST_P(StagedRefusal, says_why_and_poisons_the_transaction) {
    const auto before = state();
    const auto& [name, command, fill, verdict] = GetParam();
    ASSERT_EQ(requests.send(HEADGATE_CMD_BEGIN, nothing), Verdict{});
    EXPECT_EQ(requests.send(command, fill), verdict);
    const auto commit = requests.send(HEADGATE_CMD_COMMIT, [&](AttributeWriter& top) {
        top.nest(HEADGATE_A_TRANSACTION, [&](AttributeWriter& terms) {
            terms.u32(HEADGATE_A_TRANSACTION_GENERATION, std::get<0>(before))
                .u32(HEADGATE_A_TRANSACTION_MESSAGES, 1);
        });
    });
    EXPECT_EQ(commit.number, ECANCELED);
    // What the policies refuse never gets to the transaction, which misses it then.
    EXPECT_THAT(commit.text, testing::AnyOf(("message 1: " + verdict.text).substr(0, kLongestText),
                                            "of the transaction's 1 messages 0 came through"));
    EXPECT_TRUE(state() == before);
}

std::vector<Refused> staged(const std::vector<Refused>& all) {
    std::vector<Refused> out;
    std::copy_if(all.begin(), all.end(), std::back_inserter(out),
                 [](const Refused& refused) { return is_staged(refused.command); });
    return out;
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

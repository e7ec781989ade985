#include "through.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

using testing::HasSubstr;

Settings with_marks(std::uint32_t first, std::uint32_t last) {
    Settings out;
    out.check_mark_first = first;
    out.check_mark_last = last;
    return out;
}

const Settings kMarks = with_marks(0x10000, 0x1ffff);
const AcceptLocal kNowhere{{}, {"eth0", "eth1"}};
const AcceptLocal kSomewhere{{"eth1"}, {"eth0"}};

Config config_of(Mode mode, const char* source = nullptr, const char* vip = "10.0.0.9") {
    PoolConfig pool;
    pool.service.name = "web";
    pool.service.key.endpoint = {*parse_address(vip), 80};
    pool.care.check = HealthCheck{};
    pool.care.check->through_service = true;
    if (source != nullptr) {
        pool.care.check->source = *parse_address(source);
    }
    for (const auto* const address : {"10.1.0.1:80", "10.1.0.2:80"}) {
        ServerSpec server;
        server.endpoint = *parse_endpoint(address);
        server.mode = mode;
        pool.servers.push_back(server);
    }
    return {.services = {pool}};
}

std::string refusal_of(const Config& config, const Settings& settings, const AcceptLocal& local) {
    const auto result = check_through(config, settings, local);
    return result ? "" : result.error().text();
}

TEST(Through, asks_nothing_of_other_checks) {
    auto config = config_of(Mode::Direct);
    EXPECT_TRUE(goes_through(config));
    config.services[0].care.check->through_service = false;
    EXPECT_FALSE(goes_through(config));
    EXPECT_EQ(refusal_of(config, {}, kNowhere), "");
    config.services[0].care.check.reset();
    EXPECT_FALSE(goes_through(config));
}

TEST(Through, needs_check_marks) {
    EXPECT_EQ(refusal_of(config_of(Mode::Nat), {}, kNowhere),
              "cannot check web through the service: check marks are off: headgate settings set "
              "check_mark_first=0x10000 check_mark_last=0x1ffff");
    EXPECT_EQ(refusal_of(config_of(Mode::Nat), with_marks(7, 7), kNowhere),
              "cannot check web through the service: there are 1 check marks for 2 servers: "
              "headgate settings set check_mark_last=0x8");
    EXPECT_EQ(refusal_of(config_of(Mode::Nat), with_marks(7, 8), kNowhere), "");
}

TEST(Through, needs_nothing_else_by_nat_and_local) {
    EXPECT_EQ(refusal_of(config_of(Mode::Nat), kMarks, kNowhere), "");
    EXPECT_EQ(refusal_of(config_of(Mode::Local), kMarks, kNowhere), "");
}

TEST(Through, needs_a_source_that_is_not_the_vip) {
    for (const auto mode : {Mode::Direct, Mode::Tunnel}) {
        EXPECT_THAT(refusal_of(config_of(mode), kMarks, kSomewhere),
                    HasSubstr("write \"source: ADDRESS\" into the check, an address of this "
                              "machine that is not a VIP"));
        EXPECT_THAT(refusal_of(config_of(mode, "10.0.0.9"), kMarks, kSomewhere),
                    HasSubstr("its source 10.0.0.9 is the VIP of web: "));
        EXPECT_EQ(refusal_of(config_of(mode, "10.0.0.1"), kMarks, kSomewhere), "");
    }
}

TEST(Through, needs_a_source_that_is_no_other_vip) {
    auto config = config_of(Mode::Direct, "10.0.0.8");
    auto other = config.services[0];
    other.service.name = "mail";
    other.service.key.endpoint.address = *parse_address("10.0.0.8");
    other.care.check.reset();
    config.services.push_back(other);
    EXPECT_THAT(refusal_of(config, kMarks, kSomewhere),
                HasSubstr("its source 10.0.0.8 is the VIP of mail: "));
}

TEST(Through, needs_an_interface_that_takes_the_answers) {
    EXPECT_THAT(refusal_of(config_of(Mode::Tunnel, "10.0.0.1"), kMarks, kNowhere),
                HasSubstr("sysctl -w net.ipv4.conf.eth0.accept_local=1, where they come in (there "
                          "are: eth0, eth1)"));
    EXPECT_EQ(refusal_of(config_of(Mode::Tunnel, "2001:db8::1", "2001:db8::9"), kMarks, kNowhere),
              "");
}

} // namespace
} // namespace hg::daemon

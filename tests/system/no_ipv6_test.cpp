// A kernel that was booted with ipv6.disable=1: the part "noipv6" of the tests.
#include "director.h"
#include "place.h"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using testing::HasSubstr;

TEST(NoIpv6, is_no_reason_to_crash) {
    if (std::filesystem::exists("/proc/sys/net/ipv6")) {
        GTEST_SKIP() << "this kernel has IPv6";
    }
    const auto place = Place::make("noipv6");
    Kernel kernel(place);
    const auto six = *hg::parse_service_key("tcp://[2001:db8::1]:80");
    const auto refused =
        kernel->add_service({.key = six, .name = "", .scheduler = "rr", .hash_port = false});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text(),
                HasSubstr("VIP 2001:db8::1: this kernel runs without IPv6 (ipv6.disable=1)"));

    const auto four = *hg::parse_service_key("tcp://10.0.0.1:80");
    must(kernel->add_service({.key = four, .name = "", .scheduler = "rr", .hash_port = false}));
    hg::ServerSpec server{.endpoint = *hg::parse_endpoint("[2001:db8::2]:80")};
    server.mode = hg::Mode::Tunnel;
    const auto no_server = kernel->add_server(four, server);
    ASSERT_FALSE(no_server);
    EXPECT_THAT(no_server.error().text(), HasSubstr("this kernel runs without IPv6"));
    server.endpoint = *hg::parse_endpoint("10.1.0.1:80");
    must(kernel->add_server(four, server));
    EXPECT_EQ(must(kernel->list_servers()).size(), 1U);
}

} // namespace

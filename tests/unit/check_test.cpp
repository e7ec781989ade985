#include "check.h"

#include "samples.h"

#include <gtest/gtest.h>

namespace {

namespace test = hg::test;

std::string said(const hg::Result<>& result) { return result ? "ok" : result.error().text(); }

std::string server(const char* service, const char* endpoint, hg::Mode mode) {
    return said(
        hg::check_server(test::key(service), {.endpoint = test::endpoint(endpoint), .mode = mode}));
}

TEST(Check, refuses_loopback) {
    EXPECT_EQ(said(hg::check_key(test::key("tcp://127.0.0.1:80"))),
              "VIP 127.0.0.1 is a loopback address: packets could not leave the director, use one "
              "of its other addresses");
    EXPECT_EQ(server("tcp://10.0.0.1:80", "127.0.0.1:8080", hg::Mode::Nat),
              "server 127.0.0.1 is a loopback address: packets could not leave the director, use "
              "one of its other addresses");
}

TEST(Check, refuses_what_is_not_one_host) {
    EXPECT_EQ(said(hg::check_key(test::key("tcp://224.0.0.1:80"))),
              "VIP 224.0.0.1 is not a unicast address");
    EXPECT_EQ(server("tcp://10.0.0.1:80", "0.0.0.0", hg::Mode::Nat),
              "server 0.0.0.0 is not a unicast address");
    EXPECT_EQ(server("tcp://[2001:db8::1]:80", "::ffff:10.0.0.1", hg::Mode::Nat),
              "server ::ffff:10.0.0.1 is an IPv4 address in IPv6 dress: write the IPv4 address");
}

TEST(Check, refuses_link_local) {
    EXPECT_EQ(said(hg::check_key(test::key("tcp://[fe80::1]:80"))),
              "VIP fe80::1 is a link-local address, which says nothing without its link: use one "
              "of its other addresses");
    EXPECT_EQ(server("tcp://[2001:db8::1]:80", "fe80::7", hg::Mode::Direct),
              "server fe80::7 is a link-local address, which says nothing without its link: use "
              "one of its other addresses");
}

TEST(Check, refuses_another_family_but_through_a_tunnel) {
    EXPECT_EQ(server("tcp://10.0.0.1:80", "2001:db8::7", hg::Mode::Nat),
              "the server is IPv6 and the service IPv4: only the mode tunnel can forward from one "
              "family to the other, not nat");
    EXPECT_EQ(server("tcp://10.0.0.1:80", "2001:db8::7", hg::Mode::Tunnel), "ok");
}

TEST(Check, refuses_another_port_but_with_nat) {
    EXPECT_EQ(server("tcp://10.0.0.1:80", "10.1.0.2:8080", hg::Mode::Direct),
              "port 8080 is not the service's port 80: only the mode nat can change the port, not "
              "direct");
    EXPECT_EQ(server("tcp://10.0.0.1:80", "10.1.0.2:8080", hg::Mode::Nat), "ok");
    EXPECT_EQ(server("tcp://10.0.0.1:80", "10.1.0.2:80", hg::Mode::Direct), "ok");
    EXPECT_EQ(server("tcp://10.0.0.1:80", "10.1.0.2", hg::Mode::Direct), "ok");
}

TEST(Check, refuses_what_no_scheduler_is_called) {
    const auto with = [](const std::string& scheduler) {
        return said(
            hg::check_service({.key = test::key("tcp://10.0.0.1:80"), .scheduler = scheduler}));
    };
    EXPECT_EQ(with(std::string(HEADGATE_SCHED_MAX, 'a')), "ok"); // the kernel knows which there are
    EXPECT_EQ(with(""), "\"\" cannot be a scheduler's name");
    const std::string long_name(HEADGATE_SCHED_MAX + 1, 'a');
    EXPECT_EQ(with(long_name), "\"" + long_name + "\" cannot be a scheduler's name");
}

TEST(Check, refuses_odd_names) {
    EXPECT_EQ(said(hg::check_name("web-1.example_x")), "ok");
    EXPECT_EQ(said(hg::check_name("web 1")),
              "\"web 1\" cannot be a service's name: 1 to 63 of A-Z a-z 0-9 . _ -");
    EXPECT_NE(said(hg::check_name("")), "ok");
    EXPECT_NE(said(hg::check_name("wéb")), "ok");
    EXPECT_EQ(said(hg::check_name(std::string(63, 'a'))), "ok");
    EXPECT_NE(said(hg::check_name(std::string(64, 'a'))), "ok");
}

TEST(Check, refuses_a_weight_out_of_range) {
    EXPECT_EQ(said(hg::check_server(test::key("tcp://10.0.0.1:80"),
                                    {.endpoint = test::endpoint("10.1.0.2"), .weight = 65536})),
              "weight 65536 is out of range: 0 to 65535");
}

} // namespace

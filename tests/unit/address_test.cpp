#include "address.h"

#include <gtest/gtest.h>

using namespace std::string_literals;

namespace {

std::string round_trip(std::string_view text) {
    const auto endpoint = hg::parse_endpoint(text);
    return endpoint ? endpoint->text() : endpoint.error().text();
}

std::string service(std::string_view text) {
    const auto key = hg::parse_service_key(text);
    return key ? key->text() : key.error().text();
}

TEST(Address, writes_what_it_reads) {
    EXPECT_EQ(round_trip("10.0.0.1"), "10.0.0.1");
    EXPECT_EQ(round_trip("10.0.0.1:80"), "10.0.0.1:80");
    EXPECT_EQ(round_trip("2001:DB8:0::1"), "2001:db8::1");
    EXPECT_EQ(round_trip("[2001:db8::1]"), "2001:db8::1");
    EXPECT_EQ(round_trip("[2001:db8::1]:65535"), "[2001:db8::1]:65535");
}

TEST(Address, refuses_names) {
    EXPECT_EQ(round_trip("www.example.org:80"),
              "\"www.example.org\": numeric address needed: a name may change under live conns");
    EXPECT_EQ(round_trip("localhost"),
              "\"localhost\": numeric address needed: a name may change under live conns");
}

TEST(Address, refuses_zones) {
    EXPECT_EQ(round_trip("fe80::1%eth0"),
              "\"fe80::1%eth0\": an address with a zone cannot be used");
}

TEST(Address, refuses_what_is_almost_an_address) {
    EXPECT_EQ(round_trip("10.0.0"), "\"10.0.0\" is not an IPv4 or IPv6 address");
    EXPECT_EQ(round_trip("10.0.0.256:80"), "\"10.0.0.256\" is not an IPv4 or IPv6 address");
    EXPECT_EQ(round_trip("010.0.0.1"), "\"010.0.0.1\" is not an IPv4 or IPv6 address");
    EXPECT_EQ(round_trip("2001:db8:::1"), "\"2001:db8:::1\" is not an IPv4 or IPv6 address");
    EXPECT_EQ(round_trip(""), "the address is missing");
    EXPECT_EQ(round_trip(":80"), "the address is missing");
    EXPECT_FALSE(hg::parse_address("10.0.0.1\0"s));
}

TEST(Address, refuses_ports_out_of_range) {
    EXPECT_EQ(round_trip("10.0.0.1:0"), "port 0 is out of range: 1 to 65535");
    EXPECT_EQ(round_trip("10.0.0.1:65536"), "port 65536 is out of range: 1 to 65535");
    EXPECT_EQ(round_trip("10.0.0.1:080"),
              "port \"080\" has a leading zero, which some read as octal: leave it out");
    EXPECT_EQ(round_trip("10.0.0.1:http"), "port \"http\" is not a decimal number");
    EXPECT_EQ(round_trip("10.0.0.1:"), "port \"\" is not a decimal number");
}

TEST(Address, refuses_odd_brackets) {
    EXPECT_EQ(round_trip("[2001:db8::1"), "\"[2001:db8::1\": the bracket is not closed");
    EXPECT_EQ(round_trip("[10.0.0.1]:80"), "\"[10.0.0.1]:80\": brackets are for IPv6 addresses");
    EXPECT_EQ(round_trip("[::2]80"), "\"[::2]80\": after the bracket comes :PORT");
}

TEST(Address, knows_its_kind) {
    const auto is = [](std::string_view text) {
        const auto a = hg::parse_address(text).value();
        return std::string(a.is_loopback() ? "L" : "") + (a.is_unspecified() ? "U" : "") +
               (a.is_multicast() ? "M" : "") + (a.is_v4_mapped() ? "4" : "") +
               (a.is_link_local() ? "l" : "");
    };
    EXPECT_EQ(is("127.9.9.9"), "L");
    EXPECT_EQ(is("::1"), "L");
    EXPECT_EQ(is("::"), "U");
    EXPECT_EQ(is("0.0.0.0"), "U");
    EXPECT_EQ(is("224.0.0.1"), "M");
    EXPECT_EQ(is("255.255.255.255"), "M");
    EXPECT_EQ(is("ff02::1"), "M");
    EXPECT_EQ(is("::ffff:10.0.0.1"), "4");
    EXPECT_EQ(is("fe80::1"), "l");
    EXPECT_EQ(is("febf:ffff::1"), "l");
    EXPECT_EQ(is("fec0::1"), "");
    EXPECT_EQ(is("fd80::1"), "");
    EXPECT_EQ(is("254.128.0.1"), "M");
    EXPECT_EQ(is("169.254.0.1"), "");
    EXPECT_EQ(is("10.0.0.1"), "");
    EXPECT_EQ(is("2001:db8::1"), "");
}

TEST(Address, sorts_as_the_kernel_does) {
    EXPECT_LT(hg::parse_address("9.255.0.1").value(), hg::parse_address("10.0.0.1").value());
    EXPECT_LT(hg::parse_address("10.0.0.1").value(), hg::parse_address("::2").value());
    EXPECT_LT(hg::parse_endpoint("10.0.0.1:80").value(), hg::parse_endpoint("10.0.0.1:81").value());
}

TEST(ServiceUrl, is_written_as_it_is_read) {
    EXPECT_EQ(service("tcp://10.0.0.1:80"), "tcp://10.0.0.1:80");
    EXPECT_EQ(service("udp://[2001:db8::1]:53"), "udp://[2001:db8::1]:53");
}

TEST(ServiceUrl, says_what_is_missing) {
    EXPECT_EQ(service("10.0.0.1:80"),
              "\"10.0.0.1:80\" is not a service: tcp://ADDRESS:PORT or udp://ADDRESS:PORT");
    EXPECT_EQ(service("http://10.0.0.1:80"),
              "\"http://10.0.0.1:80\": unknown protocol \"http\" (there are tcp, udp)");
    EXPECT_EQ(service("tcp://10.0.0.1"),
              "\"tcp://10.0.0.1\": the port is missing: tcp://10.0.0.1:PORT");
    EXPECT_EQ(service("tcp://2001:db8::1"),
              "\"tcp://2001:db8::1\": the port is missing: tcp://[2001:db8::1]:PORT");
    EXPECT_EQ(service("tcp://[2001:db8::1]"),
              "\"tcp://[2001:db8::1]\": the port is missing: tcp://[2001:db8::1]:PORT");
}

} // namespace

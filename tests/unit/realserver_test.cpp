#include "fake_real_host.h"
#include "realserver.h"
#include "realserver_report.h"

#include <gtest/gtest.h>

namespace hg::cli {

namespace {

RealServerOptions options(std::initializer_list<const char*> vips, Mode mode = Mode::Direct,
                          Family outer = Family::V4) {
    RealServerOptions out;
    for (const auto* const vip : vips) {
        out.vips.push_back(*parse_address(vip));
    }
    out.mode = mode;
    out.outer = outer;
    return out;
}

std::string up(FakeRealHost& host, const RealServerOptions& what) {
    const auto steps = realserver_up(host, what);
    return steps ? up_report(*steps, {}).text : steps.error().text() + "\n";
}

std::string down(FakeRealHost& host, const RealServerOptions& what) {
    const auto taken = realserver_down(host, what.vips);
    return taken ? down_report(*taken).text : taken.error().text() + "\n";
}

std::string check(FakeRealHost& host, const RealServerOptions& what) {
    const auto findings = check_realserver(host, what);
    return findings ? check_report(*findings).text : findings.error().text() + "\n";
}

TEST(RealServer, up_silences_arp_before_it_adds_the_address) {
    FakeRealHost host;
    EXPECT_EQ(up(host, options({"192.0.2.80"})), "sysctl -w net.ipv4.conf.all.arp_ignore=1\n"
                                                 "sysctl -w net.ipv4.conf.all.arp_announce=2\n"
                                                 "ip address add 192.0.2.80/32 dev lo\n");
    EXPECT_EQ(check(host, options({"192.0.2.80"})), "healthy\n");
}

TEST(RealServer, up_needs_less_for_ipv6) {
    FakeRealHost host;
    EXPECT_EQ(up(host, options({"2001:db8::80"})),
              "ip address add 2001:db8::80/128 dev lo nodad\n");
    EXPECT_EQ(check(host, options({"2001:db8::80"})), "healthy\n");
}

TEST(RealServer, up_makes_a_tunnel_device_when_there_is_none) {
    FakeRealHost host;
    const auto what = options({"192.0.2.80"}, Mode::Tunnel);
    EXPECT_EQ(up(host, what), "sysctl -w net.ipv4.conf.all.arp_ignore=1\n"
                              "sysctl -w net.ipv4.conf.all.arp_announce=2\n"
                              "ip link add hg-4in4 type ipip external\n"
                              "ip link set hg-4in4 up\n"
                              "sysctl -w net.ipv4.conf.hg-4in4.rp_filter=2\n"
                              "ip address add 192.0.2.80/32 dev hg-4in4\n");
    EXPECT_EQ(check(host, what), "healthy\n");
}

TEST(RealServer, up_takes_the_tunnel_device_of_the_kernel) {
    FakeRealHost host;
    host.put_link(FakeRealHost::link("sit0", "sit", false));
    EXPECT_EQ(up(host, options({"2001:db8::80"}, Mode::Tunnel)),
              "ip address add 2001:db8::80/128 dev sit0 nodad\n");
}

TEST(RealServer, up_takes_the_tunnel_device_that_comes_with_the_module) {
    FakeRealHost host;
    host.sit0_comes_ = true;
    EXPECT_EQ(up(host, options({"2001:db8::80"}, Mode::Tunnel)),
              "ip link set sit0 up\n"
              "ip address add 2001:db8::80/128 dev sit0 nodad\n");
}

TEST(RealServer, both_families_share_a_tunnel_device_over_ipv6) {
    FakeRealHost host;
    const auto what = options({"192.0.2.80", "2001:db8::80"}, Mode::Tunnel, Family::V6);
    EXPECT_EQ(up(host, what), "sysctl -w net.ipv4.conf.all.arp_ignore=1\n"
                              "sysctl -w net.ipv4.conf.all.arp_announce=2\n"
                              "ip link add hg-in6 type ip6tnl mode any external\n"
                              "ip link set hg-in6 up\n"
                              "sysctl -w net.ipv4.conf.hg-in6.rp_filter=2\n"
                              "ip address add 192.0.2.80/32 dev hg-in6\n"
                              "ip address add 2001:db8::80/128 dev hg-in6 nodad\n");
    EXPECT_EQ(check(host, what), "healthy\n");
}

TEST(RealServer, up_twice_does_nothing_more) {
    FakeRealHost host;
    up(host, options({"192.0.2.80"}, Mode::Tunnel));
    const auto record = host.record_;
    EXPECT_EQ(up(host, options({"192.0.2.80"}, Mode::Tunnel)), "");
    EXPECT_EQ(host.record_, record);
}

TEST(RealServer, down_takes_back_exactly_what_up_did) {
    FakeRealHost host;
    host.sysctls_["net/ipv4/conf/all/arp_announce"] = "1";
    const auto before = host.state();
    const auto what = options({"192.0.2.80", "2001:db8::80"}, Mode::Tunnel);
    up(host, what);
    EXPECT_NE(host.state(), before);
    EXPECT_EQ(down(host, what), "ip address del 2001:db8::80/128 dev hg-6in4\n"
                                "ip link set hg-6in4 down\n"
                                "ip link del hg-6in4\n"
                                "ip address del 192.0.2.80/32 dev hg-4in4\n"
                                "sysctl -w net.ipv4.conf.hg-4in4.rp_filter=1\n"
                                "ip link set hg-4in4 down\n"
                                "ip link del hg-4in4\n"
                                "sysctl -w net.ipv4.conf.all.arp_announce=1\n"
                                "sysctl -w net.ipv4.conf.all.arp_ignore=0\n");
    EXPECT_EQ(host.state(), before);
    EXPECT_EQ(host.record_, "");
    EXPECT_EQ(down(host, what), "");
}

TEST(RealServer, down_of_one_vip_leaves_what_another_needs) {
    FakeRealHost host;
    const auto before = host.state();
    up(host, options({"192.0.2.80"}));
    up(host, options({"192.0.2.81"}));
    EXPECT_EQ(down(host, options({"192.0.2.80"})), "ip address del 192.0.2.80/32 dev lo\n");
    EXPECT_EQ(check(host, options({"192.0.2.81"})), "healthy\n");
    down(host, options({"192.0.2.81"}));
    EXPECT_EQ(host.state(), before);
}

TEST(RealServer, down_leaves_alone_what_others_changed_or_made) {
    FakeRealHost host;
    up(host, options({"192.0.2.80"}));
    host.sysctls_["net/ipv4/conf/all/arp_ignore"] = "8";
    host.addresses_.push_back({"lo", *parse_address("192.0.2.99"), 32});
    EXPECT_EQ(down(host, options({"192.0.2.80", "192.0.2.99"})),
              "ip address del 192.0.2.80/32 dev lo\n"
              "sysctl -w net.ipv4.conf.all.arp_announce=0\n"
              "192.0.2.99 is on lo, but was not put there by \"headgate realserver up\": left "
              "alone\n"
              "net/ipv4/conf/all/arp_ignore has another value now than \"up\" gave it: left "
              "alone\n");
    EXPECT_EQ(host.sysctls_["net/ipv4/conf/all/arp_ignore"], "8");
}

TEST(RealServer, up_that_fails_leaves_nothing_behind) {
    for (const auto* const step : {"sysctl net/ipv4/conf/all/arp_announce", "tunnel", "link",
                                   "sysctl net/ipv4/conf/hg-4in4/rp_filter", "address"}) {
        FakeRealHost host;
        const auto before = host.state();
        host.fails_ = {step};
        const auto text = up(host, options({"192.0.2.80"}, Mode::Tunnel));
        EXPECT_NE(text.find("Operation not permitted; nothing was changed"), std::string::npos)
            << text;
        EXPECT_EQ(host.state(), before) << step;
        EXPECT_EQ(host.record_, "");
    }
}

TEST(RealServer, up_that_fails_says_what_it_could_not_take_back) {
    FakeRealHost host;
    host.fails_ = {"address", "del link"};
    EXPECT_EQ(up(host, options({"192.0.2.80"}, Mode::Tunnel)),
              "cannot address: Operation not permitted; "
              "\"ip link add hg-4in4 type ipip external\" could not be undone\n");
    EXPECT_NE(host.record_.find("hg-4in4"), std::string::npos); // for a later "down"
}

TEST(RealServer, up_refuses_a_device_of_the_wrong_type) {
    FakeRealHost host;
    auto what = options({"192.0.2.80"}, Mode::Tunnel);
    what.device = "eth0";
    EXPECT_EQ(up(host, what),
              "eth0 is no tunnel, not a device of type ipip; nothing was changed\n");
}

TEST(RealServer, a_damaged_record_is_told) {
    FakeRealHost host;
    for (const auto* const text : {"{", "{}", "{\"steps\": [{\"kind\": \"x\"}]}"}) {
        host.record_ = text;
        EXPECT_NE(down(host, options({"192.0.2.80"})).find("record of what was set up is damaged"),
                  std::string::npos);
    }
}

TEST(RealServerCheck, tells_all_that_a_bare_host_lacks) {
    FakeRealHost host;
    EXPECT_EQ(check(host, options({"192.0.2.80"})),
              "arp_ignore is 0 on eth0: this host answers ARP there for addresses that are on lo "
              "or a tunnel\n"
              "    sysctl -w net.ipv4.conf.all.arp_ignore=1\n"
              "arp_announce is 0 on eth0: this host's own ARP requests carry the VIP, and "
              "neighbours learn it from them\n"
              "    sysctl -w net.ipv4.conf.all.arp_announce=2\n"
              "192.0.2.80: it is missing on lo\n"
              "    ip address add 192.0.2.80/32 dev lo\n");
}

TEST(RealServerCheck, sees_a_wrong_prefix_length) {
    FakeRealHost host;
    up(host, options({"192.0.2.80"}));
    host.addresses_[0].prefix = 24;
    EXPECT_EQ(check(host, options({"192.0.2.80"})),
              "192.0.2.80: it is on lo with the prefix length 24: this host takes that whole "
              "network for its own; it has to be 32\n"
              "    ip address del 192.0.2.80/24 dev lo; ip address add 192.0.2.80/32 dev lo\n");
}

TEST(RealServerCheck, sees_the_vip_on_an_interface_that_answers_arp) {
    FakeRealHost host;
    up(host, options({"192.0.2.80"}));
    host.addresses_.push_back({"eth0", *parse_address("192.0.2.80"), 24});
    EXPECT_EQ(check(host, options({"192.0.2.80"})),
              "192.0.2.80: it is on eth0, which answers ARP for it: clients would come here past "
              "the director\n"
              "    ip address del 192.0.2.80/24 dev eth0\n");
}

TEST(RealServerCheck, an_interface_of_its_own_mind_is_named) {
    FakeRealHost host;
    up(host, options({"192.0.2.80"}));
    host.sysctls_["net/ipv4/conf/eth0/arp_ignore"] = "3";
    EXPECT_EQ(check(host, options({"192.0.2.80"})),
              "arp_ignore is 3 on eth0: this host answers ARP there for addresses that are on lo "
              "or a tunnel\n"
              "    sysctl -w net.ipv4.conf.eth0.arp_ignore=1\n");
}

TEST(RealServerCheck, sees_what_is_wrong_with_a_tunnel) {
    FakeRealHost host;
    const auto what = options({"192.0.2.80"}, Mode::Tunnel);
    up(host, what);
    host.links_.back().is_up = false;
    host.links_.back().mtu = 500;
    host.sysctls_["net/ipv4/conf/hg-4in4/rp_filter"] = "0";
    host.sysctls_["net/ipv4/conf/all/rp_filter"] = "1";
    EXPECT_EQ(check(host, what),
              "192.0.2.80: the tunnel device hg-4in4 is down\n"
              "    ip link set hg-4in4 up\n"
              "192.0.2.80: the MTU of hg-4in4 is 500: IPv4 needs at least 576\n"
              "    ip link set hg-4in4 mtu 1480\n"
              "192.0.2.80: rp_filter is strict on hg-4in4 (by net.ipv4.conf.all): packets out of "
              "the tunnel are dropped, since answers leave by another interface\n"
              "    sysctl -w net.ipv4.conf.hg-4in4.rp_filter=2\n");
}

TEST(RealServerCheck, sees_a_missing_tunnel_and_one_of_the_wrong_type) {
    FakeRealHost host;
    host.addresses_.push_back({"lo", *parse_address("2001:db8::80"), 128});
    auto what = options({"2001:db8::80"}, Mode::Tunnel);
    EXPECT_EQ(check(host, what), "2001:db8::80: the tunnel device hg-6in4 is missing\n"
                                 "    ip link add hg-6in4 type sit\n");
    host.put_link(FakeRealHost::link("t0", "gre", false));
    what.device = "t0";
    EXPECT_EQ(check(host, what),
              "2001:db8::80: t0 is of type gre, and packets of this tunnel come to one of type "
              "sit\n"
              "    ip link add hg-6in4 type sit\n"
              "2001:db8::80: it is missing on t0\n"
              "    ip address add 2001:db8::80/128 dev t0 nodad\n");
}

TEST(RealServerCheck, sees_the_director_as_the_gateway) {
    FakeRealHost host;
    auto what = options({"192.0.2.80"});
    up(host, what);
    host.gateways_ = {*parse_address("192.0.2.1")};
    EXPECT_EQ(check(host, what), "healthy\n");
    what.director = *parse_address("192.0.2.1");
    EXPECT_EQ(check(host, what),
              "the default gateway 192.0.2.1 is the director: it would drop the answers as "
              "martians, their source being its own VIP; the gateway has to be the router\n"
              "    ip route replace default via ROUTER\n");
    host.gateways_ = {*parse_address("192.0.2.80")};
    EXPECT_NE(check(host, what).find("192.0.2.80 is a VIP"), std::string::npos);
}

TEST(RealServerCheck, sees_that_ipv6_is_off) {
    FakeRealHost host;
    up(host, options({"2001:db8::80"}));
    host.sysctls_["net/ipv6/conf/lo/disable_ipv6"] = "1";
    EXPECT_EQ(check(host, options({"2001:db8::80"})),
              "2001:db8::80: IPv6 is disabled on lo\n"
              "    sysctl -w net.ipv6.conf.lo.disable_ipv6=0\n");
    host.sysctls_.erase("net/ipv6/conf/all/disable_ipv6");
    EXPECT_EQ(check(host, options({"2001:db8::80"})),
              "2001:db8::80: this kernel runs without IPv6\n"
              "    modprobe ipv6\n");
}

TEST(RealServerReport, is_json_for_scripts) {
    FakeRealHost host;
    const auto findings = check_realserver(host, options({"2001:db8::80"}));
    ASSERT_TRUE(findings);
    EXPECT_EQ(
        check_report(*findings).document.dump(),
        R"({"healthy":false,"findings":[{"vip":"2001:db8::80","problem":"it is missing on lo",)"
        R"("cure":"ip address add 2001:db8::80/128 dev lo nodad"}]})");
}

} // namespace

} // namespace hg::cli

// A keepalived.conf as our configuration.
#include "import_cases.h"

namespace {

using hg::test::ImportCase;
using hg::test::notes_of;

std::string text_of(std::string_view text) {
    return hg::config_text(hg::import_keepalived(text).config);
}

TEST(ImportKeepalived, carries_virtual_servers_over) {
    const auto imported = hg::import_keepalived(R"(! a comment
virtual_server 10.0.0.1 443 {
    delay_loop 6          # seconds
    lvs_sched wrr
    lvs_method DR
    persistence_timeout 50
    persistence_granularity 255.255.255.0
    protocol TCP
    alpha
    quorum 2
    hysteresis 1
    inhibit_on_failure
    virtualhost www.example.org
    real_server 192.168.1.2 443 {
        weight 3
        uthreshold 1000
        lthreshold 800
        SSL_GET
        {
            url {
                path "/health?full=1"
                status_code 200 300-302
                regex "^\"ok\""
            }
            connect_timeout 2.5
            retry 3
            delay_before_retry 2
            enable_sni
        }
    }
    real_server 192.168.1.3 443 {
        SSL_GET {
            url {
                path "/health?full=1"
                status_code 200 300-302
                regex "^\"ok\""
            }
            connect_timeout 2.5
            retry 3
            delay_before_retry 2
        }
    }
    sorry_server 192.168.1.9 443
    sorry_server_lvs_method TUN type ipip
}
virtual_server_group names {
    10.0.0.53 53
    10.0.0.60-61 53
}
virtual_server group names {
    lb_algo mh
    mh-port
    mh-fallback
    lb_kind NAT
    protocol UDP
    delay_loop 2
    real_server 192.168.1.2 5353 {
        DNS_CHECK {
            type A
            name www.example.org
        }
    }
}
)");
    EXPECT_EQ(notes_of(imported), "43: the sorry server comes in when no server is left, not "
                                  "already when the quorum is lost\n");
    EXPECT_EQ(hg::config_text(imported.config), R"(services:
  - listen: tcp://10.0.0.1:443
    scheduler: wrr
    affinity: { timeout: 50s, mask: 24, drained: keep }
    servers:
      - { address: 192.168.1.2:443, forward: direct, weight: 3, upper: 1000, lower: 800 }
      - { address: 192.168.1.3:443, forward: direct, weight: 1 }
    check:
      type: https
      interval: 6s
      timeout: 2500ms
      fast_interval: 2s
      rise: 1
      fall: 4
      jitter: 10%
      initial: wait
      method: GET
      path: "/health?full=1"
      host: www.example.org
      expect: [ 200, 300-302 ]
      body: "^\"ok\""
      verify: false
    fallback:
      - { address: 192.168.1.9:443, forward: tunnel, tunnel: ipip, weight: 1 }
    quorum: { weight: 2, hysteresis: 1 }
  - listen: [ udp://10.0.0.53:53, udp://10.0.0.60:53, udp://10.0.0.61:53 ]
    scheduler: mh
    hash_port: true
    servers:
      - { address: 192.168.1.2:5353, forward: nat, weight: 1 }
    check:
      type: dns
      interval: 2s
      timeout: 2s
      fast_interval: 2s
      rise: 1
      fall: 4
      jitter: 10%
      initial: up
      name: www.example.org
      record: A
      rcode: NOERROR
)");
}

// A service tcp://10.0.0.1:80 with one server that has this check.
std::string with_check(const std::string& check) {
    return "virtual_server 10.0.0.1 80 {\ndelay_loop 10\nreal_server 10.1.0.1 80 {\n" + check +
           "\n}\n}\n";
}

hg::HealthCheck check_of(const std::string& check) {
    const auto imported = hg::import_keepalived(with_check(check));
    EXPECT_EQ(notes_of(imported), "");
    EXPECT_EQ(imported.config.services.size(), 1U);
    return imported.config.services.at(0).care.check.value_or(hg::HealthCheck{});
}

TEST(ImportKeepalived, a_check_has_keepaliveds_own_defaults) {
    using namespace std::chrono_literals;
    const auto tcp = check_of("TCP_CHECK {\n}");
    EXPECT_TRUE(std::holds_alternative<hg::TcpCheck>(tcp.kind));
    EXPECT_EQ(tcp.interval, 10s);
    EXPECT_EQ(tcp.timeout, 5s);
    EXPECT_EQ(tcp.fast_interval, 1s);
    EXPECT_EQ(tcp.rise, 1U);
    EXPECT_EQ(tcp.fall, 2U);
    EXPECT_EQ(tcp.initial, hg::InitialHealth::Up);

    const auto http = check_of("HTTP_GET {\nurl {\npath /\n}\n}");
    EXPECT_EQ(http.fast_interval, 3s);
    EXPECT_EQ(std::get<hg::HttpCheck>(http.kind).expect,
              (std::vector<hg::StatusRange>{{200, 299}}));

    const auto dns = check_of("DNS_CHECK {\n}");
    EXPECT_EQ(dns.fall, 4U);
    EXPECT_EQ(std::get<hg::DnsCheck>(dns.kind).name, ".");
    EXPECT_EQ(std::get<hg::DnsCheck>(dns.kind).type, "SOA");
}

TEST(ImportKeepalived, checks_of_all_kinds) {
    using namespace std::chrono_literals;
    const auto misc = check_of("MISC_CHECK {\nmisc_path \"/bin/check -h '10.1.0.1 80' x\"\n"
                               "misc_timeout 4\n}");
    EXPECT_EQ(std::get<hg::ExecCheck>(misc.kind).command,
              (std::vector<std::string>{"/bin/check", "-h", "10.1.0.1 80", "x"}));
    EXPECT_EQ(misc.timeout, 4s);
    EXPECT_EQ(misc.fall, 1U);

    const auto smtp = check_of("SMTP_CHECK {\nhelo_name lb.example\nconnect_port 25\n"
                               "bindto 10.1.0.7\nwarmup 3\n}");
    EXPECT_EQ(std::get<hg::SmtpCheck>(smtp.kind).helo, "lb.example");
    EXPECT_EQ(smtp.port, 25);
    EXPECT_EQ(smtp.source, *hg::parse_address("10.1.0.7"));

    EXPECT_EQ(check_of("TCP_CHECK {\nconnect_port 80\n}").port, 0) << "the server's own";
    EXPECT_TRUE(std::holds_alternative<hg::IcmpCheck>(check_of("PING_CHECK {\n}").kind));

    const auto udp = check_of("UDP_CHECK {\nconnect_port 53\npayload Ab12f 3 \"4 56\"\n"
                              "require_reply\n}");
    EXPECT_EQ(std::get<hg::UdpCheck>(udp.kind).payload, "\xab\x12\x0f\x03\x04\x56");
    EXPECT_EQ(std::get<hg::UdpCheck>(udp.kind).reply, "^");

    const auto web = check_of("HTTP_GET {\nurl {\npath /\nvirtualhost a.example\n}\n}");
    EXPECT_EQ(std::get<hg::HttpCheck>(web.kind).host, "a.example");
}

TEST(ImportKeepalived, a_virtual_servers_words_hold_wherever_they_stand) {
    EXPECT_EQ(text_of("virtual_server 2001:db8::1 80 {\n"
                      "  real_server 2001:db8::2 80 { weight 2 }\n"
                      "  lb_kind DR\n"
                      "  persistence_timeout\n"
                      "  persistence_granularity 48\n"
                      "}\n"),
              "services:\n"
              "  - listen: \"tcp://[2001:db8::1]:80\"\n"
              "    scheduler: wlc\n"
              "    affinity: { timeout: 6m, prefix: 48, drained: keep }\n"
              "    servers:\n"
              "      - { address: \"[2001:db8::2]:80\", forward: direct, weight: 2 }\n");
}

TEST(ImportKeepalived, ranges_of_a_group_are_services_each) {
    const auto imported = hg::import_keepalived("virtual_server_group g {\n"
                                                "10.0.0.254-10.0.1.1 80\n"
                                                "10.0.2.9/31 80\n"
                                                "2001:db8::fe-101 80\n"
                                                "}\n"
                                                "virtual_server group g {\n"
                                                "}\n");
    std::string keys;
    for (const auto& pool : imported.config.services) {
        keys += pool.service.key.text() + "\n";
    }
    EXPECT_EQ(notes_of(imported), "");
    EXPECT_EQ(keys, "tcp://10.0.0.254:80\ntcp://10.0.0.255:80\ntcp://10.0.1.0:80\n"
                    "tcp://10.0.1.1:80\ntcp://10.0.2.8:80\ntcp://10.0.2.9:80\n"
                    "tcp://[2001:db8::fe]:80\ntcp://[2001:db8::ff]:80\n"
                    "tcp://[2001:db8::100]:80\ntcp://[2001:db8::101]:80\n");
}

std::string with_virtual(const std::string& lines) {
    return "virtual_server 10.0.0.1 80 {\n" + lines + "\n}\n";
}

class ImportKeepalivedNote : public testing::TestWithParam<ImportCase> {};

TEST_P(ImportKeepalivedNote, says_what_and_why) {
    EXPECT_EQ(notes_of(hg::import_keepalived(GetParam().text)), GetParam().notes);
}

INSTANTIATE_TEST_SUITE_P(
    Top, ImportKeepalivedNote,
    testing::Values(
        ImportCase{"vrrp", "global_defs {\n}\nvrrp_instance a {\n}\nvrrp_instance b {\n}\n",
                   "1: \"global_defs\" is not carried over: only virtual servers and groups of "
                   "them are\n3: \"vrrp_instance\" is not carried over: moving a VIP between "
                   "directors is not headgate's, leave it to keepalived\n"},
        ImportCase{"include", "include /etc/keepalived/*.conf\n",
                   "1: \"include /etc/keepalived/*.conf\" is not followed: import that file too\n"},
        ImportCase{
            "conditional", "@main virtual_server 10.0.0.1 80 {\n",
            "1: the line is left out: whether \"@main\" holds is known on its machine only\n"},
        ImportCase{"definition", "$VS= \\\n virtual_server 10.0.0.1 80 { \\\n }\n$VS\n",
                   "1: the line is left out: parameters like \"$VS\" are not filled in\n4: the "
                   "line is left out: parameters like \"$VS\" are not filled in\n"},
        ImportCase{"sequence", "~SEQ(A,1,9) x\n",
                   "1: the line is left out: \"~SEQ(A,1,9)\" is not unrolled\n"},
        ImportCase{"not_closed", "virtual_server 10.0.0.1 80 {\nprotocol TCP\n",
                   "1: the block of \"virtual_server\" is not closed\n"},
        ImportCase{"closed_twice", "virtual_server 10.0.0.1 80 {\n}\n}\n",
                   "3: a } without its {\n"},
        ImportCase{"no_word_before", "{\n}\n", "1: a block without a word before it is left out\n"},
        ImportCase{"quote", "virtual_server \"10.0.0.1 80 {\n",
                   "1: a quote is not closed on its line: it is taken to end there\n1: "
                   "\"virtual_server 10.0.0.1 80 {\" is not carried over: \"10.0.0.1 80 {\": "
                   "numeric address needed: a name may change under live conns\n"},
        ImportCase{"mark", "virtual_server fwmark 3 {\n}\n",
                   "1: \"virtual_server fwmark 3\" is not carried over: there are services of "
                   "addresses only, not of marks\n"},
        ImportCase{"no_group", "virtual_server group web {\n}\n",
                   "1: \"virtual_server group web\" is not carried over: there is no such group\n"},
        ImportCase{"group_entries",
                   "virtual_server_group g {\nfwmark 1\n10.0.0.0/8 80\n10.0.0.9-1 80\n"
                   "10.0.0.1 http\nwww 80\n}\n",
                   "2: \"fwmark 1\" is not carried over: there are services of addresses only\n3: "
                   "\"10.0.0.0/8 80\" is not carried over: \"10.0.0.0/8\" is more than 256 "
                   "addresses\n4: \"10.0.0.9-1 80\" is not carried over: \"10.0.0.9-1\" is no "
                   "range of addresses\n5: \"10.0.0.1 http\" is not carried over: port \"http\" is "
                   "not a decimal number\n6: \"www 80\" is not carried over: \"www\": numeric "
                   "address needed: a name may change under live conns\n"},
        ImportCase{"name", "virtual_server www 80 {\n}\n",
                   "1: \"virtual_server www 80\" is not carried over: \"www\": numeric address "
                   "needed: a name may change under live conns\n"},
        ImportCase{"empty_group", "virtual_server_group g {\n}\nvirtual_server group g {\n}\n",
                   "3: \"virtual_server group g\" is not carried over: its group has no "
                   "address\n"},
        ImportCase{
            "no_port", "virtual_server 10.0.0.1 {\n}\n",
            "1: service tcp://10.0.0.1 is left out: a service of all ports is not to be had\n"},
        ImportCase{"twice", "virtual_server 10.0.0.1 80 {\n}\nvirtual_server 10.0.0.1 80 {\n}\n",
                   "3: service tcp://10.0.0.1:80 is left out: it is there already\n"},
        ImportCase{"deep", "a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{",
                   "1: blocks in blocks, more than 16 deep: nothing is read from here on\n1: \"a\" "
                   "is not carried over: only virtual servers and groups of them are\n"}),
    hg::test::named);

INSTANTIATE_TEST_SUITE_P(
    Virtual, ImportKeepalivedNote,
    testing::Values(
        ImportCase{"sctp", with_virtual("protocol SCTP"),
                   "1: \"virtual_server 10.0.0.1 80\" is not carried over: there is no protocol "
                   "\"SCTP\"\n"},
        ImportCase{"scheduler", with_virtual("lvs_sched sed\nsh-port"),
                   "2: there is no scheduler \"sed\": wlc instead\n3: the scheduler wlc has no "
                   "flag \"sh-port\"\n"},
        ImportCase{
            "scripts",
            with_virtual("quorum_up \"/bin/a b\"\nsmtp_alert\nha_suspend\nomega\nops\n"
                         "snmp_name a\npersistence_engine sip\nsmtp_alert off"),
            "2: \"quorum_up /bin/a b\" is not carried over: what happens is told to on_change of "
            "headgated\n3: \"smtp_alert\" is not carried over: what happens is told to on_change "
            "of headgated\n4: \"ha_suspend\" is not carried over: checks go on wherever the VIP "
            "is\n5: \"omega\" is not carried over: nothing is done to servers when headgated "
            "ends\n6: \"ops\" is not carried over: each packet cannot be scheduled for itself\n7: "
            "\"snmp_name a\" is not carried over: there is no SNMP; name: NAME is what commands "
            "and metrics call a service\n8: \"persistence_engine sip\" is not carried over: "
            "clients stay with their servers by address only\n"},
        ImportCase{"unknown", with_virtual("frobnicate 3"),
                   "2: \"frobnicate 3\" is not carried over: it is unknown here\n"},
        ImportCase{"method", with_virtual("lvs_method FOO\nreal_server 10.1.0.1 80 {\n}"),
                   "3: \"real_server 10.1.0.1 80\" is not carried over: lvs_method \"FOO\" is none "
                   "of NAT, DR and TUN\n"},
        ImportCase{"tunnel",
                   with_virtual("real_server 10.1.0.1 80 {\nlvs_method TUN type gue port 9\n}"),
                   "2: \"real_server 10.1.0.1 80\" is not carried over: there is no tunnel "
                   "\"gue\", only ipip\n"},
        ImportCase{"server_name", with_virtual("real_server web 80 {\n}"),
                   "2: \"real_server web 80\" is not carried over: \"web\": numeric address "
                   "needed: a name may change under live conns\n"},
        ImportCase{"server_port", with_virtual("lb_kind DR\nreal_server 10.1.0.1 81 {\n}"),
                   "3: server 10.1.0.1:81 is left out: port 81 is not the service's port 80: only "
                   "the mode nat can change the port, not direct\n"},
        ImportCase{"weight", with_virtual("real_server 10.1.0.1 80 {\nweight -1\nlthreshold 3\n}"),
                   "2: the lower threshold of server 10.1.0.1:80, 3, is left out: it is over the "
                   "upper one, 0\n3: \"weight -1\" is not carried over: weight \"-1\" is not a "
                   "decimal number\n"},
        ImportCase{"quorum", with_virtual("quorum 3\nreal_server 10.1.0.1 80 {\n}"),
                   "2: the quorum of tcp://10.0.0.1:80 is left out: the quorum is never had: it "
                   "wants the weight 3, and all servers together have 1\n"},
        ImportCase{"sorry", with_virtual("real_server 10.1.0.1 80 {\n}\nsorry_server 10.1.0.1 80"),
                   "4: \"sorry_server 10.1.0.1 80\" is not carried over: it is one of the servers "
                   "already\n"},
        ImportCase{"persistence",
                   with_virtual("persistence_timeout 0x\npersistence_granularity 24"),
                   "2: clients do not stay with their servers: persistence timeout \"0x\" is not a "
                   "decimal number\n"},
        ImportCase{"granularity", with_virtual("persistence_timeout 9\npersistence_granularity 33"),
                   "3: \"33\" is no mask of IPv4 addresses: each is a client of its own\n"}),
    hg::test::named);

INSTANTIATE_TEST_SUITE_P(
    Check, ImportKeepalivedNote,
    testing::Values(
        ImportCase{"none_such", with_check("BFD_CHECK {\nname a\n}\nFILE_CHECK {\n}"),
                   "4: \"BFD_CHECK\" is not carried over: there is no such check\n7: "
                   "\"FILE_CHECK\" is not carried over: there is no such check\n"},
        ImportCase{"two", with_check("TCP_CHECK {\n}\nPING_CHECK {\n}"),
                   "6: \"PING_CHECK\" is not carried over: a server has one check, the first\n"},
        ImportCase{
            "other_servers",
            with_virtual("real_server 10.1.0.1 80 {\n}\nreal_server 10.1.0.2 80 "
                         "{\nTCP_CHECK {\n}\n}\nreal_server 10.1.0.3 80 {\nPING_CHECK "
                         "{\n}\n}\nreal_server 10.1.0.4 80 {\nTCP_CHECK {\n}\n}"),
            "2: server 10.1.0.1:80 had no check: it gets that of 10.1.0.2:80, since all servers of "
            "a service are checked alike\n8: server 10.1.0.3:80 had another check (icmp): it gets "
            "that of 10.1.0.2:80, since all servers of a service are checked alike\n"},
        ImportCase{
            "times",
            with_check("TCP_CHECK {\nconnect_timeout 11\ndelay_before_retry 0.01\n"
                       "retry 200\ndelay_loop x\n}"),
            "4: the timeout of TCP_CHECK is 10s instead of 11s\n4: a failure of TCP_CHECK is "
            "confirmed 99 times instead of 200\n4: the fast interval of TCP_CHECK is 100ms instead "
            "of 10ms\n8: \"delay_loop x\" is not carried over: it is no time in seconds\n"},
        ImportCase{"interval", with_check("TCP_CHECK {\ndelay_loop 7200\n}"),
                   "4: the interval of TCP_CHECK is 1h instead of 2h\n"},
        ImportCase{"connect_ip", with_check("TCP_CHECK {\nconnect_ip 10.1.0.2\n}"),
                   "5: \"connect_ip 10.1.0.2\" is not carried over: a check goes to its server, so "
                   "there is none\n"},
        ImportCase{
            "generic",
            with_check("TCP_CHECK {\nbind_port 9\nbind_if eth0\nfwmark 3\n"
                       "log_all_failures\nbindto eth0\nconnect_port http\n}"),
            "5: \"bind_port 9\" is not carried over: a check of the type tcp has nothing like "
            "it\n6: \"bind_if eth0\" is not carried over: a check of the type tcp has nothing like "
            "it\n7: \"fwmark 3\" is not carried over: a check of the type tcp has nothing like "
            "it\n8: \"log_all_failures\" is not carried over: a check of the type tcp has nothing "
            "like it\n9: \"bindto eth0\" is not carried over: \"eth0\": numeric address needed: a "
            "name may change under live conns\n10: \"connect_port http\" is not carried over: "
            "connect_port \"http\" is not a decimal number\n"},
        ImportCase{
            "http",
            with_check("HTTP_GET {\nhttp_protocol 1.0\nsni_name a\nurl {\npath /\ndigest "
                       "1f\nstatus_code 200 2xx\nregex a\nregex_no_match\n}\nurl {\npath "
                       "/b\n}\n}"),
            "5: \"http_protocol 1.0\" is not carried over: a check asks by HTTP/1.1\n6: \"sni_name "
            "a\" is not carried over: a check of the type http has nothing like it\n9: \"digest "
            "1f\" is not carried over: body: PATTERN can tell a right page from a wrong one\n10: "
            "the status \"2xx\" is not carried over: it is not 100 to 599, or a range of them\n12: "
            "\"regex_no_match\" is not carried over: so the pattern it goes with is not looked for "
            "either\n14: \"url\" is not carried over: a check asks for one page, the first\n"},
        ImportCase{"pattern", with_check("HTTP_GET {\nurl {\npath /\nregex \"(?=a)\"\n}\n}"),
                   "4: the check of tcp://10.0.0.1:80 is left out: body \"(?=a)\" is no regular "
                   "expression of RE2: invalid perl operator: \"(?=\"\n"},
        ImportCase{
            "path", with_check("HTTP_GET {\nurl {\npath \"/a b\"\n}\n}"),
            "4: the check of tcp://10.0.0.1:80 is left out: path \"/a b\" cannot be requested: it "
            "starts with / and has no spaces, other characters are written like %20\n"},
        ImportCase{"source", with_check("TCP_CHECK {\nbindto 2001:db8::1\n}"),
                   "4: the check of tcp://10.0.0.1:80 is left out: the check's source 2001:db8::1 "
                   "is IPv6, and this server is IPv4\n"},
        ImportCase{"dns_type", with_check("DNS_CHECK {\ntype ANY\n}"),
                   "4: the check of tcp://10.0.0.1:80 is left out: unknown record \"ANY\" (there "
                   "are: A, AAAA, CNAME, MX, NS, PTR, SOA, SRV, TXT)\n"},
        ImportCase{
            "misc", with_check("MISC_CHECK {\nmisc_path check.sh\nmisc_dynamic\nuser a\n}"),
            "4: the check of tcp://10.0.0.1:80 is left out: command \"check.sh\" is not an "
            "absolute path: there is no shell that could look for it\n6: \"misc_dynamic\" is not "
            "carried over: a program's status says well or not; a load may set the share\n7: "
            "\"user a\" is not carried over: a check of the type exec has nothing like it\n"},
        ImportCase{"udp_without_port", with_check("UDP_CHECK {\npayload zz\nrequire_reply 0f\n}"),
                   "4: the check of tcp://10.0.0.1:80 is left out: the udp check needs a port: the "
                   "service has no udp://, so nobody may listen for it at the servers' own; "
                   "another type, or \"check: none\"?\n5: \"payload zz\" is not carried over: it "
                   "is not hexadecimal\n6: \"require_reply 0f\" is not carried over: any answer is "
                   "well; reply: PATTERN can say which\n"}),
    hg::test::named);

} // namespace

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
    EXPECT_EQ(notes_of(imported), "39: the sorry server comes in when no server is left, not "
                                  "already when the quorum is lost\n");
    EXPECT_EQ(hg::config_text(imported.config), "x");
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
        ImportCase{"vrrp", "global_defs {\n}\nvrrp_instance a {\n}\nvrrp_instance b {\n}\n", "x"},
        ImportCase{"include", "include /etc/keepalived/*.conf\n", "x"},
        ImportCase{"conditional", "@main virtual_server 10.0.0.1 80 {\n", "x"},
        ImportCase{"definition", "$VS= \\\n virtual_server 10.0.0.1 80 { \\\n }\n$VS\n", "x"},
        ImportCase{"sequence", "~SEQ(A,1,9) x\n", "x"},
        ImportCase{"not_closed", "virtual_server 10.0.0.1 80 {\nprotocol TCP\n", "x"},
        ImportCase{"closed_twice", "virtual_server 10.0.0.1 80 {\n}\n}\n", "x"},
        ImportCase{"no_word_before", "{\n}\n", "x"},
        ImportCase{"quote", "virtual_server \"10.0.0.1 80 {\n", "x"},
        ImportCase{"mark", "virtual_server fwmark 3 {\n}\n", "x"},
        ImportCase{"no_group", "virtual_server group web {\n}\n", "x"},
        ImportCase{"group_entries",
                   "virtual_server_group g {\nfwmark 1\n10.0.0.0/8 80\n10.0.0.9-1 80\n"
                   "10.0.0.1 http\nwww 80\n}\n",
                   "x"},
        ImportCase{"name", "virtual_server www 80 {\n}\n", "x"},
        ImportCase{"no_port", "virtual_server 10.0.0.1 {\n}\n", "x"},
        ImportCase{"twice", "virtual_server 10.0.0.1 80 {\n}\nvirtual_server 10.0.0.1 80 {\n}\n",
                   "x"},
        ImportCase{"deep",
                   std::string(17, 'a').replace(0, 17, "a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{"), "x"}),
    hg::test::named);

INSTANTIATE_TEST_SUITE_P(
    Virtual, ImportKeepalivedNote,
    testing::Values(
        ImportCase{"sctp", with_virtual("protocol SCTP"), "x"},
        ImportCase{"scheduler", with_virtual("lvs_sched sed\nsh-port"), "x"},
        ImportCase{"scripts",
                   with_virtual("quorum_up \"/bin/a b\"\nsmtp_alert\nha_suspend\nomega\nops\n"
                                "snmp_name a\npersistence_engine sip\nsmtp_alert off"),
                   "x"},
        ImportCase{"unknown", with_virtual("frobnicate 3"), "x"},
        ImportCase{"method", with_virtual("lvs_method FOO\nreal_server 10.1.0.1 80 {\n}"), "x"},
        ImportCase{"tunnel",
                   with_virtual("real_server 10.1.0.1 80 {\nlvs_method TUN type gue port 9\n}"),
                   "x"},
        ImportCase{"server_name", with_virtual("real_server web 80 {\n}"), "x"},
        ImportCase{"server_port", with_virtual("lb_kind DR\nreal_server 10.1.0.1 81 {\n}"), "x"},
        ImportCase{"weight", with_virtual("real_server 10.1.0.1 80 {\nweight -1\nlthreshold 3\n}"),
                   "x"},
        ImportCase{"quorum", with_virtual("quorum 3\nreal_server 10.1.0.1 80 {\n}"), "x"},
        ImportCase{"sorry", with_virtual("real_server 10.1.0.1 80 {\n}\nsorry_server 10.1.0.1 80"),
                   "x"},
        ImportCase{"persistence",
                   with_virtual("persistence_timeout 0x\npersistence_granularity 24"), "x"},
        ImportCase{"granularity", with_virtual("persistence_timeout 9\npersistence_granularity 33"),
                   "x"}),
    hg::test::named);

INSTANTIATE_TEST_SUITE_P(
    Check, ImportKeepalivedNote,
    testing::Values(
        ImportCase{"none_such", with_check("BFD_CHECK {\nname a\n}\nFILE_CHECK {\n}"), "x"},
        ImportCase{"two", with_check("TCP_CHECK {\n}\nPING_CHECK {\n}"), "x"},
        ImportCase{"other_servers",
                   with_virtual("real_server 10.1.0.1 80 {\n}\nreal_server 10.1.0.2 80 "
                                "{\nTCP_CHECK {\n}\n}\nreal_server 10.1.0.3 80 {\nPING_CHECK "
                                "{\n}\n}\nreal_server 10.1.0.4 80 {\nTCP_CHECK {\n}\n}"),
                   "x"},
        ImportCase{"times",
                   with_check("TCP_CHECK {\nconnect_timeout 11\ndelay_before_retry 0.01\n"
                              "retry 200\ndelay_loop x\n}"),
                   "x"},
        ImportCase{"interval", with_check("TCP_CHECK {\ndelay_loop 7200\n}"), "x"},
        ImportCase{"connect_ip", with_check("TCP_CHECK {\nconnect_ip 10.1.0.2\n}"), "x"},
        ImportCase{"generic",
                   with_check("TCP_CHECK {\nbind_port 9\nbind_if eth0\nfwmark 3\n"
                              "log_all_failures\nbindto eth0\nconnect_port http\n}"),
                   "x"},
        ImportCase{"http",
                   with_check("HTTP_GET {\nhttp_protocol 1.0\nsni_name a\nurl {\npath /\ndigest "
                              "1f\nstatus_code 200 2xx\nregex a\nregex_no_match\n}\nurl {\npath "
                              "/b\n}\n}"),
                   "x"},
        ImportCase{"pattern", with_check("HTTP_GET {\nurl {\npath /\nregex \"(?=a)\"\n}\n}"), "x"},
        ImportCase{"path", with_check("HTTP_GET {\nurl {\npath \"/a b\"\n}\n}"), "x"},
        ImportCase{"source", with_check("TCP_CHECK {\nbindto 2001:db8::1\n}"), "x"},
        ImportCase{"dns_type", with_check("DNS_CHECK {\ntype ANY\n}"), "x"},
        ImportCase{"misc", with_check("MISC_CHECK {\nmisc_path check.sh\nmisc_dynamic\nuser a\n}"),
                   "x"},
        ImportCase{"udp_without_port", with_check("UDP_CHECK {\npayload zz\nrequire_reply 0f\n}"),
                   "x"}),
    hg::test::named);

} // namespace

// What ipvsadm prints, as our configuration.
#include "import_cases.h"

namespace {

using hg::test::ImportCase;
using hg::test::notes_of;

std::string text_of(std::string_view text) {
    return hg::config_text(hg::import_ipvsadm(text).config);
}

std::string notes_of(std::string_view text) { return notes_of(hg::import_ipvsadm(text)); }

constexpr std::string_view kService = "-A -t 10.0.0.1:80 -s rr\n";

TEST(ImportIpvsadm, carries_services_and_servers_over) {
    const auto imported = hg::import_ipvsadm(
        "-A -t 10.0.0.1:80 -s wlc -p 300 -M 255.255.255.0\n"
        "-a -t 10.0.0.1:80 -r 192.168.1.2:8080 -m -w 3 -x 100 -y 50\n"
        "-a -t 10.0.0.1:80 -r 192.168.1.3:80 -g -w 0\n"
        "-a -t 10.0.0.1:80 -r 192.168.1.4 -i -w 1 --tun-type ipip\n"
        "\n"
        "-A -u [2001:db8::1]:53 -s mh -b mh-fallback,mh-port -p -M 64\r\n"
        "-a -u [2001:db8::1]:53 -r [2001:db8::2]:53\n"
        "--add-service --tcp-service 10.0.0.1:443 --scheduler sh --sched-flags flag-1,flag-2\n");
    EXPECT_EQ(notes_of(imported), "");
    EXPECT_EQ(hg::config_text(imported.config),
              R"(services:
  - listen: tcp://10.0.0.1:80
    scheduler: wlc
    affinity: { timeout: 5m, mask: 24, drained: keep }
    servers:
      - { address: 192.168.1.2:8080, forward: nat, weight: 3, upper: 100, lower: 50 }
      - { address: 192.168.1.3:80, forward: direct, weight: 0 }
      - { address: 192.168.1.4:80, forward: tunnel, tunnel: ipip, weight: 1 }
  - listen: "udp://[2001:db8::1]:53"
    scheduler: mh
    hash_port: true
    affinity: { timeout: 5m, prefix: 64, drained: keep }
    servers:
      - { address: "[2001:db8::2]:53", forward: direct, weight: 1 }
  - listen: tcp://10.0.0.1:443
    scheduler: sh
    hash_port: true
    servers: []
)");
}

TEST(ImportIpvsadm, takes_no_scheduler_for_wlc_and_a_server_without_a_mode_for_a_direct_one) {
    EXPECT_EQ(text_of("-A -t 10.0.0.1:80\n-a -t 10.0.0.1:80 -r 10.0.0.2:80"),
              "services:\n"
              "  - listen: tcp://10.0.0.1:80\n"
              "    scheduler: wlc\n"
              "    servers:\n"
              "      - { address: 10.0.0.2:80, forward: direct, weight: 1 }\n");
}

TEST(ImportIpvsadm, of_nothing_makes_nothing) {
    EXPECT_EQ(text_of(""), "services: []\n");
    EXPECT_EQ(notes_of(std::string_view("# by hand\n\n")), "");
}

// Each after a service tcp://10.0.0.1:80.
class ImportIpvsadmNote : public testing::TestWithParam<ImportCase> {};

TEST_P(ImportIpvsadmNote, says_what_and_why) {
    EXPECT_EQ(notes_of(std::string(kService) + GetParam().text), GetParam().notes);
}

INSTANTIATE_TEST_SUITE_P(
    All, ImportIpvsadmNote,
    testing::Values(
        ImportCase{"scheduler", "-A -t 10.0.0.2:80 -s lblcr",
                   "2: there is no scheduler \"lblcr\": wlc instead\n"},
        ImportCase{"flag", "-A -t 10.0.0.2:80 -s rr -b sh-port",
                   "2: the scheduler rr has no flag \"sh-port\"\n"},
        ImportCase{
            "mark", "-A -f 1 -s rr\n-a -f 1 -r 10.0.0.2:0 -g -w 1",
            "2: service \"mark 1\" is left out with its servers: there are services of tcp and "
            "udp addresses only\n"},
        ImportCase{"sctp", "-A --sctp-service 10.0.0.2:80 -s rr",
                   "2: service \"sctp://10.0.0.2:80\" is left out with its servers: there are "
                   "services of tcp and udp addresses only\n"},
        ImportCase{"names",
                   "-A -t www.example.org:http -s rr\n-a -t www.example.org:http -r a:http -m",
                   "2: service \"tcp://www.example.org:http\" is left out with its servers: "
                   "\"www.example.org\": numeric address needed: a name may change under live "
                   "conns; ipvsadm -Sn writes numbers for names\n"},
        ImportCase{"server_name", "-a -t 10.0.0.1:80 -r web:http -m -w 1",
                   "2: server \"web:http\" is left out: \"web\": numeric address needed: a name "
                   "may change under live conns; ipvsadm -Sn writes numbers for names\n"},
        ImportCase{"all_ports", "-A -t 10.0.0.2:0 -s rr -p 300",
                   "2: service \"tcp://10.0.0.2:0\" is left out with its servers: a service of all "
                   "ports is not to be had\n"},
        ImportCase{"service_twice", "-A -t 10.0.0.1:80 -s rr",
                   "2: service \"tcp://10.0.0.1:80\" is left out: it is there already\n"},
        ImportCase{"server_twice",
                   "-a -t 10.0.0.1:80 -r 10.0.0.2:80\n-a -t 10.0.0.1:80 -r 10.0.0.2",
                   "3: server 10.0.0.2:80 is left out: it is there already\n"},
        ImportCase{"server_without_service", "-a -t 10.0.0.9:80 -r 10.0.0.2:80",
                   "2: server \"10.0.0.2:80\" is left out: no line before it adds its service "
                   "\"tcp://10.0.0.9:80\"\n"},
        ImportCase{"local_server", "-a -t 10.0.0.1:80 -r 127.0.0.1:80",
                   "2: server 127.0.0.1:80 is left out: server 127.0.0.1 is a loopback address: "
                   "packets could not leave the director, use one of its other addresses\n"},
        ImportCase{"port_of_direct", "-a -t 10.0.0.1:80 -r 10.0.0.2:8080 -g",
                   "2: server 10.0.0.2:8080 is left out: port 8080 is not the service's port 80: "
                   "only the mode nat can change the port, not direct\n"},
        ImportCase{"tunnel", "-a -t 10.0.0.1:80 -r 10.0.0.2 -i --tun-type gue --tun-port 6080",
                   "2: server \"10.0.0.2\" is left out: there is no tunnel \"gue\", only ipip\n"},
        ImportCase{
            "weight", "-a -t 10.0.0.1:80 -r 10.0.0.2 -w 65536",
            "2: server \"10.0.0.2\" is left out: weight 65536 is out of range: 0 to 65535\n"},
        ImportCase{"lower", "-a -t 10.0.0.1:80 -r 10.0.0.2 -y 7",
                   "2: the lower threshold of server 10.0.0.2:80, 7, is left out: it is over the "
                   "upper one, 0\n"},
        ImportCase{"one_packet", "-A -u 10.0.0.2:53 -s rr -o --pe sip",
                   "2: there is no counterpart to scheduling each packet for itself (-o)\n2: there "
                   "is no counterpart to the persistence engine \"sip\"\n"},
        ImportCase{"persistence", "-A -u 10.0.0.2:53 -p 0\n-A -u 10.0.0.3:53 -p -M 255.0.255.0",
                   "2: clients do not stay with their servers: persistence timeout 0 is out of "
                   "range: 1 to 864000\n3: \"255.0.255.0\" is no mask of IPv4 addresses: each is a "
                   "client of its own\n"},
        ImportCase{"option", "-A -t 10.0.0.2:80 --frobnicate",
                   "2: the line is left out: \"--frobnicate\" is not understood\n"},
        ImportCase{"option_without_word", "-A -t",
                   "2: the line is left out: -t without a word after it is not understood\n"},
        ImportCase{"other_command", "-C", "2: the line is left out: \"-C\" is not understood\n"},
        ImportCase{"no_verb", "-t 10.0.0.2:80",
                   "2: the line is left out: it adds no service and no server\n"}),
    hg::test::named);

} // namespace

// Every refusal of checks, load, nodes and headgated's own settings by its text.
#include "config_cases.h"

#include <fmt/format.h>

namespace {

using hg::test::Case;
using hg::test::faults_of;
using hg::test::named;
using hg::test::with_service;

std::string with_udp_service(const std::string& line) {
    return "services:\n  - listen: udp://10.0.0.9:53\n    " + line + "\n";
}

std::string times(int count, const std::string& text) {
    std::string out;
    for (int i = 0; i < count; ++i) {
        out += text;
    }
    return out;
}

std::string addresses(int count) {
    std::string out = "10.0.0.1";
    for (int i = 2; i <= count; ++i) {
        out += fmt::format(", 10.0.0.{}", i);
    }
    return out;
}

class CareRefusal : public testing::TestWithParam<Case> {};

TEST_P(CareRefusal, says_what_would_be_right) {
    EXPECT_EQ(faults_of(GetParam().text), GetParam().expected);
}

const std::vector<Case> kCheck = {
    {"a_word", with_service("check: tcp"),
     "f:3:12: check has to be a map like { type: tcp }, or none, not \"tcp\"\n"},
    {"nothing", with_service("check:"),
     "f:3:5: check has to be a map like { type: tcp }, or none, not nothing\n"},
    {"a_list", with_service("check: [tcp]"),
     "f:3:12: check has to be a map like { type: tcp }, or none, not a list\n"},
    {"without_type", with_service("check: { interval: 2s }"),
     "f:3:12: a check needs a type (there are: tcp, http, https, dns, smtp, ftp, udp, icmp, "
     "exec)\n"},
    {"empty_map", with_service("check: {}"),
     "f:3:12: a check needs a type (there are: tcp, http, https, dns, smtp, ftp, udp, icmp, "
     "exec)\n"},
    {"type_unknown", with_service("check: { type: ping }"),
     "f:3:20: unknown type \"ping\" (there are: tcp, http, https, dns, smtp, ftp, udp, icmp, "
     "exec)\n"},
    {"type_a_list", with_service("check: { type: [tcp] }"),
     "f:3:20: type has to be a value, not a list\n"},
    {"type_in_capitals", with_service("check: { type: TCP }"),
     "f:3:20: unknown type \"TCP\" (there are: tcp, http, https, dns, smtp, ftp, udp, icmp, "
     "exec)\n"},
    {"key_unknown", with_service("check: { type: tcp, intervall: 2s }"),
     "f:3:25: unknown key \"intervall\" in a check; did you mean interval?\n"},
    {"key_unknown_far", with_service("check: { type: icmp, colour: red }"),
     "f:3:26: unknown key \"colour\" in a check; there are: type, interval, timeout, rise, fall, "
     "jitter, fast_interval, source, initial\n"},
    {"interval_without_unit", with_service("check: { type: tcp, interval: 2 }"),
     "f:3:35: interval \"2\" is not a duration: a number and ms, s, m, h or d, like 500ms or "
     "15m\n"},
    {"interval_too_short", with_service("check: { type: tcp, interval: 99ms }"),
     "f:3:35: interval 99ms is out of range: 100ms to 1h\n"},
    {"interval_too_long", with_service("check: { type: tcp, interval: 61m }"),
     "f:3:35: interval 61m is out of range: 100ms to 1h\n"},
    {"timeout_too_short", with_service("check: { type: tcp, timeout: 9ms }"),
     "f:3:34: timeout 9ms is out of range: 10ms to 1h\n"},
    {"timeout_over_interval", with_service("check: { type: tcp, interval: 1s, timeout: 1100ms }"),
     "f:3:48: timeout 1100ms is longer than the interval, 1s\n"},
    {"timeout_over_default_interval", with_service("check: { type: tcp, timeout: 3s }"),
     "f:3:34: timeout 3s is longer than the interval, 2s\n"},
    {"fast_interval_over_interval",
     with_service("check: { type: tcp, interval: 1s, fast_interval: 2s }"),
     "f:3:54: fast_interval 2s is longer than the interval, 1s\n"},
    {"fast_interval_too_short", with_service("check: { type: tcp, fast_interval: 50ms }"),
     "f:3:40: fast_interval 50ms is out of range: 100ms to 1h\n"},
    {"rise_zero", with_service("check: { type: tcp, rise: 0 }"),
     "f:3:31: rise 0 is out of range: 1 to 100\n"},
    {"fall_too_large", with_service("check: { type: tcp, fall: 101 }"),
     "f:3:31: fall 101 is out of range: 1 to 100\n"},
    {"fall_quoted", with_service("check: { type: tcp, fall: \"3\" }"),
     "f:3:31: fall has to be a number, not the text \"3\": leave the quotes out\n"},
    {"jitter_without_sign", with_service("check: { type: tcp, jitter: 10 }"),
     "f:3:33: jitter \"10\" is not a share: a number and %, like 10%\n"},
    {"jitter_no_number", with_service("check: { type: tcp, jitter: ten% }"),
     "f:3:33: jitter \"ten%\" is not a share: a number and %, like 10%\n"},
    {"jitter_too_large", with_service("check: { type: tcp, jitter: 51% }"),
     "f:3:33: jitter 51% is out of range: 0% to 50%\n"},
    {"source_a_name", with_service("check: { type: tcp, source: eth0 }"),
     "f:3:33: \"eth0\": numeric address needed: a name may change under live conns\n"},
    {"source_with_port", with_service("check: { type: tcp, source: \"10.0.0.1:80\" }"),
     "f:3:33: \"10.0.0.1:80\" is not an IPv4 or IPv6 address\n"},
    {"source_multicast", with_service("check: { type: tcp, source: 224.0.0.1 }"),
     "f:3:33: source 224.0.0.1 is not a unicast address\n"},
    {"source_of_exec",
     with_service("check: { type: exec, command: [/bin/true], source: 10.0.0.1 }"),
     "f:3:48: source is for checks of the type tcp, http, https, dns, smtp, ftp, udp and icmp, and "
     "this one is exec\n"},
    {"source_of_another_family",
     with_service(
         "check: { type: tcp, source: \"2001:db8::1\" }\n    servers: [ { address: 10.0.0.1 } ]"),
     "f:4:27: the check's source 2001:db8::1 is IPv6, and this server is IPv4\n"},
    {"source_of_another_family_than_the_vip",
     with_service("check: { type: tcp, source: \"2001:db8::1\", through: service }"),
     "f:2:13: the check's source 2001:db8::1 is IPv6, and the service is IPv4\n"},
    {"port_zero", with_service("check: { type: tcp, port: 0 }"),
     "f:3:31: port 0 is out of range: 1 to 65535\n"},
    {"port_of_icmp", with_service("check: { type: icmp, port: 7 }"),
     "f:3:26: port is for checks of the type tcp, http, https, dns, smtp, ftp, udp and exec, and "
     "this one is icmp\n"},
    {"through_unknown", with_service("check: { type: tcp, through: vip }"),
     "f:3:34: unknown through \"vip\" (there are: service, none)\n"},
    {"through_of_icmp", with_service("check: { type: icmp, through: service }"),
     "f:3:26: through is for checks of the type tcp, http, https, dns, smtp, ftp and udp, and this "
     "one is icmp\n"},
    {"through_with_port", with_service("check: { type: tcp, through: service, port: 8080 }"),
     "f:3:12: through: service goes to the service's port: take the port out\n"},
    {"through_another_protocol",
     with_service("check: { type: dns, name: a.example, through: service }"),
     "f:3:12: the dns check cannot go through this service: it needs udp://\n"},
    {"initial_unknown", with_service("check: { type: tcp, initial: unknown }"),
     "f:3:34: unknown initial \"unknown\" (there are: wait, up, down)\n"},
    {"of_tcp_for_udp", "services:\n  - listen: udp://10.0.0.9:53\n    check: { type: tcp }\n",
     "f:3:12: the tcp check needs a port: the service has no tcp://, so nobody may listen for it "
     "at the servers' own; another type, or \"check: none\"?\n"},
    {"of_udp_for_tcp", with_service("check: { type: udp }"),
     "f:3:12: the udp check needs a port: the service has no udp://, so nobody may listen for it "
     "at the servers' own; another type, or \"check: none\"?\n"},
    {"of_defaults_for_udp",
     "defaults: { check: { type: tcp } }\nservices:\n  - listen: udp://10.0.0.9:53\n",
     "f:3:5: the tcp check of defaults needs a port: the service has no tcp://, so nobody may "
     "listen for it at the servers' own; another type, or \"check: none\"?\n"},
    {"of_defaults_at_fault", "defaults: { check: { type: tcp, rise: 0 } }\nservices: []\n",
     "f:1:39: rise 0 is out of range: 1 to 100\n"},
    {"of_defaults_without_type", "defaults: { check: { interval: 1s } }\nservices: []\n",
     "f:1:20: a check needs a type (there are: tcp, http, https, dns, smtp, ftp, udp, icmp, "
     "exec)\n"},
};

const std::vector<Case> kKind = {
    {"path_of_tcp", with_service("check: { type: tcp, path: /healthz }"),
     "f:3:25: path is for checks of the type http and https, and this one is tcp\n"},
    {"sni_of_http", with_service("check: { type: http, sni: www.example.org }"),
     "f:3:26: sni is for checks of the type https, and this one is http\n"},
    {"payload_of_tcp", with_service("check: { type: tcp, payload: x }"),
     "f:3:25: payload is for checks of the type udp, and this one is tcp\n"},
    {"command_of_http", with_service("check: { type: http, command: [/bin/true] }"),
     "f:3:26: command is for checks of the type exec, and this one is http\n"},
    {"method_small", with_service("check: { type: http, method: get }"),
     "f:3:34: method \"get\" cannot be one: 1 to 16 capital letters, like GET\n"},
    {"method_with_a_space", with_service("check: { type: http, method: \"GET /\" }"),
     "f:3:34: method \"GET /\" cannot be one: 1 to 16 capital letters, like GET\n"},
    {"path_without_slash", with_service("check: { type: http, path: healthz }"),
     "f:3:32: path \"healthz\" cannot be requested: it starts with / and has no spaces, other "
     "characters are written like %20\n"},
    {"path_with_a_line_end", with_service("check: { type: http, path: \"/a\\r\\nX: y\" }"),
     "f:3:32: path \"/a\\x0d\\x0aX: y\" cannot be requested: it starts with / and has no spaces, "
     "other characters are written like %20\n"},
    {"host_with_a_line_end", with_service("check: { type: http, host: \"a\\r\\nb\" }"),
     "f:3:32: host \"a\\x0d\\x0ab\" is too long or has control characters\n"},
    {"host_with_a_space", with_service("check: { type: http, host: a b }"),
     "f:3:32: host \"a b\" cannot be a host: 1 to 255 of A-Z a-z 0-9 - . _ : [ ]\n"},
    {"expect_no_status", with_service("check: { type: http, expect: ok }"),
     "f:3:34: expect \"ok\" is not a status: 100 to 599, or a range like 200-299\n"},
    {"expect_too_small", with_service("check: { type: http, expect: 99 }"),
     "f:3:34: expect \"99\" is not a status: 100 to 599, or a range like 200-299\n"},
    {"expect_600", with_service("check: { type: http, expect: 200-600 }"),
     "f:3:34: expect \"200-600\" is not a status: 100 to 599, or a range like 200-299\n"},
    {"expect_backwards", with_service("check: { type: http, expect: 299-200 }"),
     "f:3:34: expect \"299-200\" is not a status: 100 to 599, or a range like 200-299\n"},
    {"expect_empty", with_service("check: { type: http, expect: [] }"),
     "f:3:34: expect has to be a status, a range like 200-299, or a list of 1 to 32 of them\n"},
    {"expect_nothing", with_service("check: { type: http, expect: }"),
     "f:3:26: expect has to be a status, a range like 200-299, or a list of 1 to 32 of them\n"},
    {"expect_one_of_a_list", with_service("check: { type: http, expect: [200, 20x] }"),
     "f:3:40: expect \"20x\" is not a status: 100 to 599, or a range like 200-299\n"},
    {"body_no_pattern", with_service("check: { type: http, body: \"(ok\" }"),
     "f:3:32: body \"(ok\" is no regular expression of RE2: missing ): \"(ok\"\n"},
    {"body_lookahead", with_service("check: { type: http, body: \"(?=ok)\" }"),
     "f:3:32: body \"(?=ok)\" is no regular expression of RE2: invalid perl operator: \"(?=\"\n"},
    {"body_with_an_escape", with_service("check: { type: http, body: \"(\\e\" }"),
     "f:3:32: body \"(\\x1b\" is no regular expression of RE2: missing ): \"(\\x1b\"\n"},
    {"body_too_long", with_service("check: { type: http, body: " + std::string(1025, 'a') + " }"),
     "f:3:32: body has 1025 bytes: up to 1024\n"},
    {"body_of_head", with_service("check: { type: http, method: HEAD, body: ok }"),
     "f:3:12: the answer to HEAD has no body that could fit a pattern: GET?\n"},
    {"verify_no", with_service("check: { type: https, verify: no }"),
     "f:3:35: verify has to be true or false, not \"no\"\n"},
    {"sni_an_address", with_service("check: { type: https, sni: 10.0.0.1 }"),
     "f:3:32: sni \"10.0.0.1\" is an address: TLS has names there, leave it out\n"},
    {"ca_relative", with_service("check: { type: https, ca: ca.pem }"),
     "f:3:31: ca \"ca.pem\" is not an absolute path\n"},
    {"ca_without_verify", with_service("check: { type: https, verify: false, ca: /etc/ca.pem }"),
     "f:3:12: ca is of no use with \"verify: false\": take one of them out\n"},
    {"dns_without_name", with_service("check: { type: dns }"),
     "f:3:12: a dns check needs a name to ask for: name: www.example.org\n"},
    {"dns_name_empty_label", with_service("check: { type: dns, name: www..example }"),
     "f:3:31: name \"www..example\" cannot be asked for: labels of up to 63 letters, digits, - and "
     "_ with dots between, 253 in all\n"},
    {"dns_name_long_label",
     with_service("check: { type: dns, name: " + std::string(64, 'a') + ".example }"),
     "f:3:31: name \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\" cannot "
     "be asked for: labels of up to 63 letters, digits, - and _ with dots between, 253 in all\n"},
    {"dns_record_unknown", with_service("check: { type: dns, name: a.example, record: ANY }"),
     "f:3:50: unknown record \"ANY\" (there are: A, AAAA, CNAME, MX, NS, PTR, SOA, SRV, TXT)\n"},
    {"dns_rcode_unknown", with_service("check: { type: dns, name: a.example, rcode: OK }"),
     "f:3:49: unknown rcode \"OK\" (there are: NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, "
     "REFUSED)\n"},
    {"dns_answer_of_nxdomain",
     with_service("check: { type: dns, name: a.example, rcode: NXDOMAIN, answer: 10.0.0.1 }"),
     "f:3:12: a dns check that wants an answer wants the rcode NOERROR, not NXDOMAIN\n"},
    {"helo_with_a_space", with_service("check: { type: smtp, helo: my host }"),
     "f:3:32: helo \"my host\" cannot be a host: 1 to 255 of A-Z a-z 0-9 - . _ : [ ]\n"},
    {"starttls_on", with_service("check: { type: smtp, starttls: on }"),
     "f:3:36: starttls has to be true or false, not \"on\"\n"},
    {"password_without_user", with_service("check: { type: ftp, password: x }"),
     "f:3:12: an ftp check with a password needs a user\n"},
    {"user_with_a_line_end", with_service("check: { type: ftp, user: \"a\\nb\" }"),
     "f:3:31: user \"a\\x0ab\" is too long or has control characters\n"},
    {"payload_odd", with_udp_service("check: { type: udp, payload: 0xabc }"),
     "f:3:34: payload \"0xabc\" is not hexadecimal: after 0x there are two digits for each byte\n"},
    {"payload_no_hex", with_udp_service("check: { type: udp, payload: \"0xzz\" }"),
     "f:3:34: payload \"0xzz\" is not hexadecimal: after 0x there are two digits for each byte\n"},
    {"payload_too_long",
     with_udp_service("check: { type: udp, payload: " + std::string(1453, 'a') + " }"),
     "f:3:34: payload has 1453 bytes: up to 1452\n"},
    {"reply_no_pattern", with_udp_service("check: { type: udp, reply: \"[\" }"),
     "f:3:32: reply \"[\" is no regular expression of RE2: missing ]: \"[\"\n"},
    {"exec_without_command", with_service("check: { type: exec }"),
     "f:3:12: an exec check needs a command: command: [ /usr/bin/program, word ]\n"},
    {"exec_a_line", with_service("check: { type: exec, command: /bin/true x }"),
     "f:3:35: command has to be a list like [ /usr/bin/program, word ], not \"/bin/true x\"\n"},
    {"exec_empty", with_service("check: { type: exec, command: [] }"),
     "f:3:35: command has 0 words: 1 to 32\n"},
    {"exec_relative", with_service("check: { type: exec, command: [true] }"),
     "f:3:36: command \"true\" is not an absolute path: there is no shell that could look for "
     "it\n"},
    {"exec_a_list_in_it", with_service("check: { type: exec, command: [/bin/true, [x]] }"),
     "f:3:47: command has to be a value, not a list\n"},
    {"exec_too_many_words",
     with_service("check: { type: exec, command: [/bin/true" + times(32, ", x") + "] }"),
     "f:3:35: command has 33 words: 1 to 32\n"},
};

const std::vector<Case> kLoad = {
    {"a_word", with_service("load: agent"),
     "f:3:11: load has to be a map like { type: agent }, or none, not \"agent\"\n"},
    {"without_type", with_service("load: { port: 8777 }"),
     "f:3:11: a load needs a type: agent or node_exporter\n"},
    {"type_unknown", with_service("load: { type: snmp }"),
     "f:3:19: unknown type \"snmp\" (there are: agent, node_exporter)\n"},
    {"key_unknown", with_service("load: { type: agent, prt: 1 }"),
     "f:3:26: unknown key \"prt\" in a load; did you mean port?\n"},
    {"path_of_agent", with_service("load: { type: agent, path: /metrics }"),
     "f:3:26: path is for the type node_exporter, and this one is agent\n"},
    {"path_relative", with_service("load: { type: node_exporter, path: metrics }"),
     "f:3:40: path \"metrics\" cannot be requested: it starts with / and has no spaces, other "
     "characters are written like %20\n"},
    {"interval_too_short", with_service("load: { type: agent, interval: 100ms }"),
     "f:3:36: interval 100ms is out of range: 500ms to 1h\n"},
    {"timeout_over_interval", with_service("load: { type: agent, interval: 1s, timeout: 2s }"),
     "f:3:49: timeout 2s is longer than the interval, 1s\n"},
    {"gain_without_sign", with_service("load: { type: agent, gain: 1 }"),
     "f:3:32: gain \"1\" is not a share: a number and %, like 10%\n"},
    {"gain_too_large", with_service("load: { type: agent, gain: 500% }"),
     "f:3:32: gain 500% is out of range: 0% to 400%\n"},
    {"floor_zero", with_service("load: { type: agent, floor: 0% }"),
     "f:3:33: floor 0% is out of range: 1% to 100%\n"},
};

const std::vector<Case> kCare = {
    {"fallback_a_word", with_service("fallback: 10.0.0.1:80"),
     "f:3:15: fallback has to be a list, not \"10.0.0.1:80\"\n"},
    {"fallback_a_name", with_service("fallback: [ sorry.example:80 ]"),
     "f:3:17: \"sorry.example\": numeric address needed: a name may change under live conns\n"},
    {"fallback_loopback", with_service("fallback: [ 127.0.0.1:80 ]"),
     "f:3:17: server 127.0.0.1 is a loopback address: packets could not leave the director, use "
     "one of its other addresses\n"},
    {"fallback_with_state", with_service("fallback: [ { address: 10.0.0.1, state: drain } ]"),
     "f:3:38: unknown key \"state\" in a fallback; there are: address, weight, forward, tunnel\n"},
    {"fallback_without_address", with_service("fallback: [ { weight: 1 } ]"),
     "f:3:17: a fallback needs an address: ADDRESS or ADDRESS:PORT\n"},
    {"fallback_a_list_in_it", with_service("fallback: [ [ a, b ] ]"),
     "f:3:17: a fallback has to be a map like { address: 10.0.0.1:80 }, not a list\n"},
    {"fallback_is_a_server",
     with_service("servers: [ { address: 10.0.0.1 } ]\n    fallback: [ 10.0.0.1:80 ]"),
     "f:4:17: server 10.0.0.1:80 is here a second time, the first is at line 3, column 27\n"},
    {"fallback_twice", with_service("fallback: [ 10.0.0.1, 10.0.0.1:80 ]"),
     "f:3:27: server 10.0.0.1:80 is here a second time, the first is at line 3, column 17\n"},
    {"fallback_too_many", with_service("fallback: [ " + addresses(65) + " ]"),
     "f:3:15: fallback has 65 servers: up to 64\n"},
    {"panic_without_sign", with_service("panic_threshold: 30"),
     "f:3:22: panic_threshold \"30\" is not a share: a number and %, like 10%\n"},
    {"panic_too_large", with_service("panic_threshold: 91%"),
     "f:3:22: panic_threshold 91% is out of range: 0% to 90%\n"},
    {"quorum_zero", with_service("quorum: 0"),
     "f:3:13: quorum 0 is out of range: 1 to 1000000000\n"},
    {"quorum_a_list", with_service("quorum: [3]"),
     "f:3:13: quorum has to be a value, not a list\n"},
    {"quorum_without_weight", with_service("quorum: { hysteresis: 1 }"),
     "f:3:13: a quorum needs a weight: how much has to be up\n"},
    {"quorum_hysteresis_too_large", with_service("quorum: { weight: 2, hysteresis: 2 }"),
     "f:3:13: the hysteresis, 2, has to be less than the weight, 2: else the quorum is never "
     "lost\n"},
    {"quorum_never_had",
     with_service(
         "quorum: { weight: 3, hysteresis: 1 }\n    servers: [ { address: 10.0.0.1, weight: 3 } ]"),
     "f:3:13: the quorum is never had: it wants the weight 4, and all servers together have 3\n"},
    {"quorum_key_unknown", with_service("quorum: { wait: 2 }"),
     "f:3:13: a quorum needs a weight: how much has to be up\n"
     "f:3:15: unknown key \"wait\" in a quorum; there are: weight, hysteresis\n"},
};

const std::vector<Case> kNode = {
    {"a_map", "services: []\nnodes: {storage: 10.0.0.1}\n",
     "f:2:8: nodes has to be a list, not a map\n"},
    {"a_word", "services: []\nnodes: [ storage ]\n",
     "f:2:10: a node has to be a map like { name: storage, address: 10.0.0.1 }, not \"storage\"\n"},
    {"without_name_and_address", "services: []\nnodes: [ {} ]\n",
     "f:2:10: a node needs name: storage\n"
     "f:2:10: a node needs address: ADDRESS\n"},
    {"name_bad", "services: []\nnodes: [ { name: my nas, address: 10.0.0.1 } ]\n",
     "f:2:18: \"my nas\" cannot be a node's name: 1 to 63 of A-Z a-z 0-9 . _ -\n"},
    {"name_twice",
     "services: []\nnodes:\n  - { name: nas, address: 10.0.0.1 }\n  - { name: nas, address: "
     "10.0.0.2 }\n",
     "f:4:13: node \"nas\" is here a second time, the first is at line 3, column 13\n"},
    {"address_with_port", "services: []\nnodes: [ { name: nas, address: 10.0.0.1:2049 } ]\n",
     "f:2:32: \"10.0.0.1:2049\" is not an IPv4 or IPv6 address\n"},
    {"address_a_name", "services: []\nnodes: [ { name: nas, address: nas.example } ]\n",
     "f:2:32: \"nas.example\": numeric address needed: a name may change under live conns\n"},
    {"address_multicast", "services: []\nnodes: [ { name: nas, address: 224.0.0.1 } ]\n",
     "f:2:32: node 224.0.0.1 is not a unicast address\n"},
    {"check_of_tcp_without_port",
     "services: []\nnodes: [ { name: nas, address: 10.0.0.1, check: { type: tcp } } ]\n",
     "f:2:49: a tcp check of a node needs a port\n"},
    {"check_through",
     "services: []\nnodes: [ { name: nas, address: 10.0.0.1, check: { type: http, through: service "
     "} } ]\n",
     "f:2:49: through: a node is behind no service, take it out\n"},
    {"check_source_of_another_family",
     "services: []\nnodes: [ { name: nas, address: 10.0.0.1, check: { type: http, source: "
     "\"2001:db8::1\" } } ]\n",
     "f:2:10: the check's source 2001:db8::1 is IPv6, and the node is IPv4\n"},
    {"key_unknown", "services: []\nnodes: [ { name: nas, adress: 10.0.0.1 } ]\n",
     "f:2:10: a node needs address: ADDRESS\n"
     "f:2:23: unknown key \"adress\" in a node; did you mean address?\n"},
};

const std::vector<Case> kDaemon = {
    {"a_word", "services: []\ndaemon: none\n", "f:2:9: daemon has to be a map, not \"none\"\n"},
    {"key_unknown", "services: []\ndaemon: { metric: none }\n",
     "f:2:11: unknown key \"metric\" in daemon; did you mean metrics?\n"},
    {"metrics_a_name", "services: []\ndaemon: { metrics: localhost:10469 }\n",
     "f:2:20: \"localhost\": numeric address needed: a name may change under live conns\n"},
    {"metrics_a_port", "services: []\ndaemon: { metrics: 10469 }\n",
     "f:2:20: \"10469\" is not an IPv4 or IPv6 address\n"},
    {"on_change_a_line", "services: []\ndaemon: { on_change: /usr/bin/page me }\n",
     "f:2:22: on_change has to be a list like [ /usr/bin/program, word ], not \"/usr/bin/page "
     "me\"\n"},
    {"on_change_relative", "services: []\ndaemon: { on_change: [ page, me ] }\n",
     "f:2:24: on_change \"page\" is not an absolute path: there is no shell that could look for "
     "it\n"},
    {"exclusive_yes", "services: []\nexclusive: yes\n",
     "f:2:12: exclusive has to be true or false, not \"yes\"\n"},
    {"include_from_nowhere", "services: []\ninclude: conf.d/*.yaml\n",
     "f:2:10: include \"conf.d/*.yaml\": files can be included from a file only\n"},
    {"limits", "services: []\nlimits: {}\n",
     "f:2:1: limits: this version of headgate does not have that yet, take it out\n"},
};

INSTANTIATE_TEST_SUITE_P(Check, CareRefusal, testing::ValuesIn(kCheck), named);
INSTANTIATE_TEST_SUITE_P(Kind, CareRefusal, testing::ValuesIn(kKind), named);
INSTANTIATE_TEST_SUITE_P(Load, CareRefusal, testing::ValuesIn(kLoad), named);
INSTANTIATE_TEST_SUITE_P(Care, CareRefusal, testing::ValuesIn(kCare), named);
INSTANTIATE_TEST_SUITE_P(Node, CareRefusal, testing::ValuesIn(kNode), named);
INSTANTIATE_TEST_SUITE_P(Daemon, CareRefusal, testing::ValuesIn(kDaemon), named);

} // namespace

// Every refusal of the configuration file by its text.
#include "config_cases.h"

#include <gtest/gtest.h>

namespace {

using hg::test::Case;
using hg::test::faults_of;
using hg::test::named;
using hg::test::with_server;
using hg::test::with_service;

class Refusal : public testing::TestWithParam<Case> {};

TEST_P(Refusal, says_what_would_be_right) {
    EXPECT_EQ(faults_of(GetParam().text), GetParam().expected);
}

const std::vector<Case> kYaml = {
    {"empty_file", "",
     "f:1:1: the file is empty: it has to have services, be it \"services: []\"\n"},
    {"only_a_comment", "# nothing\n",
     "f:1:1: the file is empty: it has to have services, be it \"services: []\"\n"},
    {"null_document", "---\n",
     "f:1:1: the file is empty: it has to have services, be it \"services: []\"\n"},
    {"second_document", "services: []\n---\nservices: []\n",
     "f:2:1: a second document starts here: one file holds one configuration\n"},
    {"text_after_the_map", "{services: []}\nmore: 1\n",
     "f:2:1: the configuration has ended before this: everything belongs into one map, is the line "
     "indented rightly?\n"},
    {"list_then_map", "- a\nb: c\n",
     "f:2:1: the configuration has ended before this: everything belongs into one map, is the line "
     "indented rightly?\n"},
    {"anchor", "services: &all []\n",
     "f:1:11: anchors (&) have no place here: write the value itself\n"},
    {"anchor_on_nothing", "services: &all\n",
     "f:1:1: services has to be a list, not nothing\n"
     "f:1:11: anchors (&) have no place here: write the value itself\n"},
    {"alias", "defaults: &d {weight: 1}\nservices: *d\n",
     "f:1:11: anchors (&) have no place here: write the value itself\n"
     "f:2:11: aliases (*) have no place here: write the value itself\n"},
    {"unknown_alias", "services: *d\n",
     "f:1:11: aliases (*) have no place here: write the value itself\n"},
    {"merge_key", "services: []\n<<: {}\n",
     "f:2:1: merge keys (<<) have no place here: write the keys themselves\n"},
    {"tag", "services: !!seq []\n",
     "f:1:11: tags (!) have no place here: write the value itself\n"},
    {"tag_of_quotes", "services: ! []\n",
     "f:1:11: tags (!) have no place here: write the value itself\n"},
    {"tag_on_a_scalar", "defaults: {weight: !!int 3}\nservices: []\n",
     "f:1:20: tags (!) have no place here: write the value itself\n"},
    {"directive", "%YAML 1.2\n---\nservices: []\n",
     "f:1:1: directives (%YAML, %TAG) have no place here: take the line out\n"},
    {"duplicate_key", "services: []\n\nservices: []\n",
     "f:3:1: key \"services\" is here a second time, the first is at line 1, column 1\n"},
    {"duplicate_key_of_a_server", with_server("{address: 10.0.0.1, weight: 1, weight: 2}"),
     "f:4:40: key \"weight\" is here a second time, the first is at line 4, column 29\n"},
    {"map_as_a_key", "? {a: b}\n: c\nservices: []\n", "f:1:3: a key has to be a word, not a map\n"},
    {"unclosed_quote", "services: []\ndefaults: {scheduler: rr}\nx: 'y\n",
     "f:3:4: the quote that opens here is never closed\n"},
    {"tab", "services:\n\t- listen: x\n",
     "f:2:1: not YAML: illegal tab; indent with spaces, not with tabs\n"},
    {"colon_in_a_value", "services: a: b\n",
     "f:1:12: not YAML: illegal map value; is the line indented rightly? A value that has \": \" "
     "in it needs quotes\n"},
    {"bad_indentation", "services:\n  - listen: tcp://10.0.0.9:80\n   name: web\n",
     "f:3:4: not YAML: end of sequence not found; is the line indented rightly?\n"},
    {"unclosed_bracket", "services: [\n",
     "f:2:1: not YAML: end of sequence flow not found; a bracket is not closed, or a comma is "
     "missing\n"},
    {"at_sign", "services: @x\n",
     "f:1:11: not YAML: unknown token; a value cannot start with \"@\": put it in quotes\n"},
    {"deep_nesting", "services: " + std::string(600, '[') + "\n",
     "f:1:26: nested too deeply: no more than 16 levels\n"},
    {"unquoted_bracket_in_flow", with_server("{ address: [2001:db8::1]:80, weight: 3 }"),
     "f:4:33: not YAML: end of map flow not found; an address in brackets needs quotes: "
     "\"[2001:db8::1]:PORT\"\n"},
    {"unquoted_bracket_in_block", with_server("address: [2001:db8::1]:80"),
     "f:4:31: not YAML: end of map not found; an address in brackets needs quotes: "
     "\"[2001:db8::1]:PORT\"\n"},
    {"unquoted_bracket_without_port", with_server("address: [2001:db8::1]"),
     "f:4:18: address has to be a value, not a list; an address in brackets needs quotes: "
     "\"[2001:db8::1]\"\n"},
    {"unquoted_listen_in_a_list", "services:\n  - listen: [tcp://[2001:db8::9]:80]\n",
     "f:2:20: not YAML: end of sequence flow not found; an address in brackets needs quotes: "
     "\"[2001:db8::9]:PORT\"\n"},
    {"not_utf8", "services: []\nx: \xff\n",
     "f:2:4: byte 0xff is not UTF-8: save the file as UTF-8\n"},
    {"overlong_utf8", "services: []\nx: \xc0\xaf\n",
     "f:2:4: byte 0xc0 is not UTF-8: save the file as UTF-8\n"},
    {"surrogate", "services: []\nx: \xed\xa0\x80\n",
     "f:2:4: byte 0xed is not UTF-8: save the file as UTF-8\n"},
    {"cut_utf8", "services: []\n#\xe2\x82",
     "f:2:2: byte 0xe2 is not UTF-8: save the file as UTF-8\n"},
    {"nul", std::string("services: []\n\0", 14), "f:2:1: control character 0x00: take it out\n"},
    {"utf16", std::string("\xff\xfes\0:\0", 6),
     "f:1:1: byte 0xff is not UTF-8: save the file as UTF-8\n"},
    {"lone_cr", "services: []\r", "f:1:13: control character 0x0d: take it out\n"},
    {"column_counts_characters", "# \xc3\xa9\nservices: [\xc3\xa9\xc3\xa9, x]\n",
     "f:2:12: a service has to be a map with listen and servers, not \"éé\"\n"
     "f:2:16: a service has to be a map with listen and servers, not \"x\"\n"},
};

const std::vector<Case> kShape = {
    {"scalar_file", "hello\n",
     "f:1:1: the file has to be a map of defaults and services, not a value\n"},
    {"list_file", "- a\n",
     "f:1:1: the file has to be a map of defaults and services, not a list\n"},
    {"no_services", "defaults: {weight: 1}\n",
     "f:1:1: services are missing: \"services: []\" when there are to be none\n"},
    {"services_nothing", "services:\n", "f:1:1: services has to be a list, not nothing\n"},
    {"services_a_value", "services: web\n", "f:1:11: services has to be a list, not \"web\"\n"},
    {"services_a_map", "services: {web: 1}\n", "f:1:11: services has to be a list, not a map\n"},
    {"defaults_a_value", "defaults: rr\nservices: []\n",
     "f:1:11: defaults has to be a map, not \"rr\"\n"},
    {"defaults_nothing", "defaults:\nservices: []\n",
     "f:1:1: defaults has to be a map, not nothing\n"},
    {"service_a_value", "services: [web]\n",
     "f:1:12: a service has to be a map with listen and servers, not \"web\"\n"},
    {"service_nothing", "services:\n  -\n",
     "f:2:3: a service has to be a map with listen and servers, not nothing\n"},
    {"service_without_listen", "services:\n  - name: web\n",
     "f:2:5: a service needs listen: tcp://ADDRESS:PORT or udp://ADDRESS:PORT\n"},
    {"listen_nothing", "services:\n  - listen:\n    name: web\n",
     "f:2:5: listen has to be a URL or a list of URLs, not nothing\n"},
    {"listen_empty_list", "services: [{listen: []}]\n",
     "f:1:21: listen needs at least one tcp://ADDRESS:PORT\n"},
    {"listen_a_map", "services: [{listen: {a: b}}]\n",
     "f:1:21: listen has to be a value, not a map\n"},
    {"servers_a_value", with_service("servers: 10.0.0.1"),
     "f:3:14: servers has to be a list, not \"10.0.0.1\"\n"},
    {"servers_a_map", with_service("servers: {address: 10.0.0.1}"),
     "f:3:14: servers has to be a list, not a map\n"},
    {"server_a_value", with_server("10.0.0.1:80"),
     "f:4:9: a server has to be a map like { address: 10.0.0.1:80 }, not \"10.0.0.1:80\"\n"},
    {"server_without_address", with_server("weight: 1"),
     "f:4:9: a server needs an address: ADDRESS or ADDRESS:PORT\n"},
    {"address_nothing", with_server("address:"), "f:4:9: address has to be a value, not nothing\n"},
    {"address_null", with_server("address: ~"), "f:4:9: address has to be a value, not nothing\n"},
    {"weight_a_list", with_server("{address: 10.0.0.1, weight: [1]}"),
     "f:4:37: weight has to be a value, not a list\n"},
    {"unknown_top_key", "servces: []\nservices: []\n",
     "f:1:1: unknown key \"servces\" in the file; did you mean services?\n"},
    {"unknown_service_key", with_service("schedular: rr"),
     "f:3:5: unknown key \"schedular\" in a service; did you mean scheduler?\n"},
    {"unknown_server_key", with_server("{address: 10.0.0.1, wieght: 1}"),
     "f:4:29: unknown key \"wieght\" in a server; did you mean weight?\n"},
    {"far_unknown_key", with_server("{address: 10.0.0.1, colour: red}"),
     "f:4:29: unknown key \"colour\" in a server; there are: address, weight, forward, tunnel, "
     "state, upper, lower\n"},
    {"unknown_defaults_key", "defaults: {port: 80}\nservices: []\n",
     "f:1:12: unknown key \"port\" in defaults; there are: scheduler, forward, weight, check, "
     "load\n"},
    {"escape_in_a_key", with_service("\"a\\eb\": 1"),
     "f:3:5: unknown key \"a\\x1bb\" in a service; there are: name, listen, scheduler, hash_port, "
     "timeouts, slow_start, on_down, "
     "affinity, servers, check, load, fallback, panic_threshold, quorum\n"},
};

const std::vector<Case> kValues = {
    {"weight_octal", with_server("{address: 10.0.0.1, weight: 010}"),
     "f:4:37: weight \"010\" has a leading zero, which some read as octal: leave it out\n"},
    {"weight_hex", with_server("{address: 10.0.0.1, weight: 0x10}"),
     "f:4:37: weight \"0x10\" is not a decimal number\n"},
    {"weight_exponent", with_server("{address: 10.0.0.1, weight: 1e3}"),
     "f:4:37: weight \"1e3\" is not a decimal number\n"},
    {"weight_underscore", with_server("{address: 10.0.0.1, weight: 1_000}"),
     "f:4:37: weight \"1_000\" is not a decimal number\n"},
    {"weight_signed", with_server("{address: 10.0.0.1, weight: +1}"),
     "f:4:37: weight \"+1\" is not a decimal number\n"},
    {"weight_negative", with_server("{address: 10.0.0.1, weight: -1}"),
     "f:4:37: weight \"-1\" is not a decimal number\n"},
    {"weight_fraction", with_server("{address: 10.0.0.1, weight: 1.5}"),
     "f:4:37: weight \"1.5\" is not a decimal number\n"},
    {"weight_quoted", with_server("{address: 10.0.0.1, weight: \"3\"}"),
     "f:4:37: weight has to be a number, not the text \"3\": leave the quotes out\n"},
    {"weight_too_large", with_server("{address: 10.0.0.1, weight: 65536}"),
     "f:4:37: weight 65536 is out of range: 0 to 65535\n"},
    {"weight_far_too_large", with_server("{address: 10.0.0.1, weight: 99999999999999999999}"),
     "f:4:37: weight 99999999999999999999 is out of range: 0 to 65535\n"},
    {"default_weight", "defaults: {weight: 70000}\nservices: []\n",
     "f:1:20: weight 70000 is out of range: 0 to 65535\n"},
    {"hash_port_yes", with_service("hash_port: yes"),
     "f:3:16: hash_port has to be true or false, not \"yes\"\n"},
    {"hash_port_quoted", with_service("hash_port: \"true\""),
     "f:3:16: hash_port has to be true or false, not \"true\"\n"},
    {"hash_port_nothing", with_service("hash_port:"),
     "f:3:5: hash_port has to be true or false, not nothing\n"},
    {"scheduler_unknown", with_service("scheduler: foo"),
     "f:3:16: unknown scheduler \"foo\" (there are: rr, wrr, lc, wlc, sh, mh)\n"},
    {"forward_unknown", with_server("{address: 10.0.0.1, forward: masq}"),
     "f:4:38: unknown forward mode \"masq\" (there are: nat, direct, tunnel, local)\n"},
    {"state_unknown", with_server("{address: 10.0.0.1, state: up}"),
     "f:4:36: unknown state \"up\" (there are: ready, drain, maint)\n"},
    {"tunnel_unknown", with_server("{address: 10.0.0.1, forward: tunnel, tunnel: vxlan}"),
     "f:4:54: unknown tunnel \"vxlan\" (there are: ipip)\n"},
    {"tunnel_without_mode", with_server("{address: 10.0.0.1, tunnel: ipip}"),
     "f:4:29: tunnel goes with \"forward: tunnel\", and this server's is nat\n"},
    {"name_bad", with_service("name: my web"),
     "f:3:11: \"my web\" cannot be a service's name: 1 to 63 of A-Z a-z 0-9 . _ -\n"},
    {"name_empty", with_service("name: \"\""),
     "f:3:11: \"\" cannot be a service's name: 1 to 63 of A-Z a-z 0-9 . _ -\n"},
    {"name_too_long", with_service("name: " + std::string(64, 'a')),
     "f:3:11: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" cannot be a "
     "service's name: 1 to 63 of A-Z a-z 0-9 . _ -\n"},
    {"name_too_long_with_number",
     "services:\n  - listen: [tcp://10.0.0.9:80, tcp://10.0.0.9:81]\n    name: " +
         std::string(62, 'a') + "\n",
     "f:3:11: name \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.2\" is too "
     "long with the number of its listener: up to 63 characters in all\n"},
    {"dns_name", with_server("address: www.example.org:80"),
     "f:4:18: \"www.example.org\": numeric address needed: a name may change under live conns\n"},
    {"zone", with_server("address: \"[fe80::1%eth0]:80\""),
     "f:4:18: \"fe80::1%eth0\": an address with a zone cannot be used\n"},
    {"loopback", with_server("address: 127.0.0.1:80"),
     "f:4:18: server 127.0.0.1 is a loopback address: packets could not leave the director, use "
     "one of its other addresses\n"},
    {"loopback6", with_server("{address: \"[::1]:80\", forward: tunnel}"),
     "f:4:19: server ::1 is a loopback address: packets could not leave the director, use one of "
     "its other addresses\n"},
    {"multicast", with_server("address: 224.0.0.1"),
     "f:4:18: server 224.0.0.1 is not a unicast address\n"},
    {"unspecified", with_server("address: 0.0.0.0"),
     "f:4:18: server 0.0.0.0 is not a unicast address\n"},
    {"v4_mapped", with_server("{address: \"::ffff:10.0.0.1\", forward: tunnel}"),
     "f:4:19: server ::ffff:10.0.0.1 is an IPv4 address in IPv6 dress: write the IPv4 address\n"},
    {"link_local", with_server("{address: \"[fe80::7]:80\", forward: tunnel}"),
     "f:4:19: server fe80::7 is a link-local address, which says nothing without its link: use one "
     "of its other addresses\n"},
    {"address_read_two_ways", with_server("{address: \"2001:db8::1:80\", forward: tunnel}"),
     "f:4:19: \"2001:db8::1:80\" can be read in two ways: write \"[2001:db8::1]:80\" or "
     "\"[2001:db8::1:80]\"\n"},
    {"port_zero", with_server("address: 10.0.0.1:0"),
     "f:4:18: port 0 is out of range: 1 to 65535\n"},
    {"port_octal", with_server("address: 10.0.0.1:080"),
     "f:4:18: port \"080\" has a leading zero, which some read as octal: leave it out\n"},
    {"vip_loopback", "services: [{listen: \"tcp://127.0.0.1:80\"}]\n",
     "f:1:21: VIP 127.0.0.1 is a loopback address: packets could not leave the director, use one "
     "of its other addresses\n"},
    {"vip_link_local", "services: [{listen: \"tcp://[fe80::1]:80\"}]\n",
     "f:1:21: VIP fe80::1 is a link-local address, which says nothing without its link: use one of "
     "its other addresses\n"},
    {"vip_name", "services: [{listen: \"tcp://vip:80\"}]\n",
     "f:1:21: \"vip\": numeric address needed: a name may change under live conns\n"},
    {"vip_without_port", "services: [{listen: \"tcp://10.0.0.9\"}]\n",
     "f:1:21: \"tcp://10.0.0.9\": the port is missing: tcp://10.0.0.9:PORT\n"},
    {"vip_without_scheme", "services: [{listen: \"10.0.0.9:80\"}]\n",
     "f:1:21: \"10.0.0.9:80\" is not a service: tcp://ADDRESS:PORT or udp://ADDRESS:PORT\n"},
    {"vip_http", "services: [{listen: \"http://10.0.0.9:80\"}]\n",
     "f:1:21: \"http://10.0.0.9:80\": unknown protocol \"http\" (there are tcp, udp)\n"},
    {"family", with_server("address: \"[2001:db8::1]:80\""),
     "f:4:18: the server is IPv6 and the service IPv4: only the mode tunnel can forward from one "
     "family to the other, not nat\n"},
    {"port_differs", with_server("{address: 10.0.0.1:8080, forward: direct}"),
     "f:4:19: port 8080 is not the service's port 80: only the mode nat can change the port, not "
     "direct\n"},
    {"port_differs_by_default_mode",
     "services:\n  - listen: tcp://10.0.0.9:80\n    servers: [{address: 10.0.0.1:8080}]\ndefaults: "
     "{forward: direct}\n",
     "f:3:25: port 8080 is not the service's port 80: only the mode nat can change the port, not "
     "direct\n"},
    {"duplicate_service",
     "services:\n  - listen: tcp://10.0.0.9:80\n  - listen: tcp://10.0.0.9:80\n",
     "f:3:13: tcp://10.0.0.9:80 is here a second time, the first is at line 2, column 13\n"},
    {"duplicate_listen", "services: [{listen: [\"tcp://10.0.0.9:80\", \"tcp://10.0.0.9:80\"]}]\n",
     "f:1:43: tcp://10.0.0.9:80 is here a second time, the first is at line 1, column 22\n"},
    {"duplicate_name",
     "services:\n  - {listen: tcp://10.0.0.9:80, name: web}\n  - {listen: tcp://10.0.0.9:81, name: "
     "web}\n",
     "f:3:39: name \"web\" is here a second time, the first is at line 2, column 39\n"},
    {"duplicate_name_of_a_listener",
     "services:\n  - {listen: [tcp://10.0.0.9:80, tcp://10.0.0.9:81], name: web}\n  - {listen: "
     "tcp://10.0.0.9:82, name: web.2}\n",
     "f:3:39: name \"web.2\" is here a second time, the first is at line 2, column 60\n"},
    {"duplicate_server", with_server("address: 10.0.0.1\n      - address: 10.0.0.1:80"),
     "f:5:18: server 10.0.0.1:80 is here a second time, the first is at line 4, column 18\n"},
    {"timeouts_no_map", with_service("timeouts: 15m"),
     "f:3:15: timeouts has to be a map, not \"15m\"\n"},
    {"timeout_unknown", with_service("timeouts: { establshed: 15m }"),
     "f:3:17: unknown key \"establshed\" in timeouts; did you mean established?\n"},
    {"timeout_without_unit", with_service("timeouts: { udp: 30 }"),
     "f:3:22: udp \"30\" is not a duration: a number and ms, s, m, h or d, like 500ms or 15m\n"},
    {"timeout_too_short", with_service("timeouts: { udp: 99ms }"),
     "f:3:22: udp 99ms is out of range: 100ms to 10d\n"},
    {"slow_start_too_long", with_service("slow_start: 2h"),
     "f:3:17: slow_start 2h is out of range: 0s to 1h\n"},
    {"on_down_unknown", with_service("on_down: kill"),
     "f:3:14: unknown on_down \"kill\" (there are: keep, reset, reschedule)\n"},
    {"upper_too_large", with_server("{address: 10.0.0.1, upper: 67108864}"),
     "f:4:36: upper 67108864 is out of range: 0 to 67108863\n"},
    {"lower_over_upper", with_server("{address: 10.0.0.1, upper: 10, lower: 11}"),
     "f:4:19: the lower threshold, 11, is over the upper one, 10\n"},
    {"escape_in_a_value", with_server("address: \"10.0.0.1\\e[31m\""),
     "f:4:18: address \"10.0.0.1\\x1b[31m\" is too long or has control characters\n"},
};

const std::vector<Case> kAffinity = {
    {"affinity_a_time", with_service("affinity: 5m"),
     "f:3:15: affinity has to be a map, not \"5m\"\n"},
    {"affinity_without_timeout", with_service("affinity: {mask: 24}"),
     "f:3:15: affinity needs a timeout: how long a client may stay away\n"},
    {"affinity_timeout_without_unit", with_service("affinity: {timeout: 300}"),
     "f:3:25: affinity timeout \"300\" is not a duration: a number and ms, s, m, h or d, like "
     "500ms "
     "or 15m\n"},
    {"affinity_mask_33", with_service("affinity: {timeout: 5m, mask: 33}"),
     "f:3:35: mask 33 is out of range: 1 to 32\n"},
    {"affinity_prefix_129", with_service("affinity: {timeout: 5m, prefix: 129}"),
     "f:3:29: prefix is for IPv6, and the service listens to IPv4 only: mask?\n"
     "f:3:37: prefix 129 is out of range: 1 to 128\n"},
    {"affinity_mask_of_IPv6",
     "services:\n  - listen: \"tcp://[2001:db8::1]:80\"\n"
     "    affinity: {timeout: 5m, mask: 24}\n",
     "f:3:29: mask is for IPv4, and the service listens to IPv6 only: prefix?\n"},
    {"affinity_prefix_of_IPv4", with_service("affinity: {timeout: 5m, prefix: 24}"),
     "f:3:29: prefix is for IPv6, and the service listens to IPv4 only: mask?\n"},
    {"affinity_drained", with_service("affinity: {timeout: 5m, drained: move}"),
     "f:3:38: unknown drained \"move\" (there are: keep, lose)\n"},
    {"affinity_unknown_key", with_service("affinity: {timeout: 5m, masc: 24}"),
     "f:3:29: unknown key \"masc\" in an affinity; did you mean mask?\n"},
};

const std::vector<Case> kLater = {
    {"limits", "limits: {}\nservices: []\n",
     "f:1:1: limits: this version of headgate does not have that yet, take it out\n"},
    {"sctp", "services: [{listen: \"sctp://10.0.0.9:80\"}]\n",
     "f:1:21: \"sctp://10.0.0.9:80\": this version of headgate does not have sctp:// yet, only "
     "tcp:// and udp://\n"},
    {"mark4", "services: [{listen: \"mark4://7\"}]\n",
     "f:1:21: \"mark4://7\": this version of headgate does not have mark4:// yet, only tcp:// and "
     "udp://\n"},
    {"port_range", "services: [{listen: \"tcp://10.0.0.9:8000-8010\"}]\n",
     "f:1:21: \"tcp://10.0.0.9:8000-8010\": this version of headgate does not have port ranges "
     "yet: list the ports\n"},
    {"gre", with_server("{address: 10.0.0.1, forward: tunnel, tunnel: gre}"),
     "f:4:54: this version of headgate does not have the tunnel \"gre\" yet, only ipip\n"},
    {"gue", with_server("{address: 10.0.0.1, forward: tunnel, tunnel: gue}"),
     "f:4:54: this version of headgate does not have the tunnel \"gue\" yet, only ipip\n"},
};

INSTANTIATE_TEST_SUITE_P(Yaml, Refusal, testing::ValuesIn(kYaml), named);
INSTANTIATE_TEST_SUITE_P(Shape, Refusal, testing::ValuesIn(kShape), named);
INSTANTIATE_TEST_SUITE_P(Values, Refusal, testing::ValuesIn(kValues), named);
INSTANTIATE_TEST_SUITE_P(Affinity, Refusal, testing::ValuesIn(kAffinity), named);
INSTANTIATE_TEST_SUITE_P(Later, Refusal, testing::ValuesIn(kLater), named);

} // namespace

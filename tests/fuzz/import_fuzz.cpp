// The importers take any bytes: they neither crash nor throw, and what they make of them is a
// configuration that the reader of our files takes and reads to the same.
//
// With clang a libFuzzer target; with -DHG_FUZZ_MAIN a program that throws dice, for a machine
// without: it breaks good files in small ways for as many rounds as its argument says.
#include "import.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void check(const hg::Imported& imported) {
    const auto again = hg::parse_config(hg::config_text(imported.config));
    if (!again || *again != imported.config) {
        std::fputs(hg::config_text(imported.config).c_str(), stderr);
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check(hg::import_ipvsadm(text));
    check(hg::import_keepalived(text));
    return 0;
}

#ifdef HG_FUZZ_MAIN
#include "dice.h"

#include <array>

namespace {

const std::array<std::string, 4> kSeeds{
    "-A -t 10.0.0.1:80 -s wlc -p 300 -M 255.255.255.0\n"
    "-a -t 10.0.0.1:80 -r 192.168.1.2:8080 -m -w 3 -x 100 -y 50\n"
    "-A -u [2001:db8::1]:53 -s mh -b mh-fallback,mh-port -p -M 64\n"
    "-a -u [2001:db8::1]:53 -r [2001:db8::2]:53 -i --tun-type ipip\n",
    "virtual_server 10.0.0.1 443 {\n  delay_loop 6\n  lvs_sched wrr\n  lvs_method DR\n"
    "  persistence_timeout 50\n  persistence_granularity 255.255.255.0\n  quorum 2\n"
    "  hysteresis 1\n  virtualhost www.example.org\n"
    "  real_server 192.168.1.2 443 {\n    weight 3\n    uthreshold 9\n"
    "    SSL_GET {\n      url {\n        path \"/a?b\"\n        status_code 200 300-302\n"
    "        regex \"^\\\"ok\\\"\"\n      }\n      retry 3\n      bindto 192.168.1.7\n    }\n  }\n"
    "  sorry_server 192.168.1.9 443\n}\n",
    "virtual_server_group g {\n  10.0.0.53-60 53\n  2001:db8::/126 53\n}\n"
    "virtual_server group g {\n  lb_algo sh\n  sh-port\n  lb_kind TUN\n  protocol UDP\n"
    "  real_server 192.168.1.2 53 {\n    DNS_CHECK {\n      name www.example.org\n      type A\n"
    "    }\n    UDP_CHECK {\n      payload 0f 1\n      require_reply\n    }\n  }\n}\n",
    "virtual_server 10.0.0.1 25 {\n  real_server 10.1.0.1 25 {\n    SMTP_CHECK {\n"
    "      helo_name a.example\n    }\n  }\n  real_server 10.1.0.2 25 {\n    MISC_CHECK {\n"
    "      misc_path \"/bin/a 'b c' \\x41\"\n      misc_timeout 2.5\n    }\n  }\n}\n"};

const std::array<const char*, 22> kPieces{
    "{",   "}",  "\"",   "'",     "\\",       "\n",        "#",
    "$A=", "${", "@x",   "~SEQ",  "include ", "-1",        "/0",
    "0",   "::", "\xff", "\\x80", "retry ",   "alpha off", "inhibit_on_failure",
    "\\0"};

} // namespace

int main(int argc, char** argv) { return hg::fuzz::Dice(kSeeds, kPieces).run(argc, argv); }
#endif

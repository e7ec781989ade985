// The configuration reader takes any bytes, in the file and in those that it includes: it neither
// crashes nor throws, and what it accepts it writes and reads back to the same.
//
// With clang a libFuzzer target; with -DHG_FUZZ_MAIN a program that throws dice, for a machine
// without: it breaks good files in small ways for as many rounds as its argument says.
#include "config.h"
#include "config_files.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

// Between the files of one input.
constexpr std::string_view kNextFile = "\n#next\n";

// What follows the first part; every pattern stands for all of it.
class Rest final : public hg::ConfigFiles {
public:
    explicit Rest(std::string_view text) : text_(text) {}

    [[nodiscard]] std::string main() const override { return "f"; }

    [[nodiscard]] hg::Result<std::vector<std::string>>
    find(const std::string& /*pattern*/) override {
        return std::vector<std::string>{"rest"};
    }

    [[nodiscard]] std::string read(const std::string& /*path*/,
                                   hg::ConfigFaults& /*faults*/) override {
        return std::string(text_);
    }

private:
    std::string_view text_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto end = std::min(text.find(kNextFile), size);
    Rest rest(text.substr(std::min(end + kNextFile.size(), size)));
    const auto config = hg::parse_config(text.substr(0, end), rest);
    if (!config) {
        if (config.error().render("f").empty()) {
            std::abort();
        }
        return 0;
    }
    const auto again = hg::parse_config(hg::config_text(*config));
    if (!again || *again != *config) {
        std::abort();
    }
    return 0;
}

#ifdef HG_FUZZ_MAIN
#include "dice.h"

#include <array>

namespace {

const std::array<std::string, 5> kSeeds{
    "defaults: { scheduler: wrr, forward: direct, weight: 2 }\n"
    "services:\n"
    "  - name: web\n"
    "    listen: [ tcp://192.0.2.80:80, \"tcp://[2001:db8::80]:80\" ]\n"
    "    hash_port: true\n"
    "    servers:\n"
    "      - { address: 192.0.2.11, weight: 3, forward: tunnel, tunnel: ipip, state: drain }\n"
    "      - address: \"[2001:db8::13]:80\"\n"
    "        forward: tunnel\n",
    "--- # comment\nservices:\n- listen: 'udp://192.0.2.80:53'\n  servers: []\n...\n",
    "{services: [{listen: \"tcp://192.0.2.80:80\", servers: [{address: 192.0.2.1:8080}]}]}",
    "include: x\n"
    "exclusive: true\n"
    "daemon: { metrics: none, on_change: [ /bin/page, me ] }\n"
    "defaults: { check: { type: tcp, interval: 1s, timeout: 500ms }, load: { type: agent } }\n"
    "services:\n"
    "  - listen: tcp://192.0.2.80:443\n"
    "    check: { type: https, path: /a, expect: [ 200, 300-399 ], body: \"^o(k|)\", jitter: 5% }\n"
    "    fallback: [ 192.0.2.9:80, { address: 192.0.2.8, weight: 2 } ]\n"
    "    quorum: { weight: 3, hysteresis: 1 }\n"
    "#next\n"
    "nodes: [ { name: nas, address: 192.0.2.1, check: { type: smtp, starttls: true } } ]\n",
    "services:\n"
    "  - listen: udp://192.0.2.80:53\n"
    "    check: { type: dns, name: a.example, record: MX, through: service, source: 192.0.2.7 }\n"
    "    load: { type: node_exporter, path: /m, gain: 50%, floor: 5% }\n"
    "    panic_threshold: 30%\n"
    "  - listen: udp://192.0.2.80:54\n"
    "    check: { type: udp, payload: 0x00ff, reply: '[a-z]{2,}' }\n"
    "  - listen: udp://192.0.2.80:55\n"
    "    check: { type: exec, command: [ /bin/true, '{port}' ], initial: down }\n"};

const std::array<const char*, 24> kPieces{"[",    "]",    "{",     "}",     ": ",       "- ",
                                          "\n",   "\n  ", "\"",    "'",     "&a ",      "*a",
                                          "!!x ", "<<: ", "---\n", "...\n", "? ",       "%YAML 1\n",
                                          "\t",   "| ",   "> ",    "\xff",  "services", "\\x1b"};

} // namespace

int main(int argc, char** argv) { return hg::fuzz::Dice(kSeeds, kPieces).run(argc, argv); }
#endif

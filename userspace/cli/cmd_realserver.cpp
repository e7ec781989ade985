#include "args.h"
#include "check.h"
#include "commands.h"
#include "output.h"
#include "realserver.h"
#include "realserver_report.h"
#include "realserver_system.h"

#include <array>
#include <fmt/format.h>

namespace hg::cli {

namespace {

struct Options {
    std::vector<std::string> vips;
    std::string mode = "direct";
    std::string family = "ipv4";
    std::string device;
    std::string director;
};

void down_options(Parser& app, Options& options) {
    app.add_option("--vip", options.vips, "a service's address; may be repeated")
        .required()
        .type_name("ADDRESS");
}

void up_options(Parser& app, Options& options) {
    down_options(app, options);
    app.add_option("--mode", options.mode, "direct or tunnel, as the director forwards")
        .required()
        .type_name("MODE");
    app.add_option("--family", options.family,
                   "of the packets around, in the mode tunnel: ipv4, ipv6")
        .type_name("FAMILY");
    app.add_option("--dev", options.device,
                   "interface for the address instead of lo or the tunnel's")
        .type_name("DEVICE");
}

void check_options(Parser& app, Options& options) {
    up_options(app, options);
    app.add_option("--director", options.director,
                   "the director's address, to see that it is no gateway")
        .type_name("ADDRESS");
}

Result<std::vector<Address>> parse_vips(const std::vector<std::string>& texts) {
    std::vector<Address> out;
    for (const auto& text : texts) {
        const auto vip = HG_TRY(parse_address(text));
        if (!check_unicast(vip, "VIP")) {
            return usage_error(
                fmt::format("{} cannot be a VIP: not a unicast address of its own", vip.text()));
        }
        out.push_back(vip);
    }
    return out;
}

Result<RealServerOptions> parse(const Options& options) {
    RealServerOptions out;
    out.vips = HG_TRY(parse_vips(options.vips));
    if (options.mode != "direct" && options.mode != "tunnel") {
        return usage_error(fmt::format("a real server has nothing to set up for the mode \"{}\" "
                                       "(there are: direct, tunnel)",
                                       options.mode));
    }
    out.mode = options.mode == "direct" ? Mode::Direct : Mode::Tunnel;
    if (options.family != "ipv4" && options.family != "ipv6") {
        return usage_error(
            fmt::format("unknown family \"{}\" (there are: ipv4, ipv6)", options.family));
    }
    out.outer = options.family == "ipv4" ? Family::V4 : Family::V6;
    // It becomes a part of paths below /proc/sys.
    if (options.device.find('/') != std::string::npos || options.device.size() > 15 ||
        options.device == "." || options.device == ".." || options.device == "all" ||
        options.device == "default") {
        return usage_error(fmt::format("\"{}\" cannot be an interface", options.device));
    }
    out.device = options.device;
    if (!options.director.empty()) {
        out.director = HG_TRY(parse_address(options.director));
    }
    return out;
}

Result<Exit> up(const Options& options, Context& context) {
    const auto parsed = HG_TRY(parse(options));
    const auto host = HG_TRY(SystemRealHost::open());
    const auto steps = HG_TRY(attempting(realserver_up(*host, parsed), "set up this real server"));
    const auto findings = HG_TRY(check_realserver(*host, parsed));
    const auto report = up_report(steps, findings);
    context.output().report(report.text, report.document);
    return findings.empty() ? Exit::Done : Exit::Differs;
}

Result<Exit> down(const Options& options, Context& context) {
    const auto vips = HG_TRY(parse_vips(options.vips));
    const auto host = HG_TRY(SystemRealHost::open());
    const auto report = down_report(HG_TRY(realserver_down(*host, vips)));
    context.output().report(report.text, report.document);
    return Exit::Done;
}

Result<Exit> check(const Options& options, Context& context) {
    const auto parsed = HG_TRY(parse(options));
    const auto host = HG_TRY(SystemRealHost::open());
    const auto findings = HG_TRY(check_realserver(*host, parsed));
    const auto report = check_report(findings);
    context.output().report(report.text, report.document);
    return findings.empty() ? Exit::Done : Exit::Differs;
}

} // namespace

void declare_realserver(Parser& app, Run& chosen) {
    static constexpr std::array kVerbs{
        Command{"up", "make this host a real server for VIPs", verb<Options, up_options, up>},
        Command{"down", "take back what up did", verb<Options, down_options, down>},
        Command{"check", "say what is wrong with it", verb<Options, check_options, check>},
    };
    declare_all(app, kVerbs, chosen);
    app.require_subcommand(1);
}

} // namespace hg::cli

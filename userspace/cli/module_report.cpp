#include "module_report.h"

#include "number.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hg::cli {

namespace {

std::string counted(std::uint64_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

Json namespaces_json(const Survey& survey) {
    Json out = Json::array();
    for (const auto& [name, settings, running] : survey.namespaces) {
        if (!running.services.empty()) {
            out.push_back({{"netns", name.empty() ? Json() : Json(name)},
                           {"services", running.services.size()},
                           {"servers", running.servers.size()}});
        }
    }
    return out;
}

} // namespace

Report reload_report(const std::string& version_before, const Reloaded& reloaded) {
    const auto& before = reloaded.before;
    Report out;
    out.text =
        fmt::format("version {} in place of {}: {} with {} as before, {} lost, the gap was {}\n",
                    reloaded.version, version_before, counted(before.services(), "service"),
                    counted(before.servers(), "server"), counted(before.active(), "connection"),
                    duration_text(reloaded.gap));
    out.document = {{"result", "done"},
                    {"version_before", version_before},
                    {"version", reloaded.version},
                    {"namespaces", namespaces_json(before)},
                    {"conns_lost", before.active()},
                    {"gap_ms", reloaded.gap.count()}};
    return out;
}

Result<> check_conns(const Survey& before) {
    const auto active = before.active();
    if (active == 0) {
        return {};
    }
    return attempting<void>(refusal(fmt::format("{} would be lost: with --lose-conns they are",
                                                counted(active, "established connection")),
                                    std::errc::device_or_resource_busy),
                            "reload the module");
}

} // namespace hg::cli

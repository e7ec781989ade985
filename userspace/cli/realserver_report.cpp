#include "realserver_report.h"

#include <fmt/format.h>

namespace hg::cli {

namespace {

std::string text_of(const Finding& finding) {
    const auto subject = finding.vip.empty() ? "" : finding.vip + ": ";
    return fmt::format("{}{}\n    {}\n", subject, finding.problem, finding.cure);
}

Json findings_json(const std::vector<Finding>& findings) {
    Json out = Json::array();
    for (const auto& finding : findings) {
        out.push_back({{"vip", finding.vip.empty() ? Json() : Json(finding.vip)},
                       {"problem", finding.problem},
                       {"cure", finding.cure}});
    }
    return out;
}

// What "down" does to a step, for eyes.
std::string undone_text(const Want& step) {
    switch (step.kind) {
    case Want::Kind::Sysctl: {
        auto back = step;
        back.value = step.before;
        return command_text(back);
    }
    case Want::Kind::Link:
        return fmt::format("ip link del {}", step.name);
    case Want::Kind::LinkUp:
        return fmt::format("ip link set {} down", step.name);
    case Want::Kind::Address:
        break;
    }
    return fmt::format("ip address del {} dev {}", step.value, step.name);
}

} // namespace

Report up_report(const std::vector<Want>& steps, const std::vector<Finding>& findings) {
    Report out;
    Json done = Json::array();
    for (const auto& step : steps) {
        out.text += command_text(step) + "\n";
        done.push_back(command_text(step));
    }
    for (const auto& finding : findings) {
        out.text += "still wrong: " + text_of(finding);
    }
    out.document = {{"result", "done"},
                    {"changes", std::move(done)},
                    {"healthy", findings.empty()},
                    {"findings", findings_json(findings)}};
    return out;
}

Report down_report(const TakenBack& taken) {
    Report out;
    Json done = Json::array();
    for (const auto& step : taken.steps) {
        out.text += undone_text(step) + "\n";
        done.push_back(undone_text(step));
    }
    for (const auto& note : taken.notes) {
        out.text += note + "\n";
    }
    out.document = {{"result", "done"}, {"changes", std::move(done)}, {"notes", taken.notes}};
    return out;
}

Report check_report(const std::vector<Finding>& findings) {
    Report out;
    for (const auto& finding : findings) {
        out.text += text_of(finding);
    }
    if (findings.empty()) {
        out.text = "healthy\n";
    }
    out.document = {{"healthy", findings.empty()}, {"findings", findings_json(findings)}};
    return out;
}

} // namespace hg::cli

#include "realserver_record.h"

#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hg::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 4> kKinds{"sysctl", "link", "link_up", "address"};

Want::Kind kind_of(const std::string& text) {
    for (std::size_t i = 0; i < kKinds.size(); i++) {
        if (kKinds[i] == text) {
            return static_cast<Want::Kind>(i);
        }
    }
    throw Json::other_error::create(501, "unknown kind", nullptr);
}

Record read(const Json& document) {
    Record out;
    for (const auto& each : document.at("steps")) {
        RecordedStep step;
        step.step.kind = kind_of(each.at("kind"));
        step.step.name = each.at("name");
        step.step.value = each.at("value");
        step.step.before = each.at("before");
        step.vips = each.at("vips").get<std::vector<std::string>>();
        out.push_back(std::move(step));
    }
    return out;
}

} // namespace

std::string record_text(const Record& record) {
    Json steps = Json::array();
    for (const auto& each : record) {
        steps.push_back({{"kind", kKinds[static_cast<std::size_t>(each.step.kind)]},
                         {"name", each.step.name},
                         {"value", each.step.value},
                         {"before", each.step.before},
                         {"vips", each.vips}});
    }
    return Json{{"schema", 1}, {"steps", std::move(steps)}}.dump(2) + "\n";
}

Result<Record> parse_record(const std::string& text) {
    if (text.empty()) {
        return Record{};
    }
    try {
        return read(Json::parse(text));
    } catch (const Json::exception& error) {
        return refusal(fmt::format("the record of what was set up is damaged: {}", error.what()),
                       std::errc::invalid_argument);
    }
}

} // namespace hg::cli

// docs/grafana/headgate.json asks for what headgated exports, by its names and labels.
#include "metrics.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

namespace hg::daemon {
namespace {

using Json = nlohmann::json;

// Every string at a key that holds an expression.
void collect(const Json& json, std::vector<std::string>& out) {
    if (json.is_object()) {
        for (const auto& [key, value] : json.items()) {
            if ((key == "expr" || key == "query" || key == "definition") && value.is_string()) {
                out.push_back(value);
            }
            collect(value, out);
        }
    } else if (json.is_array()) {
        for (const auto& each : json) {
            collect(each, out);
        }
    }
}

std::string without_suffix(std::string name) {
    for (const std::string_view suffix : {"_bucket", "_sum", "_count"}) {
        if (name.ends_with(suffix)) {
            name.resize(name.size() - suffix.size());
            break;
        }
    }
    return name;
}

class Dashboard : public testing::Test {
protected:
    Dashboard() {
        std::ifstream file(HG_SOURCE_DIR "/docs/grafana/headgate.json");
        json = Json::parse(file, nullptr, false);
        collect(json, expressions);
    }

    Json json;
    std::vector<std::string> expressions;
};

TEST_F(Dashboard, asks_for_metrics_that_there_are) {
    ASSERT_TRUE(json.is_object());
    const auto names = metric_names();
    const std::set<std::string> exported(names.begin(), names.end());
    const std::regex word("headgate_[a-z_]+");
    std::set<std::string> asked;
    for (const auto& expression : expressions) {
        for (std::sregex_iterator at(expression.begin(), expression.end(), word), end; at != end;
             ++at) {
            asked.insert(without_suffix(at->str()));
        }
    }
    EXPECT_GT(asked.size(), 20U);
    for (const auto& name : asked) {
        EXPECT_TRUE(exported.contains(name)) << name;
    }
}

TEST_F(Dashboard, asks_by_labels_that_there_are) {
    const std::set<std::string> labels{"namespace", "service", "server", "node",
                                       "result",    "reason",  "to",     "le"};
    const std::regex matcher("([a-z_]+) *(=~|!~|!=|=)\"");
    const std::regex grouping("by \\(([a-z_, ]+)\\)");
    const std::regex label("[a-z_]+");
    std::smatch found;
    for (const auto& expression : expressions) {
        for (std::sregex_iterator at(expression.begin(), expression.end(), matcher), end; at != end;
             ++at) {
            EXPECT_TRUE(labels.contains((*at)[1])) << expression;
        }
        for (std::sregex_iterator at(expression.begin(), expression.end(), grouping), end;
             at != end; ++at) {
            const auto group = (*at)[1].str();
            for (std::sregex_iterator one(group.begin(), group.end(), label); one != end; ++one) {
                EXPECT_TRUE(labels.contains(one->str())) << expression;
            }
        }
    }
}

TEST_F(Dashboard, gives_each_panel_a_place_and_a_number_of_its_own) {
    std::set<int> ids;
    std::set<std::pair<int, int>> places;
    for (const auto& panel : json["panels"]) {
        EXPECT_TRUE(ids.insert(panel["id"].get<int>()).second) << panel["title"];
        EXPECT_TRUE(places.emplace(panel["gridPos"]["x"].get<int>(), panel["gridPos"]["y"]).second)
            << panel["title"];
    }
}

} // namespace
} // namespace hg::daemon

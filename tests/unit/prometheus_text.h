// Prometheus' text format, read as strictly as a scraper and promtool do.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hg::test {

struct PrometheusText {
    std::map<std::string, std::string> types; // by family
    std::map<std::string, double> values;     // by series: name{label="value",..} as written
    std::vector<std::string> faults;

    // The value of a series; NaN when there is none.
    [[nodiscard]] double at(const std::string& series) const;
    // How many series begin so.
    [[nodiscard]] std::size_t count(std::string_view beginning) const;
};

[[nodiscard]] PrometheusText read_prometheus(const std::string& text);

} // namespace hg::test

#include "prometheus_text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <regex>
#include <set>
#include <sstream>

namespace hg::test {

namespace {

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> ends) {
    return std::any_of(ends.begin(), ends.end(),
                       [&](std::string_view end) { return name.ends_with(end); });
}

class Reader {
public:
    explicit Reader(PrometheusText& out) : out_(out) {}

    void line(const std::string& line) {
        static const std::regex type("# TYPE ([a-z_]+) (counter|gauge|histogram)");
        static const std::regex help("# HELP ([a-z_]+) ([A-Z0-9].*\\.)");
        static const std::regex sample(
            R"re(([a-z_]+)(\{([a-z_]+="[^"\\]*"(,[a-z_]+="[^"\\]*")*)\})? (-?[0-9.e+-]+|NaN|[+-]Inf))re");
        std::smatch match;
        if (std::regex_match(line, match, help)) {
            begin(match[1]);
        } else if (std::regex_match(line, match, type)) {
            take_type(match[1], match[2]);
        } else if (std::regex_match(line, match, sample)) {
            take_sample(match[1], match[2], match[5]);
        } else {
            fault("cannot read", line);
        }
    }

    void end() { expect_whole_histogram(); }

private:
    void fault(const std::string& what, const std::string& where) {
        out_.faults.push_back(what + ": " + where);
    }

    void begin(const std::string& family) {
        expect_whole_histogram();
        if (!families_.insert(family).second) {
            fault("a second time", family);
        }
        family_ = family;
        type_.clear();
    }

    void take_type(const std::string& family, const std::string& type) {
        if (family != family_) {
            fault("no HELP before", family);
        }
        if ((type == "counter") != family.ends_with("_total")) {
            fault("_total is for counters", family);
        }
        if (ends_with_any(family, {"_count", "_sum", "_bucket"})) {
            fault("the suffix is for histograms", family);
        }
        if (ends_with_any(family, {"_milliseconds", "_ms", "_kilobytes", "_percent"})) {
            fault("no base unit", family);
        }
        type_ = type;
        out_.types[family] = type;
    }

    void take_sample(const std::string& name, const std::string& labels, const std::string& text) {
        const auto is_histogram =
            type_ == "histogram" &&
            (name == family_ + "_bucket" || name == family_ + "_sum" || name == family_ + "_count");
        if (type_.empty() || (type_ == "histogram" ? !is_histogram : name != family_)) {
            fault("outside of its family", name);
        }
        const auto value = text == "+Inf" ? std::numeric_limits<double>::infinity()
                                          : std::strtod(text.c_str(), nullptr);
        if (type_ != "gauge" && !(value >= 0)) {
            fault("below 0", name + labels);
        }
        if (name.ends_with("_bucket")) {
            take_bucket(name + labels, labels.find("le=\"+Inf\"") != std::string::npos, value);
        }
        if (!out_.values.emplace(name + labels, value).second) {
            fault("twice", name + labels);
        }
    }

    void take_bucket(const std::string& series, bool is_last, double value) {
        if (value < bucket_) {
            fault("less than the bucket before", series);
        }
        bucket_ = is_last ? 0 : value;
        is_open_ = !is_last;
    }

    void expect_whole_histogram() {
        if (is_open_) {
            fault("no +Inf", family_);
        }
    }

    PrometheusText& out_;
    std::set<std::string> families_;
    std::string family_;
    std::string type_;
    double bucket_ = 0;
    bool is_open_ = false;
};

} // namespace

double PrometheusText::at(const std::string& series) const {
    const auto found = values.find(series);
    return found != values.end() ? found->second : std::nan("");
}

std::size_t PrometheusText::count(std::string_view beginning) const {
    return static_cast<std::size_t>(
        std::count_if(values.begin(), values.end(),
                      [&](const auto& each) { return each.first.starts_with(beginning); }));
}

PrometheusText read_prometheus(const std::string& text) {
    PrometheusText out;
    if (text.empty() || text.back() != '\n') {
        out.faults.emplace_back("no end of the last line");
    }
    Reader reader(out);
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        reader.line(line);
    }
    reader.end();
    return out;
}

} // namespace hg::test

// The keys of an http or https check.
#include "config_check_kind.h"
#include "config_value.h"
#include "number.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace hg {

namespace {

constexpr std::size_t kMethodMax = 16;
constexpr Range kStatus{100, 599};
constexpr std::size_t kStatusRangesMax = 32;

void http_method(ConfigSource& source, const YamlEntry& entry, HttpCheck& http) {
    const auto word = read_word(source, entry);
    if (!word) {
        return;
    }
    if (word->empty() || word->size() > kMethodMax ||
        !std::all_of(word->begin(), word->end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
        source.fault(entry.value, fmt::format("method {} cannot be one: 1 to {} capital letters, "
                                              "like GET",
                                              quoted(*word), kMethodMax));
        return;
    }
    http.method = *word;
}

void http_path(ConfigSource& source, const YamlEntry& entry, HttpCheck& http) {
    http.path = read_request_path(source, entry).value_or(http.path);
}

void http_host(ConfigSource& source, const YamlEntry& entry, HttpCheck& http) {
    http.host = read_host(source, entry).value_or(http.host);
}

std::optional<StatusRange> read_status(ConfigSource& source, const YamlNode& node) {
    const auto word = word_of(source, node, "expect");
    if (!word) {
        return std::nullopt;
    }
    const auto out = parse_status(*word);
    if (!out) {
        source.fault(node, fmt::format("expect {} is not a status: {} to {}, or a range like "
                                       "200-299",
                                       quoted(*word), kStatus.min, kStatus.max));
    }
    return out;
}

void http_expect(ConfigSource& source, const YamlEntry& entry, HttpCheck& http) {
    const auto is_list = entry.value.kind == YamlNode::Kind::Sequence;
    const auto nodes = is_list ? std::span(entry.value.items) : std::span(&entry.value, 1);
    if (entry.value.kind == YamlNode::Kind::Null || nodes.empty() ||
        nodes.size() > kStatusRangesMax) {
        source.fault(entry.at(), fmt::format("expect has to be a status, a range like 200-299, or "
                                             "a list of 1 to {} of them",
                                             kStatusRangesMax));
        return;
    }
    http.expect.clear();
    for (const auto& node : nodes) {
        if (const auto range = read_status(source, node)) {
            http.expect.push_back(*range);
        }
    }
}

void http_body(ConfigSource& source, const YamlEntry& entry, HttpCheck& http) {
    http.body = read_pattern(source, entry).value_or(http.body);
}

void http_verify(ConfigSource& source, const YamlEntry& entry, HttpCheck& http) {
    http.verify = read_bool(source, entry).value_or(http.verify);
}

void http_sni(ConfigSource& source, const YamlEntry& entry, HttpCheck& http) {
    const auto host = read_host(source, entry);
    if (host && parse_endpoint(*host)) {
        source.fault(entry.value, fmt::format("sni {} is an address: TLS has names there, leave it "
                                              "out",
                                              quoted(*host)));
        return;
    }
    http.sni = host.value_or(http.sni);
}

void http_ca(ConfigSource& source, const YamlEntry& entry, HttpCheck& http) {
    const auto word = read_word(source, entry);
    if (word && !word->starts_with('/')) {
        source.fault(entry.value, fmt::format("ca {} is not an absolute path", quoted(*word)));
    } else if (word) {
        http.ca = *word;
    }
}

constexpr CheckTypes kBoth = kHttpCheck | kHttpsCheck;

constexpr std::array<CheckKey, 8> kKeys{{{"method", kBoth, of_kind<HttpCheck, http_method>},
                                         {"path", kBoth, of_kind<HttpCheck, http_path>},
                                         {"host", kBoth, of_kind<HttpCheck, http_host>},
                                         {"expect", kBoth, of_kind<HttpCheck, http_expect>},
                                         {"body", kBoth, of_kind<HttpCheck, http_body>},
                                         {"verify", kHttpsCheck, of_kind<HttpCheck, http_verify>},
                                         {"sni", kHttpsCheck, of_kind<HttpCheck, http_sni>},
                                         {"ca", kHttpsCheck, of_kind<HttpCheck, http_ca>}}};

} // namespace

std::optional<StatusRange> parse_status(std::string_view text) {
    const auto dash = std::min(text.find('-'), text.size());
    const auto first = parse_number(text.substr(0, dash), "status", kStatus);
    const auto last =
        dash == text.size() ? first : parse_number(text.substr(dash + 1), "status", kStatus);
    if (!first || !last || *first > *last) {
        return std::nullopt;
    }
    return StatusRange{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
}

std::span<const CheckKey> http_keys() { return kKeys; }

void check_http(ConfigSource& source, const YamlNode& map, const HttpCheck& http) {
    if (http.method == "HEAD" && !http.body.empty()) {
        source.fault(map, "the answer to HEAD has no body that could fit a pattern: GET?");
    }
    if (!http.verify && !http.ca.empty()) {
        source.fault(map, "ca is of no use with \"verify: false\": take one of them out");
    }
}

} // namespace hg

#include "config_words.h"

#include "config.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <headgate.h>

namespace hg {

namespace {

#define HG_NAME(name) #name,
constexpr auto kSchedulers = std::to_array<std::string_view>({HEADGATE_SCHEDULERS(HG_NAME)});
#undef HG_NAME
constexpr std::array<std::string_view, 3> kLaterProtocols{"sctp", "mark4", "mark6"};
constexpr std::array<std::string_view, 2> kLaterTunnels{"gre", "gue"};

bool is_one_of(std::string_view word, auto words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool all_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// ...:8000-8010
bool is_port_range(std::string_view url) {
    const auto ports = url.substr(std::min(url.rfind(':'), url.size() - 1) + 1);
    const auto dash = ports.find('-');
    return dash != std::string_view::npos && all_digits(ports.substr(0, dash)) &&
           all_digits(ports.substr(dash + 1));
}

} // namespace

std::vector<std::string_view> config_schedulers() {
    return {kSchedulers.begin(), kSchedulers.end()};
}

Result<std::string> parse_scheduler(std::string_view text) {
    if (!is_one_of(text, kSchedulers)) {
        return usage_error(fmt::format("unknown scheduler {} (there are: {})", quoted(text),
                                       fmt::join(kSchedulers, ", ")));
    }
    return std::string(text);
}

std::optional<std::string> ambiguous_port(std::string_view address) {
    const auto colon = address.rfind(':');
    const auto is_v4 = colon == address.find(':'); // or has no port
    if (is_v4 || address.starts_with('[')) {
        return std::nullopt;
    }
    const auto head = address.substr(0, colon);
    const auto port = address.substr(colon + 1);
    const auto parsed = parse_address(head);
    if (!parsed || parsed->family() != Family::V6 || !all_digits(port)) {
        return std::nullopt;
    }
    return fmt::format(R"({} can be read in two ways: write "[{}]:{}" or "[{}]")", quoted(address),
                       head, port, address);
}

std::optional<std::string> later_listen(std::string_view url) {
    const auto protocol = url.substr(0, std::min(url.find("://"), url.size()));
    if (protocol.size() < url.size() && is_one_of(protocol, kLaterProtocols)) {
        return fmt::format("{}: this version of headgate does not have {}:// yet, only tcp:// and "
                           "udp://",
                           quoted(url), protocol);
    }
    if (!url.empty() && is_port_range(url)) {
        return fmt::format("{}: this version of headgate does not have port ranges yet: list the "
                           "ports",
                           quoted(url));
    }
    return std::nullopt;
}

std::optional<std::string> later_tunnel(std::string_view word) {
    if (is_one_of(word, kLaterTunnels)) {
        return fmt::format("this version of headgate does not have the tunnel {} yet, only ipip",
                           quoted(word));
    }
    return std::nullopt;
}

} // namespace hg

#include "options.h"

#include <array>
#include <charconv>
#include <string_view>

namespace hg::agent {

namespace {

constexpr unsigned kLeastMin = 1;
constexpr unsigned kLeastMax = 100;

bool is_flag(Options& options, std::string_view word) {
    options.help = options.help || word == "--help";
    options.version = options.version || word == "--version";
    return word == "--help" || word == "--version";
}

// Empty, or what is wrong.
std::string set_path(std::string& path, std::string_view option, std::string_view value) {
    path = value;
    return value.starts_with('/')
               ? ""
               : std::string(option) + " \"" + path + "\": wanted the absolute path of a file";
}

std::string set_least(unsigned& least, std::string_view value) {
    const auto* const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, least);
    return error == std::errc() && stop == end && least >= kLeastMin && least <= kLeastMax
               ? ""
               : "--least \"" + std::string(value) + "\": wanted a percentage, 1 to 100";
}

std::string set_option(Options& options, std::string_view option, std::string_view value) {
    if (option == "--drain") {
        return set_path(options.drain, option, value);
    }
    if (option == "--maint") {
        return set_path(options.maint, option, value);
    }
    return set_least(options.least, value);
}

bool takes_value(std::string_view option) {
    return option == "--drain" || option == "--maint" || option == "--least";
}

} // namespace

std::variant<Options, std::string> parse_options(std::span<const char* const> words) {
    Options out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view option = words[i];
        if (is_flag(out, option)) {
            continue;
        }
        if (!takes_value(option)) {
            return "\"" + std::string(option) +
                   "\" is not known: wanted --drain, --maint, --least, --help or --version";
        }
        if (++i == words.size()) {
            return std::string(option) + " needs a value";
        }
        if (auto wrong = set_option(out, option, words[i]); !wrong.empty()) {
            return wrong;
        }
    }
    return out;
}

std::string help_text() {
    return "headgate-agent: says how busy this host is, in HAProxy's agent-check protocol\n"
           "\n"
           "headgate-agent [--drain FILE] [--maint FILE] [--least PERCENT]\n"
           "\n"
           "  --drain FILE      says drain while FILE exists (/run/headgate-agent/drain)\n"
           "  --maint FILE      says maint while FILE exists (/run/headgate-agent/maint)\n"
           "  --least PERCENT   the percentage of a host that is wholly busy (50)\n"
           "  --version         prints the version\n"
           "\n"
           "It prints one line and ends: headgate-agent.socket runs it for each connection.\n"
           "See headgate-agent(8).\n";
}

} // namespace hg::agent

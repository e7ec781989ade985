// What the agent's command line says.
#pragma once

#include <span>
#include <string>
#include <variant>

namespace hg::agent {

struct Options {
    std::string drain = "/run/headgate-agent/drain"; // drain while this file exists
    std::string maint = "/run/headgate-agent/maint"; // the same; it goes before drain
    unsigned least = 50;                             // per cent of a host that is wholly busy
    bool help = false;
    bool version = false;

    bool operator==(const Options&) const = default;
};

// The options, or what is wrong with them.
[[nodiscard]] std::variant<Options, std::string> parse_options(std::span<const char* const> words);

[[nodiscard]] std::string help_text();

} // namespace hg::agent

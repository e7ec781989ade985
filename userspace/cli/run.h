// From the words of the command line to an exit code.
#pragma once

#include "context.h"

#include <iosfwd>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace hg::cli {

// What holds for every command.
struct Globals {
    bool json = false;
    std::string netns;
};

// The program's name is not among the words.
[[nodiscard]] Exit run(const std::vector<std::string>& words, Host& host, std::ostream& out,
                       std::ostream& err);

[[nodiscard]] Exit exit_of(const Error& error);

// The parser with every command; what it parses goes to GLOBALS and CHOSEN.
void declare_app(CLI::App& app, Globals& globals, std::function<Result<Exit>(Context&)>& chosen);

} // namespace hg::cli

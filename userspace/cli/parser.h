// What a command takes from the command line, in CLI11's words. CLI11 itself is all in its headers
// and takes every file that includes them ten seconds to compile: only those do that parse or that
// look at what was declared.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace hg::cli {

// One of a parser's options; lives as long as the CLI11 app.
class Option {
public:
    explicit Option(CLI::Option& option) : option_(option) {}

    // To be used as a chain; "excludes" works in both directions.
    const Option& required() const;
    const Option& type_name(const std::string& name) const;
    const Option& capture_default_str() const;
    const Option& one_each() const; // of several values: an option for each
    const Option& excludes(const Option& other) const;

private:
    CLI::Option& option_;
};

class Parser {
public:
    explicit Parser(CLI::App& app) : app_(app) {}

    [[nodiscard]] Parser add_subcommand(const std::string& name, const std::string& help);
    Option add_option(const std::string& name, std::string& value, const std::string& help);
    Option add_option(const std::string& name, std::optional<std::string>& value,
                      const std::string& help);
    Option add_option(const std::string& name, std::vector<std::string>& values,
                      const std::string& help);
    Option add_flag(const std::string& name, bool& value, const std::string& help);
    void callback(const std::function<void()>& function);
    void group(const std::string& name); // "": not in the help
    void require_subcommand(int count);

private:
    CLI::App& app_;
};

} // namespace hg::cli

#include "parser.h"

#include <CLI/CLI.hpp>

namespace hg::cli {

const Option& Option::required() const {
    option_.required();
    return *this;
}

const Option& Option::type_name(const std::string& name) const {
    option_.type_name(name);
    return *this;
}

const Option& Option::capture_default_str() const {
    option_.capture_default_str();
    return *this;
}

const Option& Option::one_each() const {
    option_.allow_extra_args(false);
    return *this;
}

const Option& Option::excludes(const Option& other) const {
    option_.excludes(&other.option_);
    return *this;
}

Parser Parser::add_subcommand(const std::string& name, const std::string& help) {
    auto* const app = app_.add_subcommand(name, help);
    app->fallthrough(); // global options may stand anywhere
    return Parser(*app);
}

Option Parser::add_option(const std::string& name, std::string& value, const std::string& help) {
    return Option(*app_.add_option(name, value, help));
}

Option Parser::add_option(const std::string& name, std::optional<std::string>& value,
                          const std::string& help) {
    return Option(*app_.add_option(name, value, help));
}

Option Parser::add_option(const std::string& name, std::vector<std::string>& values,
                          const std::string& help) {
    return Option(*app_.add_option(name, values, help));
}

Option Parser::add_flag(const std::string& name, bool& value, const std::string& help) {
    return Option(*app_.add_flag(name, value, help));
}

void Parser::callback(const std::function<void()>& function) { app_.callback(function); }

void Parser::group(const std::string& name) { app_.group(name); }

void Parser::require_subcommand(int count) { app_.require_subcommand(count); }

} // namespace hg::cli

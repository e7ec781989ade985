#include "complete.h"

#include "args.h"
#include "commands.h"
#include "run.h"
#include "settings_keys.h"

#include <CLI/CLI.hpp>
#include <map>
#include <set>

namespace hg::cli {

namespace {

using Words = std::vector<std::string>;

// What the shell knows better: userspace/completion/headgate. No name begins with a colon.
constexpr const char* kFile = ":file";
constexpr const char* kNetns = ":netns";
constexpr const char* kDevice = ":device";

// Where on the command line the last word stands.
struct Place {
    const CLI::App* app = nullptr;
    const CLI::Option* option = nullptr; // the word is its value
    Words positionals;                   // what came before of app's own
};

const CLI::App* subcommand(const CLI::App& app, const std::string& name) {
    for (const auto* const each : app.get_subcommands(nullptr)) {
        if (each->get_name() == name) {
            return each;
        }
    }
    return nullptr;
}

// An option by its name, of the app or of one above it.
const CLI::Option* find_option(const CLI::App* app, const std::string& name) {
    for (; app != nullptr; app = app->get_parent()) {
        for (const auto* const option : app->get_options()) {
            if (option->nonpositional() && option->check_name(name)) {
                return option;
            }
        }
    }
    return nullptr;
}

bool takes_value(const CLI::Option* option) {
    return option != nullptr && option->get_items_expected_max() > 0;
}

Place find_place(const CLI::App& root, const Words& words) {
    Place place{.app = &root, .option = nullptr, .positionals = {}};
    for (std::size_t i = 0; i + 1 < words.size(); i++) {
        if (place.option != nullptr) {
            place.option = nullptr; // this word was its value
        } else if (words[i].starts_with('-')) {
            const auto* const option = find_option(place.app, words[i]);
            place.option = takes_value(option) ? option : nullptr;
        } else if (const auto* const sub = subcommand(*place.app, words[i])) {
            place.app = sub;
        } else {
            place.positionals.push_back(words[i]);
        }
    }
    return place;
}

Words subcommand_names(const CLI::App& app) {
    Words out;
    for (const auto* const each : app.get_subcommands(nullptr)) {
        if (!each->get_group().empty()) {
            out.push_back(each->get_name());
        }
    }
    return out;
}

Words option_names(const CLI::App* app) {
    Words out;
    for (; app != nullptr; app = app->get_parent()) {
        for (const auto* const option : app->get_options()) {
            for (const auto& name : option->get_lnames()) {
                out.push_back("--" + name);
            }
        }
    }
    return out;
}

Words services(Context& context) {
    Words out;
    const auto client = context.client();
    const auto list = client ? (*client)->list_services() : tl::make_unexpected(client.error());
    if (list) {
        for (const auto& service : *list) {
            out.push_back(service.spec.key.text());
            if (!service.spec.name.empty()) {
                out.push_back(service.spec.name);
            }
        }
    }
    return out;
}

Result<Words> servers_of(Context& context, const std::string& service) {
    auto* const client = HG_TRY(context.client());
    const auto key = HG_TRY(find_service(*client, service));
    Words out;
    for (const auto& server : HG_TRY(client->list_servers(key))) {
        out.push_back(server.spec.endpoint.text());
    }
    return out;
}

Words all_servers(Context& context) {
    const auto client = context.client();
    const auto list = client ? (*client)->list_servers() : tl::make_unexpected(client.error());
    std::set<std::string> out;
    if (list) {
        for (const auto& server : *list) {
            out.insert(server.spec.endpoint.text());
        }
    }
    return {out.begin(), out.end()};
}

Words conn_states() {
    Words out;
    for (std::size_t i = 0; i < kConnStates; i++) {
        out.emplace_back(state_name(i));
    }
    return out;
}

Words schedulers(Context& context) {
    const auto client = context.client();
    const auto info = client ? (*client)->info() : tl::make_unexpected(client.error());
    return info ? info->schedulers : Words{};
}

Words with_equals(Words keys) {
    for (auto& key : keys) {
        key += '=';
    }
    return keys;
}

Words timeouts() { return with_equals({timeout_names().begin(), timeout_names().end()}); }

// Values that are the same on every machine.
const std::map<std::string_view, Words>& fixed_values() {
    static const std::map<std::string_view, Words> kValues{
        {"--affinity", {"off"}},
        {"--affinity-drained", {"keep", "lose"}},
        {"--back", {kFile}},
        {"--by", {"state", "server"}},
        {"--dev", {kDevice}},
        {"--family", {"ipv4", "ipv6"}},
        {"--file", {kFile}},
        {"--forward", {"nat", "direct", "tunnel", "local"}},
        {"--mode", {"direct", "tunnel"}},
        {"--netns", {kNetns}},
        {"--on-down", {"keep", "reset", "reschedule"}},
        {"--state", conn_states()},
        {"--then", {"keep", "reset"}},
        {"--timeout", timeouts()},
        {"--tunnel", {"ipip"}},
    };
    return kValues;
}

Words option_values(const std::string& name, Context& context) {
    if (name == "--scheduler") {
        return schedulers(context);
    }
    if (name == "--service") {
        return services(context);
    }
    if (name == "--server") {
        return all_servers(context);
    }
    const auto fixed = fixed_values().find(name);
    return fixed == fixed_values().end() ? Words{} : fixed->second;
}

Words positional_values(const Place& place, Context& context) {
    std::size_t left = place.positionals.size();
    for (const auto* const option : place.app->get_options()) {
        if (!option->get_positional()) {
            continue;
        }
        const auto& name = option->get_name(true);
        if (name == "KEY=VALUE") {
            return with_equals(settings_keys()); // as many as one likes
        }
        if (left > 0) {
            left--;
            continue;
        }
        if (name == "FILE") {
            return {kFile};
        }
        if (name == "SERVICE") {
            return services(context);
        }
        if (name == "SERVER" && !place.positionals.empty()) {
            return servers_of(context, place.positionals.front()).value_or(Words{});
        }
        return {};
    }
    return {};
}

// The namespace that the line to complete is about.
void enter_netns_of(const Words& words, Host& host) {
    for (std::size_t i = 0; i + 2 < words.size(); i++) {
        if (words[i] == "--netns") {
            (void)host.enter_netns(words[i + 1]);
        }
    }
}

} // namespace

Words complete(const Words& words, Context& context) {
    if (words.empty()) {
        return {};
    }
    CLI::App app;
    Globals globals;
    Run chosen;
    declare_app(app, globals, chosen);
    enter_netns_of(words, context.host());
    const auto place = find_place(app, words);
    if (place.option != nullptr) {
        return option_values(place.option->get_name(), context);
    }
    if (words.back().starts_with('-')) {
        return option_names(place.app);
    }
    const auto names = subcommand_names(*place.app);
    return names.empty() ? positional_values(place, context) : names;
}

} // namespace hg::cli

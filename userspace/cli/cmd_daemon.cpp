// What headgated is asked: to read its file anew, and how the servers are.
#include "commands.h"
#include "daemon_socket.h"
#include "json_values.h"
#include "number.h"
#include "output.h"
#include "run.h"
#include "table.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace hg::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto kIntervalMin = 1s;
constexpr auto kIntervalMax = 1h;

struct DaemonOptions {
    std::string socket; // empty: the namespace's
};

std::string socket_of(const DaemonOptions& options, const Context& context) {
    return options.socket.empty() ? daemon_socket_path(context.netns()) : options.socket;
}

void daemon_options(Parser& app, DaemonOptions& options) {
    app.add_option("--socket", options.socket, "where headgated listens").type_name("PATH");
}

struct StatusOptions : DaemonOptions {
    bool watch = false;
    std::optional<std::string> interval;
};

void status_options(Parser& app, StatusOptions& options) {
    daemon_options(app, options);
    app.add_flag("--watch", options.watch,
                 "a stream for programs: changes, and status now and then");
    app.add_option("--interval", options.interval, "with --watch: from status to status; 1s");
}

struct ReloadOptions : DaemonOptions {
    bool reset_overrides = false;
};

void reload_options(Parser& app, ReloadOptions& options) {
    daemon_options(app, options);
    app.add_flag("--reset-overrides", options.reset_overrides,
                 "take back what was done by hand to servers of the file");
}

// An error in it as ours.
Result<Json> read_answer(const std::string& line) {
    auto answer = Json::parse(line, nullptr, false);
    if (!answer.is_object()) {
        return refusal("headgated's answer is not JSON", std::errc::protocol_error);
    }
    if (const auto error = answer.find("error"); error != answer.end() && error->is_string()) {
        return refusal(error->get<std::string>(), std::errc::invalid_argument);
    }
    return answer;
}

Result<Json> ask(const DaemonOptions& options, Context& context, const Json& request) {
    return read_answer(
        HG_TRY(context.host().ask_daemon(socket_of(options, context), request.dump())));
}

Result<Exit> reload(const ReloadOptions& options, Context& context) {
    Json request{{"command", "reload"}};
    if (options.reset_overrides) {
        request["reset_overrides"] = true;
    }
    HG_TRY(attempting(ask(options, context, request), "reload; the old configuration stays"));
    context.output().done();
    return Exit::Done;
}

std::string text_at(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string age_at(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number()
               ? age_text(std::chrono::milliseconds(found->get<std::int64_t>()))
               : "";
}

bool is_true(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && *found == true;
}

// Health, since when, the check, its last result, how long ago, how long it took.
std::vector<std::string> check_cells(const Json& object) {
    const auto check = object.find("check");
    if (check == object.end()) {
        return {"not checked"};
    }
    return {text_at(*check, "health"), age_at(*check, "since_ms"), text_at(*check, "type"),
            age_at(*check, "took_ms"), age_at(*check, "age_ms"),   text_at(*check, "reason")};
}

// Its name, or its URL.
std::string label_of(const Json& service) {
    const auto name = text_at(service, "name");
    return name.empty() ? text_at(service, "service") : name;
}

std::string notes_of(const Json& service) {
    std::string out;
    const auto add = [&](const char* key, bool wanted, const char* text) {
        const auto found = service.find(key);
        if (found != service.end() && *found == wanted) {
            out += (out.empty() ? "" : ", ") + std::string(text);
        }
    };
    add("panic", true, "PANIC: all are used");
    add("fallback", true, "FALLBACK");
    add("quorum", false, "no quorum");
    return out;
}

// "42%"; nothing where it is not known.
std::string percent_at(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number()
               ? fmt::format("{:.0f}%", found->get<double>() * 100)
               : "";
}

// Not by value(), which copies: of thousands of servers there is much.
const Json& list_at(const Json& object, const char* key) {
    static const Json none = Json::array();
    const auto found = object.find(key);
    return found != object.end() ? *found : none;
}

std::string number_at(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? fmt::format("{:.2f}", found->get<double>())
                                                       : "";
}

// "up ready 75% maxconn:30", what the agent said; or why there is no load.
std::string load_note(const Json& load) {
    std::string out;
    const auto add = [&](const std::string& word) { out += (out.empty() ? "" : " ") + word; };
    if (load.contains("state")) {
        add("agent: " + text_at(load, "state") + " " + text_at(load, "admin"));
    }
    if (const auto percent = load.find("percent"); percent != load.end()) {
        add(percent->dump() + "%");
    }
    if (const auto maxconn = load.find("maxconn"); maxconn != load.end()) {
        add("maxconn:" + maxconn->dump());
    }
    if (const auto text = text_at(load, "text"); !text.empty()) {
        add("#" + text);
    }
    const auto why = text_at(load, "why");
    return why.empty() ? out : out + (out.empty() ? "" : "; ") + why;
}

std::vector<std::string> load_cells(const std::string& label, const Json& object) {
    const auto& load = object["load"];
    const auto factor = object.find("factor");
    const auto share = factor != object.end() && factor->is_number()
                           ? fmt::format("{:.1f}%", factor->get<double>() / 10)
                           : "";
    return {label,
            share,
            percent_at(load, "cpu"),
            number_at(load, "load_per_core"),
            percent_at(load, "memory_available"),
            age_at(load, "age_ms"),
            text_at(load, "from"),
            load_note(load)};
}

// What is left of each weight, and why. Empty where no load is followed.
std::string load_text(const Json& status) {
    Table table({{"LOAD"},
                 {"FACTOR", Align::Right},
                 {"CPU", Align::Right},
                 {"LOAD1/CORE", Align::Right},
                 {"MEMORY LEFT", Align::Right},
                 {"AGO", Align::Right},
                 {"FROM"},
                 {"NOTE"}});
    bool is_any = false;
    const auto add = [&](const std::string& label, const Json& object) {
        if (object.contains("load")) {
            is_any = true;
            table.add(load_cells(label, object));
        }
    };
    for (const auto& service : list_at(status, "services")) {
        for (const auto& server : list_at(service, "servers")) {
            add(label_of(service) + " " + text_at(server, "server"), server);
        }
    }
    for (const auto& node : list_at(status, "nodes")) {
        add(text_at(node, "name"), node);
    }
    std::ostringstream out;
    if (is_any) {
        out << '\n';
        table.print(out);
    }
    return out.str();
}

std::string status_text(const Json& status) {
    std::ostringstream out;
    if (text_at(status, "module") == "gone") {
        out << "The kernel module is not loaded: nothing is balanced here.\n";
    }
    Table table({{"SERVICE"}, {"HEALTH"}, {"SINCE"}, {"CHECK"}, {"TOOK"}, {"AGO"}, {"RESULT"}});
    const auto add = [&](const std::string& label, std::vector<std::string> cells) {
        cells.insert(cells.begin(), label);
        table.add(std::move(cells));
    };
    for (const auto& service : list_at(status, "services")) {
        add(label_of(service), {notes_of(service)});
        for (const auto& server : list_at(service, "servers")) {
            auto cells = check_cells(server);
            cells.front() += is_true(server, "agent_down")    ? ", masked by its agent"
                             : is_true(server, "agent_drain") ? ", drained by its agent"
                                                              : "";
            add("  " + text_at(server, "server"), std::move(cells));
        }
    }
    for (const auto& node : list_at(status, "nodes")) {
        add(text_at(node, "name"), check_cells(node));
    }
    table.print(out);
    out << load_text(status);
    return out.str();
}

bool is_down(const Json& checked) {
    const auto check = checked.find("check");
    return is_true(checked, "agent_down") ||
           (check != checked.end() && text_at(*check, "health") == "down");
}

bool is_unhealthy(const Json& status) {
    if (text_at(status, "module") == "gone") {
        return true;
    }
    for (const auto& service : list_at(status, "services")) {
        const auto& servers = list_at(service, "servers");
        if (!notes_of(service).empty() || std::any_of(servers.begin(), servers.end(), is_down)) {
            return true;
        }
    }
    const auto& nodes = list_at(status, "nodes");
    return std::any_of(nodes.begin(), nodes.end(), is_down);
}

// Lines as they come; the error that ends them is the last one.
Result<Exit> watch(const StatusOptions& options, Context& context) {
    if (!context.output().is_for_programs()) {
        return usage_error("status --watch is for programs, and only with -j");
    }
    const auto interval = HG_TRY(
        parse_duration(options.interval.value_or("1s"), "interval", kIntervalMin, kIntervalMax));
    const Json request{{"command", "watch"}, {"interval_ms", interval.count()}};
    Result<> end;
    const auto print = [&](const std::string& line) {
        auto document = read_answer(line);
        if (!document) {
            end = tl::make_unexpected(document.error());
            return false;
        }
        document->erase("schema"); // the output has its own
        return context.output().line("", *document);
    };
    const auto heard =
        context.host().watch_daemon(socket_of(options, context), request.dump(), print);
    if (!heard) {
        end = heard;
    }
    if (end) {
        return Exit::Done; // nobody reads any more
    }
    context.output().line(
        "", {{"time", utc_text(context.host().wall_clock())}, {"error", to_json(end.error())}});
    return exit_of(end.error());
}

Result<Exit> status(const StatusOptions& options, Context& context) {
    if (options.watch) {
        return watch(options, context);
    }
    if (options.interval) {
        return usage_error("--interval is for --watch");
    }
    auto found = HG_TRY(ask(options, context, {{"command", "status"}}));
    const auto code = is_unhealthy(found) ? Exit::Differs : Exit::Done;
    const auto text = status_text(found);
    found.erase("schema"); // the output has its own
    context.output().report(text, found);
    return code;
}

} // namespace

void declare_reload(Parser& app, Run& chosen) {
    verb<ReloadOptions, reload_options, reload>(app, chosen);
}

void declare_status(Parser& app, Run& chosen) {
    verb<StatusOptions, status_options, status>(app, chosen);
}

} // namespace hg::cli

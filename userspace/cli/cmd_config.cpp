#include "apply.h"
#include "commands.h"
#include "json_values.h"
#include "output.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hg::cli {

namespace {

struct FileOptions {
    std::string path;
    bool check = false;
};

void file_options(Parser& app, FileOptions& options) {
    app.add_option("FILE", options.path, "configuration, see headgate.yaml(5)").required();
}

void apply_options(Parser& app, FileOptions& options) {
    file_options(app, options);
    app.add_flag("--check", options.check, "change nothing; exit status 3 when there are changes");
}

Result<Config> load(const std::string& path) {
    auto config = load_config(path);
    if (config) {
        return *std::move(config);
    }
    const auto& faults = config.error();
    auto lines = faults.render(path);
    lines.pop_back(); // the last line's end
    auto error = refusal(fmt::format("{} {} wrong with it, nothing was changed\n{}", faults.total(),
                                     faults.total() == 1 ? "thing is" : "things are", lines),
                         std::errc::invalid_argument);
    error.value().attempted = fmt::format("read {}", path);
    return error;
}

// The file first: its faults can be told without the module.
Result<Exit> show_difference(const FileOptions& options, Context& context) {
    const auto config = HG_TRY(load(options.path));
    auto* const client = HG_TRY(context.client());
    const auto found = diff(config, HG_TRY(read_running(*client)));
    context.output().difference(found);
    return found.empty() ? Exit::Done : Exit::Differs;
}

// What would be changed, and then whether the kernel would take it.
Result<Exit> check(const FileOptions& options, Context& context) {
    const auto config = HG_TRY(load(options.path));
    auto* const client = HG_TRY(context.client());
    const auto checked = HG_TRY(hg::check(*client, config));
    context.output().difference(checked.difference);
    HG_TRY(checked.verdict);
    return checked.difference.empty() ? Exit::Done : Exit::Differs;
}

Result<Exit> apply(const FileOptions& options, Context& context) {
    if (options.check) {
        return check(options, context);
    }
    const auto config = HG_TRY(load(options.path));
    auto* const client = HG_TRY(context.client());
    context.output().applied(HG_TRY(hg::apply(*client, config)));
    return Exit::Done;
}

// As the file has it: services with their servers.
Json config_json(const Config& config) {
    Json services = Json::array();
    for (const auto& pool : config.services) {
        Json servers = Json::array();
        for (const auto& server : pool.servers) {
            servers.push_back(to_json(server));
        }
        auto service = to_json(pool.service);
        service["servers"] = std::move(servers);
        services.push_back(std::move(service));
    }
    return {{"services", std::move(services)}};
}

Result<Exit> save(const NoOptions& /*options*/, Context& context) {
    auto* const client = HG_TRY(context.client());
    const auto config = config_of(HG_TRY(read_running(*client)));
    context.output().report(config_text(config), config_json(config));
    return Exit::Done;
}

} // namespace

void declare_apply(Parser& app, Run& chosen) {
    verb<FileOptions, apply_options, apply>(app, chosen);
}

void declare_diff(Parser& app, Run& chosen) {
    verb<FileOptions, file_options, show_difference>(app, chosen);
}

void declare_save(Parser& app, Run& chosen) { verb<NoOptions, no_options, save>(app, chosen); }

} // namespace hg::cli

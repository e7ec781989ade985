// Other programs' configurations as ours.
#include "commands.h"
#include "config_text.h"
#include "import.h"
#include "output.h"

#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hg::cli {

namespace {

constexpr std::string_view kStandardInput = "-";

struct ImportOptions {
    std::string path;
};

void import_options(Parser& app, ImportOptions& options) {
    app.add_option("FILE", options.path, "what is to be read; - is the standard input").required();
}

Result<std::string> read_file(const std::string& path) {
    ConfigFaults faults;
    auto text = read_config_file(path, faults);
    return read_or_refuse(std::move(text), faults);
}

Json notes_json(const std::string& path, const std::vector<ImportNote>& notes) {
    Json out = Json::array();
    for (const auto& note : notes) {
        out.push_back({{"file", path}, {"line", note.line}, {"text", note.text}});
    }
    return out;
}

template <Imported (*import)(std::string_view)>
Result<Exit> run_import(const ImportOptions& options, Context& context) {
    const auto is_input = options.path == kStandardInput;
    const auto text = HG_TRY(attempting(is_input ? context.host().input() : read_file(options.path),
                                        fmt::format("read {}", options.path)));
    const auto imported = import(text);
    const auto yaml = config_text(imported.config);
    context.output().report(
        yaml, {{"config", yaml}, {"left_out", notes_json(options.path, imported.notes)}});
    for (const auto& note : imported.notes) {
        context.output().progress(fmt::format("{}:{}: {}", options.path, note.line, note.text));
    }
    return imported.notes.empty() ? Exit::Done : Exit::Differs;
}

template <Imported (*import)(std::string_view)> void declare(Parser& app, Run& chosen) {
    verb<ImportOptions, import_options, run_import<import>>(app, chosen);
}

constexpr std::array kPrograms{
    Command{"ipvsadm", "from what ipvsadm -Sn prints", declare<import_ipvsadm>},
    Command{"keepalived", "from a keepalived.conf", declare<import_keepalived>},
};

} // namespace

void declare_import(Parser& app, Run& chosen) {
    declare_all(app, kPrograms, chosen);
    app.require_subcommand(1);
}

} // namespace hg::cli

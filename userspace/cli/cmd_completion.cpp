#include "commands.h"
#include "complete.h"
#include "completion_script.h"
#include "output.h"

#include <array>
#include <nlohmann/json.hpp>

namespace hg::cli {

namespace {

Result<Exit> bash(const NoOptions& /*options*/, Context& context) {
    const std::string script(kBashCompletion);
    context.output().report(script, {{"script", script}});
    return Exit::Done;
}

struct WordsOptions {
    std::vector<std::string> words;
};

void words_options(Parser& app, WordsOptions& options) {
    app.add_option("WORD", options.words, "the command line so far");
    app.group(""); // for the scripts only: not in the help
}

Result<Exit> words(const WordsOptions& options, Context& context) {
    std::string text;
    const auto found = complete(options.words, context);
    for (const auto& word : found) {
        text += word + '\n';
    }
    context.output().report(text, {{"words", found}});
    return Exit::Done;
}

} // namespace

void declare_completion(Parser& app, Run& chosen) {
    static constexpr std::array kVerbs{
        Command{"bash", "print the completion for bash", verb<NoOptions, no_options, bash>},
        Command{"words", "what could be typed next", verb<WordsOptions, words_options, words>},
    };
    declare_all(app, kVerbs, chosen);
    app.require_subcommand(1);
}

} // namespace hg::cli

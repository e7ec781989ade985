#include "agent_protocol.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <fmt/format.h>

namespace hg::daemon {

namespace {

constexpr std::string_view kBlanks = " \t,";
constexpr std::uint32_t kPerMillePerCent = 10;
constexpr std::array<std::string_view, 4> kStates{"up", "down", "stopped", "fail"}; // AgentState
constexpr std::array<std::string_view, 3> kAdmins{"ready", "drain", "maint"};       // AgentAdmin
constexpr std::string_view kMaxconn = "maxconn:";

std::string printable(std::string_view bytes) {
    std::string out(bytes.substr(0, kAgentReasonMax));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return out;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

// What stands at the same place as WORD among NAMES.
template <class T, std::size_t N>
std::optional<T> choice(const std::array<std::string_view, N>& names, std::string_view word) {
    const auto found = std::find(names.begin(), names.end(), word);
    return found == names.end() ? std::nullopt
                                : std::optional(static_cast<T>(found - names.begin()));
}

std::optional<std::uint32_t> number(std::string_view digits) {
    std::uint32_t out = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, out);
    return error == std::errc() && stop == end ? std::optional(out) : std::nullopt;
}

bool take_percent(AgentAnswer& answer, std::string_view word) {
    if (!word.ends_with('%')) {
        return false;
    }
    const auto percent = number(word.substr(0, word.size() - 1));
    if (percent) {
        answer.percent = std::min(*percent, kAgentPercentMax);
    }
    return percent.has_value();
}

bool take_maxconn(AgentAnswer& answer, std::string_view word) {
    const auto most =
        word.starts_with(kMaxconn) ? number(word.substr(kMaxconn.size())) : std::nullopt;
    if (most) {
        answer.maxconn = most;
    }
    return most.has_value();
}

// The last of two that say otherwise holds.
bool take_word(AgentAnswer& answer, std::string_view word) {
    if (const auto state = choice<AgentState>(kStates, word)) {
        answer.state = state;
        return true;
    }
    if (const auto admin = choice<AgentAdmin>(kAdmins, word)) {
        answer.admin = admin;
        return true;
    }
    return take_percent(answer, word) || take_maxconn(answer, word);
}

} // namespace

std::string_view name(AgentState state) { return kStates.at(static_cast<std::size_t>(state)); }

std::string_view name(AgentAdmin admin) { return kAdmins.at(static_cast<std::size_t>(admin)); }

Result<AgentAnswer> parse_agent_answer(std::string_view bytes) {
    const auto line = bytes.substr(0, std::min(bytes.find_first_of("\r\n"), kAgentLineMax));
    const auto hash = std::min(line.find('#'), line.size());
    auto words = line.substr(0, hash);
    AgentAnswer answer;
    bool is_anything = false;
    for (auto at = words.find_first_not_of(kBlanks); at != std::string_view::npos;
         at = words.find_first_not_of(kBlanks)) {
        words.remove_prefix(at);
        const auto word = words.substr(0, words.find_first_of(kBlanks));
        words.remove_prefix(word.size());
        const bool is_known = take_word(answer, lower(word));
        is_anything = is_anything || is_known;
        if (!is_known && answer.unknown.empty()) {
            answer.unknown = printable(word);
        }
    }
    if (!is_anything) {
        return refusal(fmt::format("the agent's answer \"{}\" has no word of its protocol, "
                                   "like 75%, up or drain",
                                   printable(line)),
                       std::errc::bad_message);
    }
    if (hash < line.size()) {
        answer.text = printable(trimmed(line.substr(hash + 1)));
    }
    return answer;
}

AgentView heard(AgentView before, const AgentAnswer& answer) {
    before.percent = answer.percent ? answer.percent : before.percent;
    before.state = answer.state.value_or(before.state);
    before.admin = answer.admin.value_or(before.admin);
    before.maxconn = answer.maxconn ? answer.maxconn : before.maxconn;
    // The text is about the words beside it; a percentage alone needs no reason.
    if (answer.state || answer.admin) {
        before.text = answer.text;
    }
    return before;
}

AgentWish wish_of(const AgentView& view) {
    AgentWish out;
    if (view.percent) {
        out.factor = *view.percent * kPerMillePerCent;
    }
    out.drain = view.admin == AgentAdmin::Drain;
    out.maint = view.admin == AgentAdmin::Maint;
    out.down = view.state != AgentState::Up || out.maint;
    if (out.drain || out.down) {
        const auto word = view.state != AgentState::Up ? name(view.state) : name(view.admin);
        out.reason = fmt::format("agent says {}", word);
        out.reason += view.text.empty() ? "" : ": " + view.text;
        out.reason.resize(std::min(out.reason.size(), kAgentReasonMax));
    }
    return out;
}

} // namespace hg::daemon

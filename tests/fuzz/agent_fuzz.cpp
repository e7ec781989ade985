// Whatever an agent says, reading it ends with an answer or an error, both of bounded length and
// fit to be shown, and following it ends with a wish within its range.
#include "agent_protocol.h"
#include "model.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace {

bool is_fit(const std::string& text, std::size_t most) {
    return text.size() <= most &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

} // namespace

// Each line is an answer of its own, so that one input says several things.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    hg::daemon::AgentView view;
    while (!bytes.empty()) {
        const auto answer = hg::daemon::parse_agent_answer(bytes);
        if (answer) {
            require(is_fit(answer->text, hg::daemon::kAgentReasonMax));
            require(is_fit(answer->unknown, hg::daemon::kAgentReasonMax));
            require(answer->percent.value_or(0) <= hg::daemon::kAgentPercentMax);
            view = heard(std::move(view), *answer);
        } else {
            require(is_fit(answer.error().text(), 2 * hg::daemon::kAgentReasonMax));
        }
        const auto wish = wish_of(view);
        require(wish.factor.value_or(0) <= HEADGATE_FACTOR_MAX);
        require((wish.drain || wish.down) == !wish.reason.empty());
        require(is_fit(wish.reason, hg::daemon::kAgentReasonMax));
        bytes.remove_prefix(std::min(bytes.find('\n'), bytes.size() - 1) + 1);
    }
    return 0;
}

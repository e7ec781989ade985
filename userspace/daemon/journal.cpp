#include "journal.h"

#include "number.h"

#include <array>

namespace hg::daemon {

namespace {

struct Words {
    std::string_view name;
    std::string_view text;
    bool alarm;
};

// In the order of ChangeKind.
constexpr std::array<Words, kChangeKinds> kWords{{
    {"server_up", "up", false},
    {"server_down", "down", true},
    {"panic_on", "too few are healthy, all are used", true},
    {"panic_off", "enough are healthy again", false},
    {"fallback_on", "no server is left, the fallback is used", true},
    {"fallback_off", "the fallback is not needed any more", false},
    {"quorum_lost", "quorum lost", true},
    {"quorum_gained", "quorum gained", false},
    {"unchecked", "no result in time, taken for up", true},
    {"agent_down", "masked", true},
    {"agent_up", "not masked any more", false},
    {"agent_drain", "drained", false},
    {"agent_ready", "not drained any more", false},
    {"load_lost", "does not tell its load", true},
    {"load_back", "tells its load", false},
    {"node_up", "up", false},
    {"node_down", "down", true},
    {"loaded", "configuration in force", false},
    {"module_gone", "the kernel module is not there", true},
    {"module_back", "the kernel module is there", false},
    {"failed", "the kernel refused", true},
}};

const Words& words(ChangeKind kind) { return kWords.at(static_cast<std::size_t>(kind)); }

} // namespace

std::string_view name(ChangeKind kind) { return words(kind).name; }

bool is_alarm(ChangeKind kind) { return words(kind).alarm; }

std::string Change::text() const {
    std::string out;
    for (const auto* const part : {&service, &server}) {
        if (!part->empty()) {
            out += *part + " ";
        }
    }
    out += words(kind).text;
    if (lasted) {
        out += " after " + age_text(*lasted);
    }
    return why.empty() ? out : out + ": " + why;
}

} // namespace hg::daemon

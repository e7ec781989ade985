// Another module in the place of the one that is loaded, the VIPs being guarded meanwhile.
#pragma once

#include "apply.h"
#include "module_machine.h"

namespace hg::cli {

// What a network namespace has.
struct SavedNetns {
    std::string name;
    Settings settings;
    Running running;
};

// What is there before: of every network namespace, in the machine's order.
struct Survey {
    std::string version;
    std::vector<std::string> parameters;
    std::vector<SavedNetns> namespaces;

    [[nodiscard]] std::size_t services() const;
    [[nodiscard]] std::size_t servers() const;
    // Connections where data flows: those that are lost with the module.
    [[nodiscard]] std::uint64_t active() const;
};

[[nodiscard]] Result<Survey> survey_module(Machine& machine);

struct ReloadWish {
    ModuleSource wanted;
    std::string back; // the file to go back to; empty: what modprobe finds
};

struct Reloaded {
    std::string version;
    Survey before; // as it was when the module went
    std::chrono::milliseconds gap{};
};

// When the new module is not to be had, or does not take all of the configuration, one is loaded
// that is to be as before, and the error says what came of it.
[[nodiscard]] Result<Reloaded> reload_module(Machine& machine, Survey before,
                                             const ReloadWish& wish);

} // namespace hg::cli

#include "module_reload.h"

#include "change.h"
#include "module_guard.h"
#include "number.h"

#include <fmt/format.h>

namespace hg::cli {

namespace {

using namespace std::chrono_literals;

// A list that somebody reads holds the module for as long as that takes.
constexpr std::chrono::milliseconds kInUse{2000};
constexpr std::chrono::milliseconds kPause{10};

// The error names the namespace, unless it is the caller's own without a name.
template <class T> Result<T> in_netns(Result<T> result, const std::string& name) {
    if (!result && !name.empty()) {
        auto& attempted = result.error().attempted;
        attempted +=
            fmt::format("{}in network namespace \"{}\"", attempted.empty() ? "" : " ", name);
    }
    return result;
}

// What came of it, behind the reason.
void add(Error& error, const std::string& text) {
    error.reason = (error.reason.empty() ? error.code.message() : error.reason) + "; " + text;
}

template <class Do>
auto with_client(Machine& machine, std::size_t which, const Do& task)
    -> decltype(task(std::declval<Client&>())) {
    HG_TRY(machine.enter(which));
    const auto transport = HG_TRY(machine.connect());
    Client client(*transport);
    return task(client);
}

Result<> save(Machine& machine, std::size_t which, SavedNetns& netns) {
    return with_client(machine, which, [&](Client& client) -> Result<> {
        netns.settings = HG_TRY(client.settings());
        netns.running = HG_TRY(read_running(client));
        return {};
    });
}

Result<> save(Machine& machine, Survey& survey) {
    for (std::size_t i = 0; i < survey.namespaces.size(); i++) {
        auto& netns = survey.namespaces[i];
        HG_TRY(in_netns(save(machine, i, netns), netns.name));
    }
    return {};
}

Result<> put_back(Machine& machine, std::size_t which, const SavedNetns& netns) {
    return with_client(machine, which, [&](Client& client) -> Result<> {
        if (HG_TRY(client.settings()) != netns.settings) {
            HG_TRY(client.set_settings(change_to(netns.settings)));
        }
        return restore(client, netns.running);
    });
}

Result<std::string> version_of(Machine& machine) {
    return with_client(machine, 0, [](Client& client) -> Result<std::string> {
        return HG_TRY(client.info()).version;
    });
}

// There while it lives, in the namespaces that have services.
class Guard {
public:
    explicit Guard(Machine& machine) : machine_(machine) {}

    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    Guard(Guard&&) = delete;
    Guard& operator=(Guard&&) = delete;

    ~Guard() { (void)lift(); }

    Result<> put(const std::vector<SavedNetns>& namespaces) {
        for (std::size_t i = 0; i < namespaces.size(); i++) {
            const auto& [name, settings, running] = namespaces[i];
            if (!running.services.empty()) {
                HG_TRY(in_netns(filter(i, guard_rules(running.services)), name));
                guarded_.push_back(i);
            }
        }
        return {};
    }

    // From all of them, the first error being the one to be told.
    Result<> lift() {
        Result<> first;
        for (const auto which : std::exchange(guarded_, {})) {
            auto lifted = filter(which, no_guard_rules());
            if (first && !lifted) {
                first = std::move(lifted);
            }
        }
        return first;
    }

private:
    Result<> filter(std::size_t which, const std::string& rules) {
        HG_TRY(machine_.enter(which));
        return machine_.filter(rules);
    }

    Machine& machine_;
    std::vector<std::size_t> guarded_;
};

Result<> unload(Machine& machine) {
    const auto until = machine.now() + kInUse;
    for (;;) {
        auto done = machine.unload();
        if (done || done.error().code != std::errc::resource_unavailable_try_again) {
            return done;
        }
        if (machine.now() >= until) {
            done.error().reason = "somebody uses it, such as a list of conns that is being read";
            return done;
        }
        machine.sleep(kPause);
    }
}

// Answers the version.
Result<std::string> bring(Machine& machine, const ModuleSource& source, const Survey& before) {
    HG_TRY(machine.load(source));
    for (std::size_t i = 0; i < before.namespaces.size(); i++) {
        const auto& netns = before.namespaces[i];
        HG_TRY(in_netns(put_back(machine, i, netns), netns.name));
    }
    return version_of(machine);
}

// Where the configurations can be found that no module has any more.
std::string kept(Machine& machine, const Survey& before) {
    std::string out;
    for (std::size_t i = 0; i < before.namespaces.size(); i++) {
        const auto& running = before.namespaces[i].running;
        if (!running.services.empty()) {
            const auto path = machine.keep(fmt::format("module-reload-{}.yaml", i),
                                           config_text(config_of(running)));
            out += fmt::format("; \"headgate apply {}\" puts the configuration back{}",
                               path ? *path : path.error().text(),
                               i == 0 ? "" : " in " + before.namespaces[i].name);
        }
    }
    return out;
}

Result<> find_way_back(Machine& machine, const ReloadWish& wish) {
    auto found = machine.find({wish.back});
    if (!found && wish.back.empty()) {
        add(found.error(), "--back names the file to go back to when the new module fails");
    }
    return found;
}

Error gone_back(Machine& machine, const ReloadWish& wish, const Survey& before, Error error) {
    // The new one is loaded when it is the configuration that it did not take.
    (void)unload(machine);
    const auto back = bring(machine, {wish.back, before.parameters}, before);
    error.kind = Kind::Refused;
    add(error, back ? fmt::format("version {} is back, and the configuration with it", *back)
                    : fmt::format("there is no way back: {}{}", back.error().text(),
                                  kept(machine, before)));
    return error;
}

Result<std::string> replace(Machine& machine, const ReloadWish& wish, Survey& before) {
    // What has been changed since the first look, factors of a daemon mostly.
    HG_TRY(save(machine, before));
    HG_TRY(unload(machine));
    auto version = bring(machine, wish.wanted, before);
    if (!version) {
        return tl::make_unexpected(gone_back(machine, wish, before, std::move(version).error()));
    }
    return version;
}

} // namespace

std::size_t Survey::services() const {
    std::size_t out = 0;
    for (const auto& netns : namespaces) {
        out += netns.running.services.size();
    }
    return out;
}

std::size_t Survey::servers() const {
    std::size_t out = 0;
    for (const auto& netns : namespaces) {
        out += netns.running.servers.size();
    }
    return out;
}

std::uint64_t Survey::active() const {
    std::uint64_t out = 0;
    for (const auto& netns : namespaces) {
        for (const auto& service : netns.running.services) {
            out += service.active;
        }
    }
    return out;
}

Result<Survey> survey_module(Machine& machine) {
    Survey out;
    for (auto& name : HG_TRY(machine.namespaces())) {
        out.namespaces.push_back({std::move(name), {}, {}});
    }
    out.version = HG_TRY(version_of(machine));
    out.parameters = HG_TRY(machine.parameters());
    HG_TRY(save(machine, out));
    return out;
}

Result<Reloaded> reload_module(Machine& machine, Survey before, const ReloadWish& wish) {
    HG_TRY(machine.find(wish.wanted));
    HG_TRY(find_way_back(machine, wish));
    const auto begun = machine.now();
    Guard guard(machine);
    HG_TRY(guard.put(before.namespaces));
    auto version = replace(machine, wish, before);
    const auto lifted = guard.lift();
    const auto gap = duration_cast<std::chrono::milliseconds>(machine.now() - begun);
    if (!version) {
        add(version.error(), fmt::format("the gap was {}", duration_text(gap)));
    }
    HG_TRY(version);
    HG_TRY(lifted);
    return Reloaded{*std::move(version), std::move(before), gap};
}

} // namespace hg::cli

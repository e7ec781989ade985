// A machine with a module and network namespaces, each with a fake kernel behind it.
#pragma once

#include "fake_host.h"
#include "module_machine.h"

#include <cerrno>
#include <list>
#include <map>

namespace hg::test {

class FakeMachine final : public cli::Machine {
public:
    struct Room {
        std::string name;
        FakeKernel kernel;
        bool is_guarded = false;
    };

    std::list<Room> rooms;
    std::vector<std::string> steps;   // all that was done
    std::map<std::string, int> fails; // which steps are refused, how many times
    std::vector<std::string> present_parameters{"userns_conns=65536"};
    std::map<std::string, std::string> files; // that were kept
    bool loaded = true;
    std::chrono::milliseconds clock{};
    std::function<void()> on_load = [] {};

    Room& add_room(const std::string& name) {
        auto& room = rooms.emplace_back();
        room.name = name;
        room.kernel.info = info();
        room.kernel.settings = settings();
        room.kernel.services = {web_service()};
        room.kernel.servers = web_servers();
        return room;
    }

    [[nodiscard]] bool is_guarded() const {
        return std::any_of(rooms.begin(), rooms.end(), [](const auto& r) { return r.is_guarded; });
    }

    Result<std::vector<std::string>> namespaces() override {
        std::vector<std::string> out;
        for (const auto& room : rooms) {
            out.push_back(room.name);
        }
        return out;
    }

    Result<> enter(std::size_t which) override {
        here_ = &*std::next(rooms.begin(), static_cast<std::ptrdiff_t>(which));
        return {};
    }

    Result<std::unique_ptr<Transport>> connect() override {
        if (!loaded) {
            return refusal("headgate.ko is not loaded", std::errc::no_such_file_or_directory);
        }
        return std::make_unique<BorrowedTransport>(here_->kernel);
    }

    Result<> filter(const std::string& rules) override {
        const bool guards = rules.find("chain") != std::string::npos;
        HG_TRY(step((guards ? "guard" : "unguard") + std::string(" ") + here_->name));
        here_->is_guarded = guards;
        return {};
    }

    Result<std::vector<std::string>> parameters() override { return present_parameters; }

    Result<> find(const cli::ModuleSource& source) override {
        return fails.contains("find " + source.text())
                   ? system_error(ENOENT, "find " + source.text())
                   : Result<>();
    }

    Result<> load(const cli::ModuleSource& source) override {
        auto what = "load " + source.text();
        for (const auto& parameter : source.parameters) {
            what += " " + parameter;
        }
        HG_TRY(step(what));
        loaded = true;
        on_load();
        return {};
    }

    Result<> unload() override {
        HG_TRY(step("unload"));
        loaded = false;
        for (auto& room : rooms) {
            room.kernel.services.clear();
            room.kernel.servers.clear();
            room.kernel.settings = {};
        }
        return {};
    }

    Result<std::string> keep(const std::string& name, const std::string& text) override {
        files[name] = text;
        return "/run/" + name;
    }

    std::chrono::steady_clock::time_point now() override {
        return std::chrono::steady_clock::time_point(clock);
    }

    void sleep(std::chrono::milliseconds duration) override { clock += duration; }

private:
    // Each takes 10 ms.
    Result<> step(const std::string& what) {
        clock += std::chrono::milliseconds(10);
        steps.push_back(what);
        const auto found = fails.find(what);
        if (found == fails.end() || found->second-- <= 0) {
            return {};
        }
        steps.back() += ": refused";
        return system_error(what == "unload" ? EAGAIN : EINVAL, what);
    }

    Room* here_ = nullptr;
};

} // namespace hg::test

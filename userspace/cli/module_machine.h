// What "headgate module" sees of a machine and does to it; tests have a fake.
#pragma once

#include "client.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace hg::cli {

// From where a module is loaded.
struct ModuleSource {
    std::string file = {};                    // empty: the one that modprobe finds
    std::vector<std::string> parameters = {}; // "userns_conns=100000"

    // "PATH", "headgate"; for errors.
    [[nodiscard]] std::string text() const { return file.empty() ? "headgate" : file; }
};

class Machine {
public:
    Machine() = default;
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;
    virtual ~Machine() = default;

    // What the network namespaces are called. They are found once, and held from then on.
    virtual Result<std::vector<std::string>> namespaces() = 0;
    // What follows is done in this one of them.
    virtual Result<> enter(std::size_t which) = 0;
    virtual Result<std::unique_ptr<Transport>> connect() = 0;
    virtual Result<> filter(const std::string& rules) = 0; // by nft
    // The parameters of the module that is loaded, as they are now.
    virtual Result<std::vector<std::string>> parameters() = 0;
    // Whether there is something to load; does not load it.
    virtual Result<> find(const ModuleSource& source) = 0;
    virtual Result<> load(const ModuleSource& source) = 0;
    // The error is EAGAIN while somebody uses the module.
    virtual Result<> unload() = 0;
    // Puts a text where it outlives this program, and answers where that is.
    virtual Result<std::string> keep(const std::string& name, const std::string& text) = 0;
    virtual std::chrono::steady_clock::time_point now() = 0;
    virtual void sleep(std::chrono::milliseconds duration) = 0;
};

} // namespace hg::cli

// The machine of real life: modprobe, insmod, nft and all network namespaces that are found.
#pragma once

#include "context.h"
#include "module_machine.h"
#include "netns.h"

namespace hg::cli {

class SystemMachine final : public Machine {
public:
    explicit SystemMachine(Host& host) : host_(host) {}

    Result<std::vector<std::string>> namespaces() override;

    Result<> enter(std::size_t which) override { return enter_netns(namespaces_.at(which)); }

    Result<std::unique_ptr<Transport>> connect() override { return host_.connect(); }

    Result<> filter(const std::string& rules) override;
    Result<std::vector<std::string>> parameters() override;
    Result<> find(const ModuleSource& source) override;
    Result<> load(const ModuleSource& source) override;
    Result<> unload() override;
    Result<std::string> keep(const std::string& name, const std::string& text) override;

    std::chrono::steady_clock::time_point now() override { return host_.now(); }

    void sleep(std::chrono::milliseconds duration) override { host_.sleep(duration); }

private:
    Host& host_;
    std::vector<Netns> namespaces_;
};

} // namespace hg::cli

// The machine the command runs on.
#pragma once

#include "context.h"

namespace hg::cli {

class SystemHost final : public Host {
public:
    Result<std::vector<InterfaceAddress>> addresses() override;
    std::vector<std::string> without_accept_local() override;
    bool sends_redirects(const std::string& interface) override;
    Result<> enter_netns(const std::string& name) override;
    Result<std::unique_ptr<Transport>> connect() override;
    Result<std::unique_ptr<EventChannel>> listen(const std::vector<EventGroup>& groups) override;
    Result<std::string> ask_daemon(const std::string& socket, const std::string& line) override;
    Result<> watch_daemon(const std::string& socket, const std::string& line,
                          const std::function<bool(const std::string&)>& take) override;
    Result<std::string> input() override;
    bool output_is_read() override;
    std::chrono::steady_clock::time_point now() override;
    std::chrono::system_clock::time_point wall_clock() override;
    void sleep(std::chrono::milliseconds duration) override;
};

} // namespace hg::cli

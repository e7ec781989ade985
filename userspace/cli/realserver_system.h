// The host of real life: rtnetlink by libmnl, /proc/sys and a file in /run.
#pragma once

#include "realserver_host.h"

#include <functional>
#include <memory>

struct mnl_socket;
struct nlmsghdr;

namespace hg::cli {

class SystemRealHost final : public RealHost {
public:
    // In the network namespace of the calling thread.
    static Result<std::unique_ptr<SystemRealHost>> open();

    Result<std::optional<std::string>> sysctl(const std::string& path) override;
    Result<> set_sysctl(const std::string& path, const std::string& value) override;
    Result<std::vector<Link>> links() override;
    Result<std::vector<LinkAddress>> addresses() override;
    Result<std::vector<Address>> default_gateways() override;
    Result<> add_address(const LinkAddress& address) override;
    Result<> del_address(const LinkAddress& address) override;
    Result<> add_tunnel(const std::string& name, const std::string& kind) override;
    Result<> del_link(const std::string& name) override;
    Result<> set_link(const std::string& name, LinkState state) override;
    Result<std::string> record() override;
    Result<> set_record(const std::string& text) override;

private:
    struct Close {
        void operator()(mnl_socket* socket) const noexcept;
    };

    using Handle = std::unique_ptr<mnl_socket, Close>;
    using Visit = std::function<void(const nlmsghdr*)>;

    explicit SystemRealHost(Handle socket) : socket_(std::move(socket)) {}

    Result<> exchange(nlmsghdr* request, const std::string& what, const Visit& visit);
    Result<> change_address(const LinkAddress& address, unsigned type, unsigned flags);
    Result<unsigned> index_of(const std::string& device);
    Result<std::string> record_path();

    Handle socket_;
    unsigned sequence_ = 0;
};

} // namespace hg::cli

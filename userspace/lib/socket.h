// The transport of real life: a generic netlink socket by libmnl.
#pragma once

#include "family.h"

#include <memory>

struct mnl_socket;

namespace hg {

class Socket final : public Transport {
public:
    // In the network namespace of the calling thread, and there for good. The error is of the
    // kind Unreachable when the module is not loaded.
    static Result<std::unique_ptr<Socket>> open();

    [[nodiscard]] std::uint16_t family() const override { return family_.number; }

    [[nodiscard]] int fd() const;

    // From now on it receives what is sent to a multicast group: of the family by its name, or
    // any by its number.
    Result<> join(std::string_view group);
    Result<> join(std::uint32_t group);

    Result<> send(std::span<const std::byte> message) override;
    Result<Bytes> receive() override;
    Result<> reset() override;

private:
    struct Close {
        void operator()(mnl_socket* socket) const noexcept;
    };

    using Handle = std::unique_ptr<mnl_socket, Close>;

    explicit Socket(Handle handle) noexcept : handle_(std::move(handle)) {}

    static Result<Handle> connect();
    Result<> resolve();

    Handle handle_;
    GenericFamily family_;
};

} // namespace hg

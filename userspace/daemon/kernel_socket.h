// The kernel of real life: a netlink socket, opened when it is needed and anew when the module
// was gone.
#pragma once

#include "kernel.h"
#include "tally.h"

#include <memory>

namespace hg::daemon {

class SocketKernel final : public Kernel {
public:
    Result<Running> read() override;
    Result<std::uint32_t> commit(const Difference& difference, std::uint32_t generation) override;
    Result<> heartbeat(std::chrono::milliseconds interval);

    Result<Info> info();
    Result<Settings> settings();

    [[nodiscard]] const CommitTally& commits() const { return commits_; }

private:
    Result<Client*> client();
    template <class T> Result<T> watched(Result<T> result);

    std::unique_ptr<Transport> transport_;
    std::unique_ptr<Client> client_;
    CommitTally commits_;
};

} // namespace hg::daemon

#include "kernel_socket.h"

#include "socket.h"

namespace hg::daemon {

Result<Client*> SocketKernel::client() {
    if (!client_) {
        transport_ = HG_TRY(Socket::open());
        client_ = std::make_unique<Client>(*transport_);
    }
    return client_.get();
}

// The family gets another number with each load of the module: the next call opens a new socket.
template <class T> Result<T> SocketKernel::watched(Result<T> result) {
    if (!result && result.error().kind == Kind::Unreachable) {
        client_.reset();
        transport_.reset();
    }
    return result;
}

Result<Running> SocketKernel::read() {
    auto* const open = HG_TRY(client());
    return watched(read_running(*open));
}

Result<std::uint32_t> SocketKernel::commit(const Difference& difference, std::uint32_t generation) {
    auto* const open = HG_TRY(client());
    const auto begun = std::chrono::steady_clock::now();
    auto result = watched(hg::commit(*open, difference, generation));
    commits_.took.add(std::chrono::steady_clock::now() - begun);
    (result ? commits_.done : is_stale(result.error()) ? commits_.stale : commits_.refused)++;
    return result;
}

Result<> SocketKernel::heartbeat(std::chrono::milliseconds interval) {
    auto* const open = HG_TRY(client());
    return watched(open->heartbeat(interval));
}

Result<Info> SocketKernel::info() {
    auto* const open = HG_TRY(client());
    return watched(open->info());
}

Result<Settings> SocketKernel::settings() {
    auto* const open = HG_TRY(client());
    return watched(open->settings());
}

} // namespace hg::daemon

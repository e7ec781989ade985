#include "host_system.h"

#include "accept_local.h"
#include "config_text.h"
#include "daemon_socket.h"
#include "event_socket.h"
#include "listen.h"
#include "netns.h"
#include "socket.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <poll.h>
#include <thread>
#include <unistd.h>

namespace hg::cli {

namespace {

struct FreeAddresses {
    void operator()(ifaddrs* list) const noexcept { freeifaddrs(list); }
};

std::optional<Address> address_of(const sockaddr* socket_address) {
    if (socket_address == nullptr) {
        return std::nullopt;
    }
    if (socket_address->sa_family == AF_INET) {
        const auto* const v4 = reinterpret_cast<const sockaddr_in*>(socket_address);
        return Address::from_bytes(Family::V4, std::as_bytes(std::span(&v4->sin_addr, 1)));
    }
    if (socket_address->sa_family == AF_INET6) {
        const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(socket_address);
        return Address::from_bytes(Family::V6, std::as_bytes(std::span(&v6->sin6_addr, 1)));
    }
    return std::nullopt;
}

} // namespace

Result<std::vector<InterfaceAddress>> SystemHost::addresses() {
    ifaddrs* raw = nullptr;
    if (getifaddrs(&raw) != 0) {
        return system_error(errno, "list the addresses of this network namespace");
    }
    const std::unique_ptr<ifaddrs, FreeAddresses> list(raw);
    std::vector<InterfaceAddress> out;
    for (const auto* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
        const auto address = address_of(entry->ifa_addr);
        const auto mask = address_of(entry->ifa_netmask);
        if (address && mask) {
            out.push_back({entry->ifa_name, *address, *mask});
        }
    }
    return out;
}

std::vector<std::string> SystemHost::without_accept_local() { return read_accept_local().off; }

bool SystemHost::sends_redirects(const std::string& interface) {
    constexpr auto kKey = "send_redirects";
    return ipv4_conf_is_set("all", kKey) || ipv4_conf_is_set(interface, kKey);
}

Result<> SystemHost::enter_netns(const std::string& name) { return hg::enter_netns(name); }

Result<std::unique_ptr<Transport>> SystemHost::connect() { return HG_TRY(Socket::open()); }

Result<std::unique_ptr<EventChannel>> SystemHost::listen(const std::vector<EventGroup>& groups) {
    return HG_TRY(EventSocket::open(groups));
}

Result<std::string> SystemHost::ask_daemon(const std::string& socket, const std::string& line) {
    return hg::ask_daemon(socket, line);
}

Result<> SystemHost::watch_daemon(const std::string& socket, const std::string& line,
                                  const std::function<bool(const std::string&)>& take) {
    auto lines = HG_TRY(DaemonLines::ask(socket, line));
    for (bool goes_on = true; goes_on;) {
        const auto told = HG_TRY(lines.next(kReaderCheck));
        goes_on = told ? take(*told) : output_is_read();
    }
    return {};
}

Result<std::string> SystemHost::input() {
    ConfigFaults faults;
    auto text = read_config_stream(STDIN_FILENO, faults);
    return read_or_refuse(std::move(text), faults);
}

bool SystemHost::output_is_read() {
    pollfd end{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
    return poll(&end, 1, 0) <= 0 || (end.revents & (POLLERR | POLLHUP)) == 0;
}

std::chrono::steady_clock::time_point SystemHost::now() { return std::chrono::steady_clock::now(); }

std::chrono::system_clock::time_point SystemHost::wall_clock() {
    return std::chrono::system_clock::now();
}

void SystemHost::sleep(std::chrono::milliseconds duration) {
    std::this_thread::sleep_for(duration);
}

} // namespace hg::cli

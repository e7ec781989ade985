#include "place.h"

#include "director.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace hg::test {

namespace {

constexpr const char* kMine = "/proc/thread-self/ns/net";

Fd open_path(const std::string& path) {
    Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid()) {
        throw std::system_error(errno, std::generic_category(), path);
    }
    return fd;
}

void expect_done(const Outcome& outcome, std::string_view what, std::string_view input) {
    if (outcome.code != 0) {
        throw std::runtime_error(fmt::format("{}: exit status {}\n{}{}{}", what, outcome.code,
                                             outcome.out, outcome.err, input));
    }
}

std::unique_ptr<Socket> socket_in(const Place& where) {
    const auto inside = where.enter();
    return must(Socket::open());
}

} // namespace

Place::Place(std::string name, bool is_ours)
    : name_(std::move(name)), is_ours_(is_ours), fd_(open_path("/run/netns/" + name_)) {}

Place::Place(Place&& other) noexcept
    : name_(std::move(other.name_)), is_ours_(std::exchange(other.is_ours_, false)),
      fd_(std::move(other.fd_)) {}

Place Place::existing(const std::string& name) { return {name, false}; }

Place Place::make(const std::string& name) {
    expect_done(test::run({"ip", "netns", "add", name}), "ip netns add", name);
    Place out(name, true);
    out.ip("link set lo up\n");
    return out;
}

Place::~Place() {
    if (is_ours_) {
        test::run({"ip", "netns", "del", name_});
    }
}

Place::Inside::Inside(const Place& where) : before_(open_path(kMine)) {
    if (setns(where.fd_.get(), CLONE_NEWNET) < 0) {
        throw std::system_error(errno, std::generic_category(), "setns");
    }
}

Place::Inside::~Inside() { setns(before_.get(), CLONE_NEWNET); }

Outcome Place::run(const std::vector<std::string>& command, std::string_view input) const {
    const auto inside = enter();
    return test::run(command, input);
}

Background Place::start(const std::vector<std::string>& command) const {
    const auto inside = enter();
    return Background(command);
}

void Place::must_run(std::string_view line) const { expect_done(run(words(line)), line, ""); }

void Place::ip(std::string_view batch) const {
    expect_done(run({"ip", "-batch", "-"}, batch), "ip -batch", batch);
}

void Place::sysctl(const std::string& name, std::string_view value) const {
    const auto inside = enter();
    std::ofstream file("/proc/sys/" + name);
    file << value << std::flush;
    if (!file) {
        throw std::runtime_error("cannot write " + name);
    }
}

std::string Place::sysctl(const std::string& name) const {
    const auto inside = enter();
    std::ifstream file("/proc/sys/" + name);
    std::string out;
    file >> out;
    return out;
}

sockaddr_storage to_sockaddr(const Endpoint& endpoint) {
    sockaddr_storage out{};
    const auto bytes = endpoint.address.bytes();
    if (endpoint.address.family() == Family::V4) {
        auto* const v4 = reinterpret_cast<sockaddr_in*>(&out);
        v4->sin_family = AF_INET;
        v4->sin_port = htons(endpoint.port);
        std::memcpy(&v4->sin_addr, bytes.data(), bytes.size());
    } else {
        auto* const v6 = reinterpret_cast<sockaddr_in6*>(&out);
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(endpoint.port);
        std::memcpy(&v6->sin6_addr, bytes.data(), bytes.size());
    }
    return out;
}

void Kernel::open(const Place& where) {
    socket_ = socket_in(where);
    client_.emplace(*socket_);
}

WithoutModule::WithoutModule() : file_(open_path("/opt/headgate/module/headgate.ko")) {
    if (syscall(SYS_delete_module, "headgate", O_NONBLOCK) != 0) {
        throw std::system_error(errno, std::generic_category(), "unload headgate");
    }
}

WithoutModule::~WithoutModule() {
    if (syscall(SYS_finit_module, file_.get(), "", 0) != 0) {
        std::perror("load headgate.ko");
        std::abort(); // nothing that comes could pass
    }
}

} // namespace hg::test

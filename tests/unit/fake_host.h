// The machine around the command, and the command driven as from a shell.
#pragma once

#include "fake_events.h"
#include "fake_kernel.h"
#include "run.h"
#include "samples.h"

#include <iterator>
#include <set>
#include <sstream>

namespace hg::test {

// Lends the fake kernel out: a host hands over a transport of its own.
class BorrowedTransport final : public Transport {
public:
    explicit BorrowedTransport(Transport& lender) : lender_(lender) {}

    [[nodiscard]] std::uint16_t family() const override { return lender_.family(); }

    Result<> send(std::span<const std::byte> message) override { return lender_.send(message); }

    Result<Bytes> receive() override { return lender_.receive(); }

    Result<> reset() override { return lender_.reset(); }

private:
    Transport& lender_;
};

class FakeHost final : public cli::Host {
public:
    FakeKernel kernel;
    FakeEvents events;
    std::vector<cli::InterfaceAddress> present;
    std::vector<std::string> lacking_accept_local;
    std::set<std::string> redirecting;
    std::string netns;
    std::string asked; // of the daemon, at which socket
    Result<std::string> daemon_answer;
    std::vector<std::string> daemon_lines; // to one who watches; then this:
    Result<> daemon_end;
    Result<std::string> standard_input;
    bool loaded = true;
    bool is_read = true;
    std::chrono::milliseconds clock{};
    std::function<void()> meanwhile = [] {}; // what happens during a sleep

    Result<std::vector<cli::InterfaceAddress>> addresses() override { return present; }

    std::vector<std::string> without_accept_local() override { return lacking_accept_local; }

    bool sends_redirects(const std::string& interface) override {
        return redirecting.contains(interface);
    }

    Result<> enter_netns(const std::string& name) override {
        netns = name;
        return {};
    }

    Result<std::unique_ptr<Transport>> connect() override {
        if (!loaded) {
            return tl::make_unexpected(Error{.kind = Kind::Unreachable,
                                             .code = {},
                                             .attempted = "reach the kernel module",
                                             .reason = "headgate.ko is not loaded",
                                             .attribute = {}});
        }
        return std::make_unique<BorrowedTransport>(kernel);
    }

    Result<std::unique_ptr<EventChannel>> listen(const std::vector<EventGroup>& groups) override {
        events.joined = groups;
        return std::make_unique<FakeChannel>(
            events, [this](std::chrono::milliseconds time) { clock += time; });
    }

    Result<std::string> ask_daemon(const std::string& socket, const std::string& line) override {
        asked = socket + " " + line;
        return daemon_answer;
    }

    Result<> watch_daemon(const std::string& socket, const std::string& line,
                          const std::function<bool(const std::string&)>& take) override {
        asked = socket + " " + line;
        for (const auto& each : daemon_lines) {
            if (!take(each)) {
                return {};
            }
        }
        return daemon_end;
    }

    Result<std::string> input() override { return standard_input; }

    bool output_is_read() override { return is_read; }

    std::chrono::system_clock::time_point wall_clock() override {
        return std::chrono::system_clock::time_point(clock);
    }

    std::chrono::steady_clock::time_point now() override {
        return std::chrono::steady_clock::time_point(clock);
    }

    void sleep(std::chrono::milliseconds duration) override {
        clock += duration;
        meanwhile();
    }
};

// A host with the sample services, and what a command line says to it.
class Cli {
public:
    FakeHost host;
    int code = -1;
    std::string out;
    std::string err;

    Cli() {
        host.kernel.services = {web_service(), dns_service()};
        host.kernel.servers = web_servers();
        for (auto& server : dns_servers()) {
            host.kernel.servers.push_back(server);
        }
        host.kernel.conns = conns();
        host.kernel.affinities = affinities();
        host.kernel.info = info();
        host.kernel.settings = settings();
        host.present = {{"eth0", endpoint("10.0.0.1").address, endpoint("255.255.255.0").address}};
    }

    // Split at blanks; the output and the errors, one after the other.
    std::string operator()(const std::string& line) {
        std::istringstream in(line);
        const std::vector<std::string> words{std::istream_iterator<std::string>(in), {}};
        std::ostringstream out_stream;
        std::ostringstream err_stream;
        code = static_cast<int>(cli::run(words, host, out_stream, err_stream));
        out = out_stream.str();
        err = err_stream.str();
        return out + err;
    }
};

} // namespace hg::test

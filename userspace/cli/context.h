// What a command has to work with, and how it ends.
#pragma once

#include "client.h"

#include <chrono>
#include <functional>
#include <iosfwd>
#include <memory>

namespace hg::cli {

class Output;

enum class Exit : int {
    Done = 0,
    Refused = 1,
    Usage = 2,
    Differs = 3, // or unhealthy
    Unreachable = 4,
};

// An address of an interface, and the mask of the network it stands in.
struct InterfaceAddress {
    std::string interface;
    Address address;
    Address mask;
};

// What a command can learn about the machine besides the module.
class Host {
public:
    Host() = default;
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    virtual ~Host() = default;

    // Every address on an interface of this network namespace.
    virtual Result<std::vector<InterfaceAddress>> addresses() = 0;
    // The interfaces that do not accept packets with a local source, by name; not lo.
    virtual std::vector<std::string> without_accept_local() = 0;
    // Whether IPv4 packets that leave where they came in make it tell of a shorter way.
    virtual bool sends_redirects(const std::string& interface) = 0;
    // Moves this program into a network namespace, before anything else is asked for.
    virtual Result<> enter_netns(const std::string& name) = 0;
    virtual Result<std::unique_ptr<Transport>> connect() = 0;
    // A channel for the events of these multicast groups.
    virtual Result<std::unique_ptr<EventChannel>> listen(const std::vector<EventGroup>& groups) = 0;
    // One line to headgated's socket, and the one that it answers; an error of the kind
    // Unreachable when nobody listens there.
    virtual Result<std::string> ask_daemon(const std::string& socket, const std::string& line) = 0;
    // One line to headgated's socket, and to TAKE each that comes for it: until that says false, or
    // nobody reads the standard output any more.
    virtual Result<> watch_daemon(const std::string& socket, const std::string& line,
                                  const std::function<bool(const std::string&)>& take) = 0;
    // All of the standard input.
    virtual Result<std::string> input() = 0;
    // Whether somebody still reads the standard output: without it a command that has nothing to
    // say for long would stay for long when its reader has gone.
    virtual bool output_is_read() = 0;
    virtual std::chrono::steady_clock::time_point now() = 0;
    virtual std::chrono::system_clock::time_point wall_clock() = 0;
    virtual void sleep(std::chrono::milliseconds duration) = 0;
};

class Context {
public:
    // NETNS is the name of the network namespace it is about; "": the one it was started in.
    Context(Host& host, Output& output, std::string netns)
        : host_(host), output_(output), netns_(std::move(netns)) {}

    // The module's client, connected by the first who asks.
    Result<Client*> client();

    [[nodiscard]] Host& host() const { return host_; }

    [[nodiscard]] Output& output() const { return output_; }

    [[nodiscard]] const std::string& netns() const { return netns_; }

private:
    Host& host_;
    Output& output_;
    std::string netns_;
    std::unique_ptr<Transport> transport_;
    std::unique_ptr<Client> client_;
};

} // namespace hg::cli

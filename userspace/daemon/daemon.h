// The whole: one loop that holds the engine, the checks, the socket and the signals.
#pragma once

#include "announcer.h"
#include "control.h"
#include "daemon_socket.h"
#include "exporter.h"
#include "kernel_socket.h"
#include "load_runner.h"
#include "runner.h"
#include "snapshot.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

namespace hg::daemon {

struct Options {
    std::string config = "/etc/headgate/headgate.yaml";
    std::string socket;
};

class Daemon {
public:
    Daemon(Options options, Log& log);
    ~Daemon();

    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;
    Daemon(Daemon&&) = delete;
    Daemon& operator=(Daemon&&) = delete;

    // Until it is told to end. Nothing in the kernel changes by that end.
    Result<> run();

private:
    Result<> load(Overrides overrides = Overrides::Keep);
    Result<> reload(Overrides overrides = Overrides::Keep);
    [[nodiscard]] nlohmann::ordered_json answer_reload(const nlohmann::json& request,
                                                       const Peer& peer);
    Result<> check_needs(const Config& config);
    void serve_metrics();
    void settle_soon();
    [[nodiscard]] nlohmann::ordered_json answer(const nlohmann::json& request, const Peer& peer);
    [[nodiscard]] Exposition scrape();
    [[nodiscard]] std::string complaint() const;
    boost::asio::awaitable<void> tick();
    boost::asio::awaitable<void> beat();
    boost::asio::awaitable<void> signals();
    boost::asio::awaitable<void> listen();
    boost::asio::awaitable<void> follow_events();

    Options options_;
    Log& log_;
    boost::asio::io_context io_{1};
    SocketKernel kernel_;
    Hooks hooks_;
    Watchers watchers_;
    Announcer announcer_;
    Engine engine_;
    Runner runner_;
    LoadRunner load_runner_;
    Control control_;
    Exporter exporter_;
    boost::asio::signal_set signals_;
    bool settles_ = false; // a settle is under way
    std::string netns_;    // its name, where it has one
    WholeRow own_;         // what is counted nowhere else
};

} // namespace hg::daemon

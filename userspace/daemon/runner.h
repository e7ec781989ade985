// Makes the checks of an engine's probes, each in its own time.
#pragma once

#include "engine.h"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <random>

namespace hg::daemon {

class Runner {
public:
    using Try = std::function<boost::asio::awaitable<ProbeResult>(HealthCheck, ProbeTarget)>;

    // ON_RESULT is called after each result that the engine was given.
    Runner(boost::asio::io_context& io, Engine& engine, Try make, std::function<void()> on_result);

    // Begins with probes that are new, and ends those that are not wanted any more.
    void follow();
    void stop();

private:
    struct Loop {
        ProbePtr probe;
        std::shared_ptr<boost::asio::cancellation_signal> end;
    };

    boost::asio::awaitable<void> run(ProbePtr probe);
    boost::asio::awaitable<ProbeResult> attempt(const Probe& probe);
    [[nodiscard]] std::chrono::milliseconds first_delay(const HealthCheck& check);
    void start(const ProbePtr& probe);

    boost::asio::io_context& io_;
    Engine& engine_;
    Try try_;
    std::function<void()> on_result_;
    std::map<const Probe*, Loop> loops_;
    std::minstd_rand random_;
};

} // namespace hg::daemon

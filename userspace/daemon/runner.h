// Makes the checks of an engine's probes, each in its own time.
#pragma once

#include "engine.h"
#include "loops.h"

namespace hg::daemon {

class Runner {
public:
    using Try = std::function<boost::asio::awaitable<ProbeResult>(HealthCheck, ProbeTarget)>;

    // ON_RESULT is called after each result that the engine was given.
    Runner(boost::asio::io_context& io, Engine& engine, Try make, std::function<void()> on_result);

    // Begins with probes that are new, and ends those that are not wanted any more.
    void follow() { loops_.follow(engine_.watch().probes.all()); }

    void stop() { loops_.stop(); }

    // How long after its time each check began.
    [[nodiscard]] const Durations& lateness() const { return lateness_; }

private:
    boost::asio::awaitable<void> run(const ProbePtr& probe);
    boost::asio::awaitable<TimePoint> round(ProbePtr probe, TimePoint due);
    boost::asio::awaitable<ProbeResult> attempt(const Probe& probe);

    Engine& engine_;
    Try try_;
    std::function<void()> on_result_;
    Loops<Probe> loops_;
    std::minstd_rand random_;
    Durations lateness_;
};

} // namespace hg::daemon

// Asks for the load of an engine's feeds, each in its own time.
#pragma once

#include "engine.h"
#include "loops.h"

namespace hg::daemon {

class LoadRunner {
public:
    // ON_NEWS is called after each answer that the engine was given.
    LoadRunner(boost::asio::io_context& io, Engine& engine, std::function<void()> on_news);

    // Begins with feeds that are new, and ends those that are not wanted any more.
    void follow() { loops_.follow(engine_.watch().feeds.all()); }

    void stop() { loops_.stop(); }

private:
    boost::asio::awaitable<void> run(const LoadFeedPtr& feed);
    boost::asio::awaitable<TimePoint> round(LoadFeedPtr feed);
    boost::asio::awaitable<void> ask(LoadFeedPtr feed);
    boost::asio::awaitable<void> scrape(LoadFeedPtr feed);

    Engine& engine_;
    std::function<void()> on_news_;
    Loops<LoadFeed> loops_;
    std::minstd_rand random_;
};

} // namespace hg::daemon

#include "daemon.h"

#include "awaiting.h"
#include "event_socket.h"
#include "event_stream.h"
#include "netns.h"
#include "status.h"
#include "through.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <fmt/format.h>
#include <systemd/sd-daemon.h>

namespace hg::daemon {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kBeat{5000};
constexpr milliseconds kReconnect{1000};

Result<> config_error(const std::string& path, const ConfigFaults& faults) {
    auto lines = faults.render(path);
    lines.pop_back(); // the last line's end
    return attempting<void>(refusal(lines, std::errc::invalid_argument), "read " + path);
}

std::string monotonic_now() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return fmt::format("{}", now.tv_sec * 1'000'000 + now.tv_nsec / 1000);
}

} // namespace

Daemon::Daemon(Options options, Log& log)
    : options_(std::move(options)), log_(log),
      hooks_(io_, [this](const std::string& line) { log_.error(line); }),
      watchers_([this] { return status_json(engine_, Clock::now()); }),
      announcer_(log_, hooks_, watchers_), engine_(kernel_, announcer_),
      runner_(io_, engine_, probe, [this] { settle_soon(); }),
      load_runner_(io_, engine_, [this] { settle_soon(); }),
      control_(
          io_, [this](const auto& request, const Peer& peer) { return answer(request, peer); },
          watchers_),
      exporter_(io_, {[this] { return scrape(); }, [this] { return complaint(); }}),
      signals_(io_, SIGTERM, SIGINT, SIGHUP), netns_(netns_name()) {
    own_.version = HG_VERSION;
    own_.started = since_epoch(std::chrono::system_clock::now());
}

Daemon::~Daemon() = default;

Result<> Daemon::load(Overrides overrides) {
    own_.last_reload_is_good = false;
    auto config = load_config(options_.config);
    if (!config) {
        return config_error(options_.config, config.error());
    }
    HG_TRY(check_needs(*config));
    // The new one hears how the pools are from the first moment.
    auto before = hooks_.set_command(config->daemon.on_change);
    auto loaded = engine_.load(*std::move(config), Clock::now(), overrides);
    if (!loaded) {
        hooks_.set_command(std::move(before));
        return loaded;
    }
    own_.last_reload_is_good = true;
    own_.last_good_reload = since_epoch(std::chrono::system_clock::now());
    runner_.follow();
    load_runner_.follow();
    serve_metrics();
    return {};
}

// Without the module the configuration is taken as it is: each check says then what it lacks.
Result<> Daemon::check_needs(const Config& config) {
    if (!goes_through(config)) {
        return {};
    }
    const auto settings = kernel_.settings();
    if (!settings) {
        return settings.error().kind == Kind::Unreachable ? Result<>()
                                                          : tl::make_unexpected(settings.error());
    }
    return check_through(config, *settings, read_accept_local());
}

// Whoever watches from elsewhere comes after the servers: without them there is a word in the log.
void Daemon::serve_metrics() {
    const auto listening = exporter_.listen(engine_.watch().config.daemon.metrics);
    if (!listening) {
        log_.error(listening.error().text());
    }
}

Result<> Daemon::reload(Overrides overrides) {
    sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + monotonic_now()).c_str());
    auto done = load(overrides);
    sd_notify(0, "READY=1");
    if (!done) {
        log_.error(fmt::format("the configuration stays as it was: {}", done.error().text()));
    }
    return done;
}

Result<> Daemon::run() {
    HG_TRY(load());
    HG_TRY(control_.open(options_.socket));
    for (const auto begin : {&Daemon::tick, &Daemon::beat, &Daemon::signals, &Daemon::listen}) {
        asio::co_spawn(io_, (this->*begin)(), rethrow);
    }
    sd_notify(0, "READY=1");
    io_.run();
    sd_notify(0, "STOPPING=1");
    log_.info("ended; the kernel goes on forwarding as it is");
    return {};
}

// Results that come at one moment go into one transaction.
void Daemon::settle_soon() {
    if (settles_) {
        return;
    }
    settles_ = true;
    asio::post(io_, [this] {
        settles_ = false;
        engine_.settle(Clock::now());
    });
}

Exposition Daemon::scrape() {
    std::optional<Observed> observed;
    const auto info = kernel_.info();
    auto running = info ? kernel_.read() : tl::make_unexpected(info.error());
    if (running) {
        observed = Observed{*info, *std::move(running)};
    }
    auto whole = own_;
    whole.changes = announcer_.counts();
    whole.lateness = runner_.lateness();
    whole.commits = kernel_.commits();
    whole.hooks = hooks_.tally();
    const Moment now{Clock::now(), std::chrono::system_clock::now()};
    return Exposition(snapshot_of(engine_, std::move(observed), std::move(whole), netns_, now));
}

std::string Daemon::complaint() const {
    return engine_.module_is_gone() ? "the kernel module is not there" : "";
}

asio::awaitable<void> Daemon::tick() {
    asio::steady_timer timer(io_);
    for (;;) {
        timer.expires_after(Engine::kTick);
        co_await timer.async_wait(asio::use_awaitable);
        engine_.settle(Clock::now());
        sd_notify(0, "WATCHDOG=1");
    }
}

asio::awaitable<void> Daemon::beat() {
    asio::steady_timer timer(io_);
    for (;;) {
        const auto beaten = kernel_.heartbeat(kBeat);
        if (!beaten && beaten.error().kind == Kind::Unreachable) {
            engine_.module_lost(beaten.error(), Clock::now());
        }
        timer.expires_after(kBeat);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<void> Daemon::signals() {
    for (;;) {
        const auto number = co_await signals_.async_wait(asio::use_awaitable);
        if (number != SIGHUP) {
            log_.info(number == SIGTERM ? "SIGTERM" : "SIGINT");
            runner_.stop();
            load_runner_.stop();
            io_.stop();
            co_return;
        }
        (void)reload(); // which has logged what was wrong
    }
}

// Others' changes of the kernel's configuration, and the module's end.
asio::awaitable<void> Daemon::follow_events() {
    const auto groups = std::to_array({EventGroup::Config});
    auto socket = EventSocket::open(groups);
    if (!socket) {
        co_return;
    }
    asio::posix::stream_descriptor readable(io_, (*socket)->fd());
    EventStream stream(*std::move(socket));
    engine_.kernel_changed(); // before we listened
    for (;;) {
        auto told = stream.next(milliseconds::zero());
        if (!told) {
            if (told.error().kind == Kind::Unreachable) {
                engine_.module_lost(told.error(), Clock::now());
            } else {
                log_.error(told.error().text());
            }
            break;
        }
        if (*told) {
            const auto* const event = std::get_if<Event>(&**told);
            if (event == nullptr || may_follow(*event, engine_.known().generation)) {
                engine_.kernel_changed();
            }
            continue;
        }
        const auto [error] =
            co_await readable.async_wait(asio::posix::descriptor_base::wait_read, kTuple);
        if (error == asio::error::operation_aborted) {
            break;
        }
    }
    readable.release(); // the stream closes it
}

asio::awaitable<void> Daemon::listen() {
    asio::steady_timer timer(io_);
    for (;;) {
        co_await follow_events();
        timer.expires_after(kReconnect);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

nlohmann::ordered_json Daemon::answer_reload(const nlohmann::json& request, const Peer& peer) {
    const auto wish = request.find("reset_overrides");
    if (wish != request.end() && !wish->is_boolean()) {
        return {{"schema", 1}, {"error", "reset_overrides has to be true or false"}};
    }
    const auto overrides =
        wish != request.end() && wish->get<bool>() ? Overrides::Reset : Overrides::Keep;
    log_.info(fmt::format("reload{} asked for by uid {}, pid {}",
                          overrides == Overrides::Reset ? ", overrides reset," : "", peer.uid,
                          peer.pid));
    const auto done = reload(overrides);
    if (!done) {
        return {{"schema", 1}, {"error", done.error().text()}};
    }
    return {{"schema", 1}, {"done", true}};
}

nlohmann::ordered_json Daemon::answer(const nlohmann::json& request, const Peer& peer) {
    const auto& command = request["command"].get_ref<const std::string&>();
    if (command == "status") {
        return status_json(engine_, Clock::now());
    }
    if (command == "reload") {
        return answer_reload(request, peer);
    }
    return {{"schema", 1},
            {"error",
             fmt::format("unknown command \"{}\" (there are: status, watch, reload)", command)}};
}

} // namespace hg::daemon

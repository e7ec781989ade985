// 2,000 servers checked by TCP every two seconds, in one loop: how late the checks start, how
// long they take, and what of a core they need. The server is another process.
#include "probe.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using std::chrono::duration;
using std::chrono::microseconds;
using namespace std::chrono_literals;

constexpr int kServers = 2000;
constexpr microseconds kInterval = 2s;

struct Figures {
    std::vector<microseconds> late;
    std::vector<microseconds> took;
    int failures = 0;
};

microseconds from_to(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration_cast<microseconds>(to - from);
}

asio::awaitable<void> check_often(hg::daemon::ProbeTarget target, Clock::time_point due,
                                  Clock::time_point end, Figures& figures) {
    const hg::HealthCheck check;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (; due < end; due += kInterval) {
        timer.expires_at(due);
        co_await timer.async_wait(asio::use_awaitable);
        const auto start = Clock::now();
        const auto result = co_await hg::daemon::probe(check, target);
        figures.late.push_back(from_to(due, start));
        figures.took.push_back(from_to(start, Clock::now()));
        figures.failures += result.ok ? 0 : 1;
    }
}

void print(std::string_view what, std::vector<microseconds> times) {
    std::sort(times.begin(), times.end());
    const auto at = [&times](double share) {
        const auto last = static_cast<double>(times.size() - 1);
        return duration<double, std::milli>(times[static_cast<std::size_t>(share * last)]).count();
    };
    fmt::print("{:8} p50 {:.2f} ms, p99 {:.2f} ms, worst {:.2f} ms\n", what, at(0.5), at(0.99),
               at(1));
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec;
    const auto micros = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    return static_cast<double>(seconds) + static_cast<double>(micros) / 1e6;
}

// Without Asio: its epoll is the parent's too.
[[noreturn]] void serve(int listener) {
    while (true) {
        close(accept(listener, nullptr, nullptr));
    }
}

int measure(std::chrono::seconds length) {
    asio::io_context loop;
    const asio::ip::tcp::endpoint any(asio::ip::address_v4::loopback(), 0);
    asio::ip::tcp::acceptor acceptor(loop, any);
    const pid_t server = fork();
    if (server == 0) {
        serve(acceptor.native_handle());
    }
    const hg::daemon::ProbeTarget target{.server = {.address = *hg::parse_address("127.0.0.1"),
                                                    .port = acceptor.local_endpoint().port()}};
    Figures figures;
    const auto start = Clock::now() + 100ms;
    for (int i = 0; i < kServers; ++i) {
        const auto first = start + kInterval * i / kServers;
        asio::co_spawn(loop, check_often(target, first, start + length, figures), asio::detached);
    }
    const auto before = cpu_seconds();
    loop.run();
    kill(server, SIGKILL);
    const auto used = cpu_seconds() - before;
    const auto wall = duration<double>(Clock::now() - start).count();
    fmt::print("{} checks, {} a second, {} failed, {:.0f} % of a core\n", figures.late.size(),
               static_cast<int>(static_cast<double>(figures.late.size()) / wall), figures.failures,
               100 * used / wall);
    print("late", std::move(figures.late));
    print("took", std::move(figures.took));
    return figures.failures == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return measure(std::chrono::seconds(argc > 1 ? std::atoi(argv[1]) : 10));
    } catch (const std::exception& error) {
        std::fputs(error.what(), stderr);
        return 2;
    }
}

// A client that goes on fetching while all servers of two services are swapped again and again.
//
//   client 10.1.0.2 ---- 10.1.0.1 director 10.2.0.1 ---- 10.2.0.11, .12, .13 servers
//                        VIP 10.1.0.100:80 and :81
//
// Configuration N has the servers at port 10000 + N, and they answer with N.
#include "apply.h"
#include "director.h"
#include "eventually.h"
#include "program.h"
#include "tcp_socket.h"

#include <atomic>
#include <deque>
#include <fmt/format.h>
#include <future>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>

namespace {

using namespace hg::test;

constexpr std::uint16_t kBasePort = 10000;
constexpr int kPatienceMs = 8000;
constexpr std::array<std::uint16_t, 2> kServices{80, 81};

// Listens for every configuration there will be.
class NumberServers {
public:
    NumberServers(const Namespace& where, std::uint16_t last) : stop_(eventfd(0, EFD_CLOEXEC)) {
        for (std::uint16_t number = 0; number <= last; number++) {
            listeners_.push_back(tcp_listen(
                where, {address("0.0.0.0"), static_cast<std::uint16_t>(kBasePort + number)}));
        }
        thread_ = std::thread([this] { run(); });
    }

    NumberServers(const NumberServers&) = delete;
    NumberServers& operator=(const NumberServers&) = delete;
    NumberServers(NumberServers&&) = delete;
    NumberServers& operator=(NumberServers&&) = delete;

    ~NumberServers() {
        eventfd_write(stop_.get(), 1);
        thread_.join();
    }

private:
    void run() {
        std::vector<pollfd> waits{{.fd = stop_.get(), .events = POLLIN, .revents = 0}};
        for (const auto& listener : listeners_) {
            waits.push_back({.fd = listener.get(), .events = POLLIN, .revents = 0});
        }
        while (poll(waits.data(), waits.size(), -1) > 0 && waits[0].revents == 0) {
            for (std::size_t i = 1; i < waits.size(); i++) {
                if (waits[i].revents != 0) {
                    answer(listeners_[i - 1], static_cast<std::uint16_t>(i - 1));
                }
            }
        }
    }

    // Closing resets: not before the client has its answer, that is some clients later.
    void answer(const hg::Fd& listener, std::uint16_t number) {
        constexpr std::size_t kHeld = 16;
        if (auto socket = tcp_accept(listener)) {
            (void)send(socket->get(), &number, sizeof(number), MSG_NOSIGNAL);
            held_.push_back(*std::move(socket));
        }
        if (held_.size() > kHeld) {
            held_.pop_front();
        }
    }

    hg::Fd stop_;
    std::vector<hg::Fd> listeners_;
    std::deque<hg::Fd> held_;
    std::thread thread_;
};

hg::Config configuration(std::uint16_t number) {
    hg::Config out;
    for (const auto port : kServices) {
        hg::PoolConfig pool;
        pool.service = {.key = {hg::Protocol::Tcp, {address("10.1.0.100"), port}},
                        .scheduler = "rr"};
        for (const auto* const server : {"10.2.0.11", "10.2.0.12", "10.2.0.13"}) {
            pool.servers.push_back(
                {.endpoint = {address(server), static_cast<std::uint16_t>(kBasePort + number)}});
        }
        out.services.push_back(std::move(pool));
    }
    return out;
}

class Swap : public testing::Test {
protected:
    Swap() {
        inside.sysctl("net/ipv4/ip_forward", "1");
        inside.ip(fmt::format("link add clients type veth peer name eth0 netns {}\n"
                              "link add servers type veth peer name eth0 netns {}\n"
                              "addr add 10.1.0.1/24 dev clients\n"
                              "addr add 10.1.0.100/32 dev clients\n"
                              "addr add 10.2.0.1/24 dev servers\n"
                              "link set clients up\n"
                              "link set servers up\n",
                              client.path(), servers.path()));
        client.ip("addr add 10.1.0.2/24 dev eth0\nlink set eth0 up\n");
        servers.ip("addr add 10.2.0.11/24 dev eth0\n"
                   "addr add 10.2.0.12/24 dev eth0\n"
                   "addr add 10.2.0.13/24 dev eth0\n"
                   "link set eth0 up\n"
                   "route add default via 10.2.0.1\n");
    }

    // What a new connection to the service is answered.
    [[nodiscard]] std::optional<std::uint16_t> fetch(std::uint16_t port) const {
        const auto socket = tcp_connect(client, {address("10.1.0.100"), port});
        pollfd wait{.fd = socket.get(), .events = POLLIN, .revents = 0};
        std::uint16_t number = 0;
        if (poll(&wait, 1, kPatienceMs) != 1 ||
            recv(socket.get(), &number, sizeof(number), 0) != sizeof(number)) {
            return {};
        }
        return number;
    }

    // Applies configurations 1 to LAST, each when something was fetched of the one before.
    hg::Result<> swap_all(std::uint16_t last) {
        for (std::uint16_t number = 1; number <= last; number++) {
            HG_TRY(hg::apply(director.client(), configuration(number)));
            const auto seen = fetches.load();
            if (!eventually([&] { return fetches > seen; })) {
                return hg::refusal("nothing is fetched", std::errc::timed_out);
            }
        }
        return {};
    }

    Namespace inside;
    Namespace client;
    Namespace servers;
    Director director{inside};
    std::atomic<unsigned> fetches = 0;
};

TEST_F(Swap, of_every_server_is_seen_by_no_client) {
    const auto last = sized<std::uint16_t>(100, 20);
    const NumberServers answering(servers, last);
    must(hg::apply(director.client(), configuration(0)));
    auto swapping = std::async(std::launch::async, [&] { return swap_all(last); });
    std::uint16_t before = 0;
    while (before < last) {
        for (const auto port : kServices) {
            const auto number = fetch(port);
            fetches++;
            // One service must not be ahead of the other.
            ASSERT_TRUE(number) << "after configuration " << before;
            ASSERT_GE(*number, before) << "of port " << port;
            before = *number;
        }
    }
    EXPECT_TRUE(swapping.get());
}

} // namespace

// The module and its namespaces go while packets come: nothing is left behind, nothing breaks
// (the kernel would complain, and the lab would see it).
#include "eventually.h"
#include "tunnel_flow.h"

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <thread>

namespace {

using namespace hg::test;
using hg::Family;
using hg::Mode;
using hg::Protocol;

constexpr const char* kModule = "/opt/headgate/module/headgate.ko";
constexpr int kTimes = 50;

bool load() {
    const hg::Fd file(open(kModule, O_RDONLY | O_CLOEXEC));
    return syscall(SYS_finit_module, file.get(), "", 0) == 0;
}

bool unload() { return syscall(SYS_delete_module, "headgate", O_NONBLOCK) == 0; }

// So many of them, since a namespace takes its time.
constexpr int kQuietTimes = 5;

// A service for each mode, on ports of their own.
constexpr std::pair<std::uint16_t, Mode> kServices[] = {
    {80, Mode::Nat}, {81, Mode::Direct}, {82, Mode::Tunnel}};

void configure(Director& director, std::chrono::milliseconds affinity = {}) {
    for (const auto family : {Family::V4, Family::V6}) {
        const auto& plan = plan_of(family);
        for (const auto& [port, mode] : kServices) {
            for (const auto protocol : {Protocol::Tcp, Protocol::Udp}) {
                const hg::ServiceKey service{protocol, {plan.vip, port}};
                must(director.client().add_service(
                    {.key = service, .scheduler = "rr", .affinity = {.timeout = affinity}}));
                director.add_server(service, {plan.server, port}, mode);
                director.add_server(service, {plan.third, port}, mode);
            }
        }
    }
}

// Sends openers, data, answers and errors of ever new clients until it is told to stop, or its
// cable is gone.
class Traffic {
public:
    Traffic(Wire& client, Wire& server)
        : client_(client), server_(server), thread_([this] { run(); }) {}

    Traffic(const Traffic&) = delete;
    Traffic& operator=(const Traffic&) = delete;

    // Its cable is gone.
    bool is_cut() const { return cut_; }

    ~Traffic() {
        stop_ = true;
        thread_.join();
    }

private:
    void run() {
        std::uint16_t port = 1024;
        try {
            while (!stop_) {
                port = port == 65535 ? std::uint16_t{1024} : static_cast<std::uint16_t>(port + 1);
                for (const auto family : {Family::V4, Family::V6}) {
                    const auto& plan = plan_of(family);
                    const auto& service = kServices[port % std::size(kServices)];
                    exchange({{plan.client, port},
                              {plan.vip, service.first},
                              {plan.server, service.first}});
                }
            }
        } catch (const std::system_error&) {
            cut_ = true;
        }
    }

    void exchange(const Flow& flow) {
        client_.send(flow.tcp(kSyn));
        server_.send(flow.tcp_reply(kSyn | kAck));
        client_.send(flow.tcp(kAck, filler(40)));
        client_.send(flow.udp(filler(20)));
        server_.send(flow.udp_reply(filler(20)));
        for (const auto& piece : fragments(flow.udp(filler(64)), 40)) {
            client_.send(piece);
        }
        server_.send(error(flow.server.address, flow.client.address, Fault::Port,
                           quote(flow.at_server(flow.tcp(kSyn)))));
    }

    Wire& client_;
    Wire& server_;
    std::atomic<bool> stop_ = false;
    std::atomic<bool> cut_ = false;
    std::thread thread_;
};

bool has_conns(Director& director) {
    return eventually([&] { return must(director.client().info()).conns > 10; });
}

TEST(Removal, of_the_module_under_traffic) {
    TwoWires lab;
    const Traffic traffic(lab.client, lab.server);
    for (int i = 0; i < kTimes; i++) {
        lab.director.reset();
        configure(lab.director);
        ASSERT_TRUE(has_conns(lab.director)) << "time " << i;
        ASSERT_TRUE(unload()) << "time " << i << ", errno " << errno;
        ASSERT_TRUE(load()) << "time " << i << ", errno " << errno;
    }
}

TEST(Removal, of_all_services_under_traffic) {
    TwoWires lab;
    const Traffic traffic(lab.client, lab.server);
    for (int i = 0; i < kTimes; i++) {
        configure(lab.director);
        ASSERT_TRUE(has_conns(lab.director)) << "time " << i;
        must(lab.director.client().flush());
        ASSERT_TRUE(eventually([&] { return must(lab.director.client().info()).conns == 0; }));
    }
}

TEST(Removal, of_a_namespace_under_traffic) {
    for (int i = 0; i < kTimes; i++) {
        std::optional<TwoWires> lab(std::in_place);
        configure(lab->director);
        const Traffic traffic(lab->client, lab->server);
        ASSERT_TRUE(has_conns(lab->director)) << "time " << i;
        lab->abandon();
        ASSERT_TRUE(eventually([&] { return traffic.is_cut(); })) << "time " << i;
    }
}

// Clients that stay with their servers: some have conns, to the others the server is held by the
// entry alone.
class RemovalOfClients : public testing::Test {
protected:
    static void stay(TwoWires& lab) {
        for (const auto& [port, mode] : kServices) {
            const hg::ServiceKey key{Protocol::Udp, {plan().vip, port}};
            auto& client = lab.director.client();
            must(client.add_service(
                {.key = key, .scheduler = "rr", .affinity = {.timeout = std::chrono::hours(1)}}));
            lab.director.add_server(key, {plan().server, port}, mode);
            lab.director.add_server(key, {plan().third, port}, mode);
            send(lab, port, 1, 40);
            must(client.kill_conns({.service = key}));
            send(lab, port, 21, 60);
        }
        EXPECT_TRUE(eventually([&] {
            return must(lab.director.client().info()).affinities == 60 * std::size(kServices);
        }));
    }

    // From the clients of these numbers.
    static void send(TwoWires& lab, std::uint16_t port, int first, int last) {
        for (int i = first; i <= last; i++) {
            const auto client = address("10.7.0." + std::to_string(i));
            lab.client.send(Flow{{client, 4000}, {plan().vip, port}, {}}.udp());
        }
    }

    static const Plan& plan() { return plan_of(Family::V4); }
};

TEST_F(RemovalOfClients, with_the_module) {
    TwoWires lab;
    for (int i = 0; i < kQuietTimes; i++) {
        lab.director.reset();
        stay(lab);
        ASSERT_TRUE(unload()) << "time " << i << ", errno " << errno;
        ASSERT_TRUE(load()) << "time " << i << ", errno " << errno;
    }
}

// What a namespace leaves behind the module's end tells, which is the end of the test.
TEST_F(RemovalOfClients, with_their_namespace) {
    for (int i = 0; i < kQuietTimes; i++) {
        TwoWires lab;
        stay(lab);
        lab.abandon();
    }
    ASSERT_TRUE(eventually([] { return unload(); })) << "errno " << errno;
    ASSERT_TRUE(load()) << "errno " << errno;
}

TEST_F(RemovalOfClients, with_their_services) {
    TwoWires lab;
    for (int i = 0; i < kQuietTimes; i++) {
        stay(lab);
        must(lab.director.client().flush());
        ASSERT_TRUE(eventually([&] { return must(lab.director.client().info()).affinities == 0; }));
    }
}

TEST_F(RemovalOfClients, with_the_module_under_traffic) {
    TwoWires lab;
    const Traffic traffic(lab.client, lab.server);
    for (int i = 0; i < kQuietTimes; i++) {
        lab.director.reset();
        configure(lab.director, std::chrono::hours(1));
        ASSERT_TRUE(eventually([&] {
            return must(lab.director.client().info()).affinities >= 2 * std::size(kServices);
        }));
        ASSERT_TRUE(unload()) << "time " << i << ", errno " << errno;
        ASSERT_TRUE(load()) << "time " << i << ", errno " << errno;
    }
}

} // namespace

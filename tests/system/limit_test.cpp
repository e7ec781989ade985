// The most that a namespace may be told is refused by text, at the message that is too much.
#include "director.h"
#include "eventually.h"
#include "place.h"

#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <list>

namespace {

using namespace hg::test;

class Limit : public testing::Test {
protected:
    void SetUp() override {
        if (is_slow_kernel()) {
            GTEST_SKIP() << "takes minutes here";
        }
    }

    static hg::ServiceSpec service(std::uint32_t number) {
        return {.key = {hg::Protocol::Tcp, {address_of(10, number / 32768), port_of(number)}},
                .scheduler = "rr"};
    }

    static hg::ServerSpec server(std::uint32_t number) {
        return {.endpoint = {address_of(11, number), 80}};
    }

    // What is said of one request more.
    std::string refusal_of(hg::Transaction& transaction, const hg::Request& request) {
        const auto staged = transaction.stage(request);
        const auto end = staged ? transaction.check(must(kernel->info()).generation) : staged;
        return end ? "" : end.error().text();
    }

    Place place = Place::make("limit-test");
    Kernel kernel{place};

private:
    static hg::Address address_of(std::uint8_t first, std::uint32_t number) {
        return address(fmt::format("{}.{}.{}.{}", first, 1 + (number >> 16U), (number >> 8U) & 255U,
                                   number & 255U));
    }

    static std::uint16_t port_of(std::uint32_t number) {
        return static_cast<std::uint16_t>(1 + number % 32768);
    }
};

TEST_F(Limit, of_servers_in_a_service) {
    auto transaction = kernel->transaction();
    must(transaction.begin());
    const auto of = service(0);
    must(transaction.stage(hg::add_service_request(of)));
    for (std::uint32_t i = 0; i < HEADGATE_POOL_MAX; i++) {
        must(transaction.stage(hg::add_server_request(of.key, server(i))));
    }
    const auto one_more = hg::add_server_request(of.key, server(HEADGATE_POOL_MAX));
    EXPECT_EQ(refusal_of(transaction, one_more),
              "cannot add server 11.1.255.255:80 to tcp://10.1.0.0:1: the service has 65535 "
              "servers, the most there can be (server)");
}

TEST_F(Limit, of_services) {
    auto transaction = kernel->transaction();
    must(transaction.begin());
    for (std::uint32_t i = 0; i < HEADGATE_SERVICES_MAX; i++) {
        must(transaction.stage(hg::add_service_request(service(i))));
    }
    EXPECT_EQ(refusal_of(transaction, hg::add_service_request(service(HEADGATE_SERVICES_MAX))),
              "cannot add service tcp://10.1.0.2:1: the namespace has 65536 services, the most "
              "there can be (service)");
}

std::uint64_t available_memory() {
    std::ifstream file("/proc/meminfo");
    std::string label;
    std::uint64_t kib = 0;
    while (file >> label && label != "MemAvailable:") {
        file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    file >> kib;
    return kib * 1024;
}

class NamespaceLimit : public Limit {
protected:
    std::uint32_t generation() { return must(kernel->info()).generation; }
};

TEST_F(NamespaceLimit, of_servers) {
    constexpr std::uint32_t kServices = 8;
    constexpr std::uint32_t kEach = HEADGATE_SERVERS_MAX / kServices;
    const auto before = available_memory();
    {
        auto transaction = kernel->transaction();
        must(transaction.begin());
        for (std::uint32_t i = 0; i < kServices; i++) {
            const auto of = service(i);
            must(transaction.stage(hg::add_service_request(of)));
            for (std::uint32_t j = 0; j < kEach; j++) {
                must(transaction.stage(hg::add_server_request(of.key, server(j))));
            }
        }
        must(transaction.check(generation()));
        const auto each = (before - available_memory()) / HEADGATE_SERVERS_MAX;
        EXPECT_LT(each, 3072U) << "bytes of a staged server, the lab's red zones with it";
        EXPECT_EQ(refusal_of(transaction, hg::add_server_request(service(0).key, server(kEach))),
                  "cannot add server 11.1.128.0:80 to tcp://10.1.0.0:1: the namespace has 262144 "
                  "servers, the most there can be (server)");
    }
    EXPECT_TRUE(eventually([&] { return available_memory() + before / 20 > before; }))
        << "of " << before << " bytes " << available_memory() << " came back";
}

TEST_F(NamespaceLimit, of_what_is_staged) {
    struct Admin {
        explicit Admin(const Place& place) : kernel(place), transaction(kernel->transaction()) {}

        Kernel kernel;
        hg::Transaction transaction;
    };

    auto all = kernel->transaction();
    must(all.begin());
    for (std::uint32_t i = 0; i < HEADGATE_SERVICES_MAX; i++) {
        must(all.stage(hg::add_service_request(service(i))));
    }
    must(all.commit(generation()));
    std::list<Admin> admins; // each of which would delete all the services
    for (int i = 0; i < HEADGATE_STAGED_MAX / HEADGATE_SERVICES_MAX; i++) {
        auto& transaction = admins.emplace_back(place).transaction;
        must(transaction.begin());
        EXPECT_EQ(refusal_of(transaction, hg::flush_request()), "");
    }
    const auto change = [&] { return kernel->set_service(service(0).key, {.scheduler = "wrr"}); };
    EXPECT_THAT(change().error().text(),
                testing::EndsWith(": 1048576 changes are staged in the namespace, the most there "
                                  "can be (service)"));
    admins.pop_front();
    must(change());
}

} // namespace

// The most that a namespace may be told is refused by text, at the message that is too much. Two of
// the bounds are left out for the time it takes to reach them in a guest: the servers of a
// namespace (23 s) and the staged changes (160 s).
#include "director.h"
#include "place.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

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

} // namespace

// Requests to be refused: by errno, text and attribute; and that nothing was changed.
#pragma once

#include "director.h"
#include "raw_request.h"

#include <gtest/gtest.h>
#include <memory>

namespace hg::test {

// A director with the service and the server of raw_request.h.
class NetlinkTest : public testing::Test {
protected:
    static void SetUpTestSuite();
    static void TearDownTestSuite();

    NetlinkTest();

    [[nodiscard]] static RawRequests open();

    // All that there is, and the generation.
    [[nodiscard]] auto state() {
        return std::tuple(must(kernel->info()).generation, must(kernel->list_services()),
                          must(kernel->list_servers()), must(kernel->settings()));
    }

    static std::unique_ptr<Place> place;
    Kernel kernel;
    RawRequests requests;
};

struct Refused {
    const char* name;
    int command;
    Fill fill;
    Verdict verdict;
};

void PrintTo(const Refused& refused, std::ostream* out);

struct RefusedName {
    template <class Info> std::string operator()(const Info& info) const { return info.param.name; }
};

class NetlinkRefusal : public NetlinkTest, public testing::WithParamInterface<Refused> {};

// The same request as the first of a transaction.
class StagedRefusal : public NetlinkTest, public testing::WithParamInterface<Refused> {};

// Those whose command a transaction stages.
std::vector<Refused> staged(const std::vector<Refused>& all);

// A service nest of the right key and more.
Fill service_with(const Fill& more);
// Another service than the one that is there: port 81.
Fill new_service_with(const Fill& more);
// A service of this key and a scheduler.
Fill service_at(std::uint8_t family, std::uint8_t protocol, std::vector<std::uint8_t> address,
                std::uint16_t port);
// The service that is there, and a server nest of FILL.
Fill server_of(const Fill& fill);
// The server that is there, and more.
Fill server_with(const Fill& more);
Fill server_at(const std::vector<std::uint8_t>& address, std::uint8_t family, std::uint16_t port,
               std::uint8_t mode);
Fill settings_of(const Fill& fill);
Fill filter_of(const Fill& fill);

} // namespace hg::test

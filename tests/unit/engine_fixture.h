// The engine of a daemon, a kernel that it speaks to, and what tests do to both.
#pragma once

#include "daemon_kernel.h"
#include "engine.h"
#include "engine_pool.h"
#include "notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hg::daemon::test {

using namespace std::chrono_literals;

inline Config config_of(int servers) {
    auto pool = web_pool(servers, "wlc");
    HealthCheck check;
    check.rise = 1;
    check.fall = 2;
    pool.care.check = check;
    return {.services = {pool}};
}

inline const ServiceKey kWeb2 = *parse_service_key("tcp://10.0.0.2:80");

// Both with the same two servers and check.
inline Config two_services() {
    auto out = config_of(2);
    auto second = out.services[0];
    second.service.key = kWeb2;
    second.service.name = "web2";
    out.services.push_back(second);
    return out;
}

inline Error refusal_of(const char* attempted) {
    Error out;
    out.attempted = attempted;
    out.reason = "no";
    return out;
}

class EngineTest : public testing::Test {
protected:
    void result(int server, bool ok, const char* reason = "") {
        auto& member = engine.watch().pools[0].members[static_cast<std::size_t>(server) - 1];
        engine.result(*member.probe, {ok, reason}, 5ms, now);
    }

    void load(const Config& config, Overrides overrides = Overrides::Keep) {
        const auto done = engine.load(config, now, overrides);
        ASSERT_TRUE(done) << done.error().text();
    }

    // With all servers up.
    void load_well(const Config& config) {
        load(config);
        for (std::size_t i = 1; i <= config.services[0].servers.size(); i++) {
            result(static_cast<int>(i), true);
        }
        engine.settle(now);
        notes.lines.clear();
    }

    // A panic threshold of 40 %, and both servers fail.
    Config load_panic() {
        auto config = config_of(2);
        config.services[0].care.panic_threshold = 40;
        load_well(config);
        for (int i = 0; i < 2; i++) {
            result(1, false);
            result(2, false);
        }
        engine.settle(now);
        return config;
    }

    // A fallback, and the only server fails.
    Config load_fallback() {
        auto config = config_of(1);
        config.services[0].care.fallback.push_back(spec_at(9));
        load_well(config);
        EXPECT_EQ(kernel.find(kWeb, server_at(9)), nullptr);
        result(1, false);
        result(1, false);
        engine.settle(now);
        EXPECT_NE(kernel.find(kWeb, server_at(9)), nullptr);
        return config;
    }

    [[nodiscard]] std::uint32_t down(int server) const {
        const auto* const found = kernel.find(kWeb, server_at(server));
        return found != nullptr ? found->down : ~0U;
    }

    FakeKernel kernel;
    Notes notes;
    Engine engine{kernel, notes};
    TimePoint now{};
};

} // namespace hg::daemon::test

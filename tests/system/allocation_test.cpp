// Every command with every allocation of it failing in its turn: the state stays what it was.
//
// By /proc/thread-self/fail-nth (Documentation/fault-injection of Linux), which only the KASAN
// kernel has. The failing call may be in the socket's own code too, so that the request or the
// answer is lost: then the change was made whole or not at all.
#include "director.h"
#include "raw_request.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <ostream>
#include <sys/mount.h>
#include <unistd.h>

namespace {

using namespace hg::test;
using hg::AttributeWriter;

constexpr const char* kFailNth = "/proc/thread-self/fail-nth";

// More than any command allocates; reaching it would mean that it loops.
constexpr int kMostAllocations = 400;

void write_file(const std::string& path, std::string_view text) {
    const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    ASSERT_GE(fd, 0) << path;
    EXPECT_EQ(write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size())) << path;
    close(fd);
}

// Makes the N-th allocation of this thread fail, once.
class FailNth {
public:
    FailNth() : fd_(open(kFailNth, O_RDWR | O_CLOEXEC)) {}

    FailNth(const FailNth&) = delete;
    FailNth& operator=(const FailNth&) = delete;

    ~FailNth() { close(fd_); }

    void arm(int n) const { put(n); }

    // Ends it; whether it struck.
    [[nodiscard]] bool disarm() const {
        std::array<char, 16> text{};
        const auto size = pread(fd_, text.data(), text.size() - 1, 0);
        put(0);
        return size > 0 && std::atoi(text.data()) == 0;
    }

private:
    // It may strike this very call, which the next then ends.
    void put(int n) const {
        const auto text = std::to_string(n);
        const auto is_written = [&] { return pwrite(fd_, text.data(), text.size(), 0) > 0; };
        EXPECT_TRUE(is_written() || is_written());
    }

    int fd_;
};

struct Step {
    int command = 0;
    Fill fill = nothing;
    std::uint16_t flags = 0;
};

struct Scenario {
    const char* name;
    std::vector<Step> steps; // the last one has the fault; those before have none
};

Fill service(const std::function<void(AttributeWriter&)>& more = nothing, std::uint16_t port = 80) {
    return [more, port](AttributeWriter& top) {
        top.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& service) {
            service.u8(HEADGATE_A_SERVICE_FAMILY, AF_INET);
            service.u8(HEADGATE_A_SERVICE_PROTOCOL, IPPROTO_TCP);
            address4(service, HEADGATE_A_SERVICE_ADDRESS, {10, 0, 0, 1});
            service.u16(HEADGATE_A_SERVICE_PORT, port);
            more(service);
        });
    };
}

Fill server(std::uint8_t last, const std::function<void(AttributeWriter&)>& more = nothing) {
    return [last, more](AttributeWriter& top) {
        top.nest(HEADGATE_A_SERVICE, service_key);
        top.nest(HEADGATE_A_SERVER, [&](AttributeWriter& server) {
            address4(server, HEADGATE_A_SERVER_ADDRESS, {10, 1, 0, last});
            more(server);
        });
    };
}

Fill scheduler(const char* name, const char* text) {
    return service([name, text](AttributeWriter& service) {
        service.text(HEADGATE_A_SERVICE_SCHEDULER, name);
        service.text(HEADGATE_A_SERVICE_NAME, text);
    });
}

void tunnel(AttributeWriter& server) { server.u8(HEADGATE_A_SERVER_MODE, HEADGATE_MODE_TUNNEL); }

Fill weight(std::uint8_t last, std::uint32_t value) {
    return server(
        last, [value](AttributeWriter& server) { server.u32(HEADGATE_A_SERVER_WEIGHT, value); });
}

// Two services and four servers are there; the generation is the fixture's.
class AllocationFailure : public testing::TestWithParam<Scenario> {
protected:
    static void SetUpTestSuite() {
        if (access(kFailNth, F_OK) != 0) {
            return;
        }
        place = std::make_unique<Place>(Place::make("allocation-test"));
        constexpr const char* kDebug = "/sys/kernel/debug";
        if (access("/sys/kernel/debug/failslab", F_OK) != 0) {
            ASSERT_EQ(mount("debugfs", kDebug, "debugfs", 0, nullptr), 0);
        }
        // Those that may wait fail too.
        write_file("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
        write_file("/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N");
        write_file("/sys/kernel/debug/fail_page_alloc/min-order", "0");
        // A fault that struck is no complaint of the kernel's.
        for (const auto* kind : {"failslab", "fail_page_alloc", "fail_usercopy"}) {
            write_file(fmt::format("/sys/kernel/debug/{}/verbose", kind), "0");
        }
    }

    static void TearDownTestSuite() { place.reset(); }

    void SetUp() override {
        if (!place) {
            GTEST_SKIP() << "this kernel has no fault injection";
        }
    }

    [[nodiscard]] static auto state(Kernel& kernel) {
        return std::tuple(must(kernel->list_services()), must(kernel->list_servers()),
                          must(kernel->settings()));
    }

    static void prepare(RawRequests& plain) {
        const auto done = [&](int command, const Fill& fill) {
            ASSERT_EQ(plain.send(command, fill), Verdict{});
        };
        done(HEADGATE_CMD_FLUSH, nothing);
        done(HEADGATE_CMD_NEW_SERVICE, scheduler("mh", "web"));
        for (std::uint8_t last = 2; last < 6; last++) {
            done(HEADGATE_CMD_NEW_SERVER, server(last));
        }
        done(HEADGATE_CMD_NEW_SERVICE, service(
                                           [](AttributeWriter& other) {
                                               other.text(HEADGATE_A_SERVICE_SCHEDULER, "wlc");
                                               other.text(HEADGATE_A_SERVICE_NAME, "other");
                                           },
                                           81));
    }

    static std::unique_ptr<Place> place;
};

std::unique_ptr<Place> AllocationFailure::place;

TEST_P(AllocationFailure, leaves_the_state_as_it_was) {
    Kernel kernel(*place);
    const auto inside = place->enter();
    RawRequests plain;
    const FailNth fail;
    int n = 1;
    int kept = 0;
    for (bool struck = true; struck; n++) {
        ASSERT_LT(n, kMostAllocations);
        prepare(plain);
        RawRequests fragile; // whose verdicts may get lost
        const auto generation = must(kernel->info()).generation;
        const auto fill_of = [&](const Step& step) {
            return [&step, generation](AttributeWriter& top) {
                step.fill(top);
                if (step.command == HEADGATE_CMD_COMMIT || step.command == HEADGATE_CMD_CHECK) {
                    top.nest(HEADGATE_A_TRANSACTION, [&](AttributeWriter& transaction) {
                        transaction.u32(HEADGATE_A_TRANSACTION_GENERATION, generation);
                        transaction.u32(HEADGATE_A_TRANSACTION_MESSAGES,
                                        static_cast<std::uint32_t>(GetParam().steps.size() - 2));
                    });
                }
            };
        };
        const auto& steps = GetParam().steps;
        for (std::size_t i = 0; i + 1 < steps.size(); i++) {
            ASSERT_TRUE(fragile.try_send(
                fragile.make(steps[i].command, fill_of(steps[i]), steps[i].flags)));
        }
        const auto request =
            fragile.make(steps.back().command, fill_of(steps.back()), steps.back().flags);
        const auto before = state(kernel);

        fail.arm(n);
        fragile.try_send(request);
        struck = fail.disarm();

        const auto after = must(kernel->info()).generation;
        if (after == generation) {
            EXPECT_EQ(state(kernel), before) << "allocation " << n;
            kept++;
        } else {
            EXPECT_EQ(after, generation + 1) << "allocation " << n;
        }
    }
    EXPECT_GT(n, 2) << "no allocation failed";
    EXPECT_GT(kept, 0);
}

class BlockAllocationFailure : public AllocationFailure {};

// Of 64 new servers one begins a block of counters, however many places were left before.
TEST_F(BlockAllocationFailure, leaves_the_state_as_it_was) {
    Kernel kernel(*place);
    const auto inside = place->enter();
    RawRequests plain;
    prepare(plain);
    const FailNth fail;
    for (std::uint8_t last = 100; last < 164; last++) {
        const auto before = must(kernel->list_servers());
        const auto generation = must(kernel->info()).generation;
        for (int n = 1; must(kernel->info()).generation == generation; n++) {
            ASSERT_LT(n, kMostAllocations);
            RawRequests fragile; // whose verdict may get lost
            const auto request = fragile.make(HEADGATE_CMD_NEW_SERVER, server(last));
            fail.arm(n);
            fragile.try_send(request);
            static_cast<void>(fail.disarm());
        }
        EXPECT_EQ(must(kernel->list_servers()).size(), before.size() + 1);
    }
}

const Step kBegin{.command = HEADGATE_CMD_BEGIN};
const Step kCommit{.command = HEADGATE_CMD_COMMIT};
const Step kCheck{.command = HEADGATE_CMD_CHECK};

INSTANTIATE_TEST_SUITE_P(
    Commands, AllocationFailure,
    testing::Values(
        Scenario{"get_info", {{HEADGATE_CMD_GET_INFO}}},
        Scenario{"get_settings", {{HEADGATE_CMD_GET_SETTINGS}}},
        Scenario{"set_settings",
                 {{HEADGATE_CMD_SET_SETTINGS,
                   [](AttributeWriter& top) {
                       top.nest(HEADGATE_A_SETTINGS, [](AttributeWriter& settings) {
                           settings.u32(HEADGATE_A_SETTINGS_CONN_LIMIT, 1000);
                       });
                   }}}},
        Scenario{"get_service", {{HEADGATE_CMD_GET_SERVICE, service()}}},
        Scenario{"list_services", {{.command = HEADGATE_CMD_GET_SERVICE, .flags = NLM_F_DUMP}}},
        Scenario{"new_service",
                 {{HEADGATE_CMD_NEW_SERVICE,
                   service([](AttributeWriter& s) { s.text(HEADGATE_A_SERVICE_SCHEDULER, "wrr"); },
                           82)}}},
        Scenario{"new_service_with_a_name",
                 {{HEADGATE_CMD_NEW_SERVICE, service(
                                                 [](AttributeWriter& s) {
                                                     s.text(HEADGATE_A_SERVICE_SCHEDULER, "sh");
                                                     s.text(HEADGATE_A_SERVICE_NAME, "third");
                                                 },
                                                 82)}}},
        Scenario{"set_service", {{HEADGATE_CMD_SET_SERVICE, scheduler("wlc", "web2")}}},
        Scenario{"del_service", {{HEADGATE_CMD_DEL_SERVICE, service()}}},
        Scenario{"flush", {{HEADGATE_CMD_FLUSH}}},
        Scenario{"get_server", {{HEADGATE_CMD_GET_SERVER, server(2)}}},
        Scenario{"list_servers", {{.command = HEADGATE_CMD_GET_SERVER, .flags = NLM_F_DUMP}}},
        Scenario{"new_server", {{HEADGATE_CMD_NEW_SERVER, server(9)}}},
        Scenario{"new_server_of_mode_tunnel", {{HEADGATE_CMD_NEW_SERVER, server(9, tunnel)}}},
        Scenario{"set_server_in_place",
                 {{HEADGATE_CMD_SET_SERVER,
                   server(2, [](AttributeWriter& s) { s.u32(HEADGATE_A_SERVER_FACTOR, 500); })}}},
        Scenario{"set_server_to_another_layout", {{HEADGATE_CMD_SET_SERVER, weight(2, 7)}}},
        Scenario{"set_server_to_another_mode", {{HEADGATE_CMD_SET_SERVER, server(2, tunnel)}}},
        Scenario{"del_server", {{HEADGATE_CMD_DEL_SERVER, server(2)}}},
        Scenario{"reset_server", {{HEADGATE_CMD_RESET_SERVER, server(2)}}},
        Scenario{"list_conns", {{.command = HEADGATE_CMD_GET_CONN, .flags = NLM_F_DUMP}}},
        Scenario{"count_conns", {{.command = HEADGATE_CMD_COUNT_CONN, .flags = NLM_F_DUMP}}},
        Scenario{"kill_conns",
                 {{HEADGATE_CMD_KILL_CONN,
                   [](AttributeWriter& top) {
                       top.nest(HEADGATE_A_FILTER, [](AttributeWriter& filter) {
                           filter.u16(HEADGATE_A_FILTER_SERVICE_PORT, 80);
                       });
                   }}}},
        Scenario{"set_service_with_affinity",
                 {{HEADGATE_CMD_SET_SERVICE, service([](AttributeWriter& s) {
                       s.nest(HEADGATE_A_SERVICE_AFFINITY, [](AttributeWriter& affinity) {
                           affinity.u32(HEADGATE_A_AFFINITY_CONF_TIMEOUT, 300000);
                           affinity.u8(HEADGATE_A_AFFINITY_CONF_PREFIX, 24);
                       });
                   })}}},
        Scenario{"list_affinity", {{.command = HEADGATE_CMD_GET_AFFINITY, .flags = NLM_F_DUMP}}},
        Scenario{"flush_affinity",
                 {{HEADGATE_CMD_FLUSH_AFFINITY,
                   [](AttributeWriter& top) {
                       top.nest(HEADGATE_A_FILTER, [](AttributeWriter& filter) {
                           filter.u16(HEADGATE_A_FILTER_SERVICE_PORT, 80);
                       });
                   }}}},
        Scenario{"sweep", {{HEADGATE_CMD_SWEEP}}}, Scenario{"begin", {{HEADGATE_CMD_BEGIN}}},
        Scenario{"abort", {kBegin, {HEADGATE_CMD_NEW_SERVER, server(9)}, {HEADGATE_CMD_ABORT}}},
        Scenario{"staged_server", {kBegin, {HEADGATE_CMD_NEW_SERVER, server(9)}}},
        Scenario{"staged_flush", {kBegin, {HEADGATE_CMD_FLUSH}}},
        Scenario{"check",
                 {kBegin,
                  {HEADGATE_CMD_SET_SERVICE, scheduler("wlc", "web2")},
                  {HEADGATE_CMD_NEW_SERVER, server(9, tunnel)},
                  kCheck}},
        Scenario{"commit",
                 {kBegin,
                  {HEADGATE_CMD_SET_SERVICE, scheduler("sh", "web2")},
                  {HEADGATE_CMD_NEW_SERVER, server(9, tunnel)},
                  {HEADGATE_CMD_SET_SERVER, weight(3, 5)},
                  {HEADGATE_CMD_SET_SERVER, server(4, tunnel)},
                  {HEADGATE_CMD_DEL_SERVER, server(5)},
                  {HEADGATE_CMD_NEW_SERVICE, service(
                                                 [](AttributeWriter& s) {
                                                     s.text(HEADGATE_A_SERVICE_SCHEDULER, "wrr");
                                                     s.text(HEADGATE_A_SERVICE_NAME, "web");
                                                 },
                                                 82)},
                  kCommit}}),
    [](const testing::TestParamInfo<Scenario>& scenario) { return scenario.param.name; });

} // namespace

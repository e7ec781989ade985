// What holds for any two configurations, tried on many that were thrown with dice.
#include "change.h"
#include "diff.h"
#include "diff_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>

namespace {

constexpr unsigned kRounds = 3000;

// Small worlds, so that two of them have much in common.
class Dice {
public:
    explicit Dice(unsigned seed) : engine_(seed) {}

    unsigned below(unsigned limit) {
        return std::uniform_int_distribution<unsigned>(0, limit - 1)(engine_);
    }

    hg::Config config() {
        hg::Config out;
        std::set<std::string> names;
        for (unsigned i = 0; i < 6; ++i) {
            if (below(3) == 0) {
                continue;
            }
            auto one = pool(i);
            if (!names.insert(one.service.name).second) {
                one.service.name.clear();
            }
            out.services.push_back(std::move(one));
        }
        std::shuffle(out.services.begin(), out.services.end(), engine_);
        return out;
    }

private:
    hg::PoolConfig pool(unsigned i) {
        hg::PoolConfig out;
        out.service.key =
            *hg::parse_service_key(i % 2 == 0 ? fmt::format("tcp://192.0.2.{}:80", i + 1)
                                              : fmt::format("udp://[2001:db8::{}]:53", i));
        out.service.scheduler = hg::config_schedulers()[below(6)];
        out.service.hash_port = below(2) == 0;
        out.service.timeouts[below(2)] = std::chrono::seconds(below(3));
        out.service.slow_start = std::chrono::seconds(below(2));
        out.service.on_down = static_cast<hg::OnDown>(below(3));
        if (below(2) == 0) {
            out.service.affinity = {.timeout = std::chrono::seconds(1 + below(2)),
                                    .prefix = static_cast<std::uint8_t>(below(2) * 24),
                                    .drained = static_cast<hg::Drained>(below(2))};
        }
        out.service.name = below(4) == 0 ? "" : fmt::format("n{}", below(6));
        for (unsigned j = 0; j < 5; ++j) {
            if (below(2) == 0) {
                out.servers.push_back(server(out.service.key, j));
            }
        }
        return out;
    }

    hg::ServerSpec server(const hg::ServiceKey& service, unsigned j) {
        hg::ServerSpec out;
        const auto is_v4 = service.endpoint.address.family() == hg::Family::V4;
        out.endpoint.address = *hg::parse_address(is_v4 ? fmt::format("198.51.100.{}", j + 1)
                                                        : fmt::format("2001:db8:1::{}", j + 1));
        out.endpoint.port = service.endpoint.port;
        out.mode = static_cast<hg::Mode>(below(4));
        out.weight = below(3);
        out.admin_state = static_cast<hg::AdminState>(below(3));
        out.upper = below(2) * 10;
        out.lower = below(2) * out.upper / 2;
        return out;
    }

    std::mt19937 engine_;
};

// The module as far as the admin's fields go; it fails where a transaction would be refused.
class Module {
public:
    explicit Module(const hg::Config& config) {
        for (const auto& pool : config.services) {
            (*this)(hg::AddService{pool.service});
            for (const auto& server : pool.servers) {
                (*this)(hg::AddServer{pool.service.key, server});
            }
        }
    }

    void operator()(const hg::AddService& op) {
        EXPECT_TRUE(pools_.emplace(op.service.key, Pool{op.service, {}}).second);
    }

    void operator()(const hg::SetService& op) {
        auto& service = pools_.at(op.before.key).service;
        EXPECT_EQ(service, op.before);
        service = hg::changed(service, op.change);
    }

    void operator()(const hg::DelService& op) { EXPECT_EQ(pools_.erase(op.service.key), 1U); }

    void operator()(const hg::AddServer& op) {
        auto& servers = pools_.at(op.service).servers;
        EXPECT_TRUE(servers.emplace(op.server.endpoint, op.server).second);
    }

    void operator()(const hg::SetServer& op) {
        auto& server = pools_.at(op.service).servers.at(op.before.endpoint);
        EXPECT_EQ(server, op.before);
        server = hg::changed(server, op.change);
    }

    void operator()(const hg::DelServer& op) {
        EXPECT_EQ(pools_.at(op.service).servers.erase(op.server.endpoint), 1U);
    }

    void operator()(const hg::ResetServer& /*op*/) { FAIL() << "nobody manages these servers"; }

    [[nodiscard]] hg::Running running() const {
        hg::Running out;
        for (const auto& [key, pool] : pools_) {
            hg::Service service;
            service.spec = pool.service;
            out.services.push_back(service);
            for (const auto& [endpoint, spec] : pool.servers) {
                hg::Server server;
                server.service = key;
                server.spec = spec;
                out.servers.push_back(server);
            }
        }
        return out;
    }

private:
    struct Pool {
        hg::ServiceSpec service;
        std::map<hg::Endpoint, hg::ServerSpec> servers;
    };

    std::map<hg::ServiceKey, Pool> pools_;
};

// "service tcp://192.0.2.1:80", "server tcp://192.0.2.1:80 198.51.100.1:80"
std::string object_of(const hg::Op& op) {
    std::string line;
    hg::append_op(line, op);
    const auto words =
        line.starts_with("+ server") || line.starts_with("~ server") || line.starts_with("- server")
            ? 4
            : 3;
    std::size_t end = 0;
    for (int i = 0; i < words && end != std::string::npos; ++i) {
        end = line.find(' ', end + 1);
    }
    return line.substr(2, end == std::string::npos ? end : end - 2);
}

TEST(DiffProperty, what_is_saved_reads_back_to_no_change) {
    Dice dice(1);
    for (unsigned i = 0; i < kRounds; ++i) {
        const auto state = Module(dice.config()).running();
        const auto text = hg::config_text(hg::config_of(state));
        const auto read = hg::parse_config(text);
        ASSERT_TRUE(read) << read.error().render("f") << text;
        ASSERT_EQ(hg::diff(*read, state), hg::Difference{}) << text;
        ASSERT_EQ(*read, hg::config_of(state)) << text;
    }
}

TEST(DiffProperty, what_is_done_makes_what_was_desired) {
    Dice dice(2);
    for (unsigned i = 0; i < kRounds; ++i) {
        Module module(dice.config());
        const auto desired = dice.config();
        const auto difference = hg::diff(desired, module.running());
        for (const auto& op : difference) {
            std::visit(module, op);
        }
        ASSERT_FALSE(HasFailure()) << hg::diff_text(difference);
        ASSERT_EQ(hg::diff(desired, module.running()), hg::Difference{});
    }
}

TEST(DiffProperty, no_object_is_touched_twice) {
    Dice dice(3);
    for (unsigned i = 0; i < kRounds; ++i) {
        const auto difference = hg::diff(dice.config(), Module(dice.config()).running());
        std::set<std::string> touched;
        for (const auto& op : difference) {
            ASSERT_TRUE(touched.insert(object_of(op)).second) << hg::diff_text(difference);
        }
    }
}

TEST(DiffProperty, what_goes_is_first) {
    Dice dice(4);
    for (unsigned i = 0; i < kRounds; ++i) {
        const auto difference = hg::diff(dice.config(), Module(dice.config()).running());
        ASSERT_TRUE(std::is_partitioned(difference.begin(), difference.end(), [](const hg::Op& op) {
            return std::holds_alternative<hg::DelService>(op) ||
                   std::holds_alternative<hg::DelServer>(op);
        })) << hg::diff_text(difference);
    }
}

} // namespace

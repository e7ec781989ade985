// What holds for any two configurations, tried on many that were thrown with dice.
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
        return out;
    }

    std::mt19937 engine_;
};

// The module as far as the admin's fields go; it fails where the module would refuse.
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
        claim(op.service.name);
        EXPECT_TRUE(pools_.emplace(op.service.key, Pool{op.service, {}}).second);
    }

    void operator()(const hg::SetService& op) {
        auto& service = pools_.at(op.before.key).service;
        EXPECT_EQ(service, op.before);
        if (op.change.name) {
            names_.erase(service.name);
            claim(*op.change.name);
            service.name = *op.change.name;
        }
        service.scheduler = op.change.scheduler.value_or(service.scheduler);
        service.hash_port = op.change.hash_port.value_or(service.hash_port);
    }

    void operator()(const hg::DelService& op) {
        names_.erase(op.service.name);
        EXPECT_EQ(pools_.erase(op.service.key), 1U);
    }

    void operator()(const hg::AddServer& op) {
        auto& servers = pools_.at(op.service).servers;
        EXPECT_TRUE(servers.emplace(op.server.endpoint, op.server).second);
    }

    void operator()(const hg::SetServer& op) {
        auto& server = pools_.at(op.service).servers.at(op.before.endpoint);
        EXPECT_EQ(server, op.before);
        server.mode = op.change.mode.value_or(server.mode);
        server.tunnel = op.change.tunnel.value_or(server.tunnel);
        server.weight = op.change.weight.value_or(server.weight);
        server.admin_state = op.change.admin_state.value_or(server.admin_state);
    }

    void operator()(const hg::DelServer& op) {
        EXPECT_EQ(pools_.at(op.service).servers.erase(op.server.endpoint), 1U);
    }

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

    void claim(const std::string& name) {
        EXPECT_TRUE(name.empty() || names_.insert(name).second) << name;
    }

    std::map<hg::ServiceKey, Pool> pools_;
    std::set<std::string> names_;
};

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
    unsigned applied = 0;
    for (unsigned i = 0; i < kRounds; ++i) {
        Module module(dice.config());
        const auto desired = dice.config();
        const auto difference = hg::diff(desired, module.running());
        if (!difference.obstacles.empty()) {
            continue; // a name that another keeps
        }
        for (const auto& op : difference.ops) {
            std::visit(module, op);
        }
        ASSERT_FALSE(HasFailure()) << hg::diff_text(difference);
        ASSERT_EQ(hg::diff(desired, module.running()), hg::Difference{});
        ++applied;
    }
    EXPECT_GT(applied, kRounds / 2);
}

TEST(DiffProperty, no_object_is_touched_twice_but_for_a_step_aside) {
    Dice dice(3);
    for (unsigned i = 0; i < kRounds; ++i) {
        const auto difference = hg::diff(dice.config(), Module(dice.config()).running());
        std::map<std::string, int> services;
        for (const auto& op : difference.ops) {
            if (const auto* const set = std::get_if<hg::SetService>(&op)) {
                const bool is_aside =
                    set->change.name && set->change.name->starts_with("headgate-rename-");
                const bool is_back = set->before.name.starts_with("headgate-rename-");
                services[set->before.key.text()] += is_aside || is_back ? 0 : 1;
            }
        }
        for (const auto& [key, count] : services) {
            // A rename and the rest may be two steps only when the name is blocked.
            ASSERT_LE(count, 1) << key << "\n" << hg::diff_text(difference);
        }
    }
}

} // namespace

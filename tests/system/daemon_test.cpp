// headgated with real servers: failures are masked in time, and everything else stays as it is.
#include "cluster.h"
#include "director.h"
#include "eventually.h"

#include <csignal>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using testing::HasSubstr;

constexpr const char* kFolder = "/run/daemon-test";

// A server's nginx: it hangs while this lives.
class Hung {
public:
    explicit Hung(const std::string& host) {
        std::ifstream("/run/cluster/" + host + ".pid") >> pid_;
        kill(pid_, SIGSTOP);
    }

    Hung(const Hung&) = delete;
    Hung& operator=(const Hung&) = delete;

    ~Hung() { kill(pid_, SIGCONT); }

private:
    pid_t pid_ = 0;
};

// Nothing of a server's network gets through while this lives.
class Partitioned {
public:
    explicit Partitioned(const std::string& host) : place_(Place::existing(host)) {
        rule("add table inet cut");
        rule("add chain inet cut in { type filter hook input priority -350 ; policy drop ; }");
    }

    Partitioned(const Partitioned&) = delete;
    Partitioned& operator=(const Partitioned&) = delete;

    ~Partitioned() { rule("delete table inet cut"); }

private:
    void rule(const std::string& text) const {
        if (place_.run({"nft", text}).code != 0) {
            throw std::runtime_error("nft " + text);
        }
    }

    Place place_;
};

class Headgated : public testing::Test {
protected:
    Headgated() { std::filesystem::create_directories(kFolder); }

    ~Headgated() override { std::filesystem::remove_all(kFolder); }

    // One service of the way with its servers, checked by the second.
    void configure(const Way& way, std::string_view more = {}) const {
        std::ofstream file(config());
        file << "services:\n  - name: web\n    listen: \"tcp://" << vip_of(way) << "\"\n"
             << "    scheduler: rr\n"
             << "    check: { type: http, path: /healthz, interval: 1s, timeout: 500ms,"
                " fast_interval: 200ms, fall: 2, rise: 1 }\n"
             << more << "    servers:\n";
        for (int i = 1; i <= kServers; i++) {
            file << fmt::format("      - {{ address: \"{}\", forward: {} }}\n",
                                hg::Endpoint{way.server(i), 80}.text(), name(way.mode));
        }
    }

    static std::string vip_of(const Way& way) { return hg::Endpoint{way.vip(), 80}.text(); }

    static std::string config() { return fmt::format("{}/headgate.yaml", kFolder); }

    static std::vector<std::string> command() {
        return {"headgated", "--config", config(), "--socket", fmt::format("{}/sock", kFolder)};
    }

    [[nodiscard]] Outcome ask(std::string_view line) const {
        return lab.director.run(words(fmt::format("headgate {} --socket {}/sock", line, kFolder)));
    }

    void start(const Way& way, std::string_view more = {}) {
        configure(way, more);
        daemon = lab.director.start(command());
        ASSERT_TRUE(eventually([&] { return up(way) == kServers; }));
    }

    // Of the way's servers, those that are not masked.
    [[nodiscard]] int up(const Way& way) const {
        const auto servers = lab.kernel->list_servers();
        return servers ? static_cast<int>(std::count_if(servers->begin(), servers->end(),
                                                        [&](const auto& each) {
                                                            return each.down == 0 &&
                                                                   each.service.endpoint.address ==
                                                                       way.vip();
                                                        }))
                       : -1;
    }

    [[nodiscard]] std::uint32_t generation() const { return must(lab.kernel->info()).generation; }

    Cluster& lab = Cluster::shared();
    Background daemon;
};

class HeadgatedWays : public Headgated, public testing::WithParamInterface<Way> {};

TEST_P(HeadgatedWays, masks_a_server_that_hangs_and_brings_it_back) {
    const auto& way = GetParam();
    start(way);
    std::optional<Hung> hung(way.host(1));
    const auto failed = Clock::now();
    ASSERT_TRUE(eventually([&] { return up(way) == kServers - 1; }));
    EXPECT_LT(Clock::now() - failed, sized(2500ms, 10000ms));
    const auto status = ask("-j status");
    EXPECT_EQ(status.code, 3);
    EXPECT_THAT(status.out, HasSubstr("no answer in 500ms"));
    // Nobody is sent there any more.
    for (int i = 0; i < 2 * kServers; i++) {
        const auto got = lab.client.run(words("curl -gsS -m 5 -o /dev/null " + way.url("healthz")));
        EXPECT_EQ(got.code, 0) << got.err;
    }
    hung.reset();
    EXPECT_TRUE(eventually([&] { return up(way) == kServers; }));
    EXPECT_TRUE(eventually([&] { return ask("status").code == 0; }));
}

INSTANTIATE_TEST_SUITE_P(Cluster, HeadgatedWays, testing::ValuesIn(kWays), WayName());

const Way kNat{hg::Mode::Nat, hg::Family::V4};

TEST_F(Headgated, masks_a_server_behind_a_broken_network) {
    start(kNat);
    const Partitioned cut(kNat.host(2));
    EXPECT_TRUE(eventually([&] { return up(kNat) == kServers - 1; }));
}

TEST_F(Headgated, does_not_empty_the_pool_when_all_checks_fail) {
    start(kNat, "    panic_threshold: 50%\n");
    const Partitioned one(kNat.host(1));
    const Partitioned two(kNat.host(2));
    const Partitioned three(kNat.host(3));
    ASSERT_TRUE(eventually([&] {
        const auto status = nlohmann::json::parse(ask("-j status").out, nullptr, false);
        return status.is_object() && status["services"][0]["panic"] == true;
    }));
    EXPECT_EQ(up(kNat), kServers);
}

TEST_F(Headgated, leaves_the_kernel_as_it_is_when_it_is_killed_and_started_again) {
    start(kNat);
    const auto before = generation();
    for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
        if (entry.path().extension() == ".lock") {
            pid_t pid = 0;
            std::ifstream(entry.path()) >> pid;
            ASSERT_GT(pid, 1);
            kill(pid, SIGKILL);
        }
    }
    daemon = {};
    EXPECT_EQ(up(kNat), kServers);
    EXPECT_EQ(generation(), before);
    daemon = lab.director.start(command());
    ASSERT_TRUE(eventually([&] { return ask("status").code == 0; }));
    EXPECT_EQ(generation(), before);
}

TEST_F(Headgated, tells_the_parsers_text_when_a_reload_is_refused) {
    start(kNat);
    const auto before = generation();
    std::ofstream(config()) << "services:\n  - listen: tcp://10.1.0.100:80\n    sheduler: rr\n";
    const auto refused = ask("reload");
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err, HasSubstr("headgate.yaml:3:5: unknown key \"sheduler\""));
    EXPECT_EQ(generation(), before);
    EXPECT_EQ(up(kNat), kServers);
}

TEST_F(Headgated, takes_a_new_file_with_a_reload) {
    start(kNat);
    configure(kNat, "    panic_threshold: 20%\n");
    EXPECT_EQ(ask("reload").code, 0);
    EXPECT_EQ(up(kNat), kServers); // with their health
    std::ofstream(config()) << "services: []\n";
    EXPECT_EQ(ask("reload").code, 0);
    EXPECT_EQ(must(lab.kernel->info()).services, 0U);
}

TEST_F(Headgated, is_the_only_one_in_its_namespace) {
    start(kNat);
    const auto second = lab.director.run(command());
    EXPECT_EQ(second.code, 1);
    EXPECT_THAT(second.err, HasSubstr("another headgated, pid "));
    EXPECT_THAT(second.err, HasSubstr("has this network namespace"));
}

TEST_F(Headgated, is_said_to_be_gone_when_it_is) {
    start(kNat);
    EXPECT_THAT(lab.director.run(words("headgate info")).out, HasSubstr("kept by headgated"));
    daemon = {};
    EXPECT_TRUE(eventually(
        [&] {
            const auto shown = lab.director.run(words("headgate show")).out;
            return shown.find("daemon gone") != std::string::npos;
        },
        30s));
}

TEST_F(Headgated, says_how_soon_a_failure_is_seen) {
    configure(kNat);
    const auto checked = lab.director.run({"headgated", "--config", config(), "--check-config"});
    EXPECT_EQ(checked.code, 0) << checked.err;
    EXPECT_EQ(checked.out, "web: http check, a failure is seen within 2300 ms\n");
}

} // namespace

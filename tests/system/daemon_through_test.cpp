// Checks with "through: service": the way that a client's packet goes to each server.
#include "director.h"
#include "eventually.h"
#include "headgated.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

// The director where the VIP is: 10.2.0.100 is at 10.2.0.1, fd00:10:2:0::100 at fd00:10:2:0::1.
std::string director_of(const Way& way) {
    auto out = way.vip().text();
    return out.substr(0, out.size() - std::string_view("00").size());
}

bool needs_accept_local(const Way& way) {
    return way.mode != hg::Mode::Nat && way.family == hg::Family::V4;
}

std::string interface_of(const Way& way) {
    return way.mode == hg::Mode::Direct ? "dr" : way.mode == hg::Mode::Tunnel ? "tund" : "natc";
}

class ThroughService : public Headgated {
protected:
    ThroughService() { set_marks(0x10000, 0x1ffff); }

    void TearDown() override {
        set_marks(before.check_mark_first, before.check_mark_last);
        for (const auto* const interface : {"dr", "tund"}) {
            accept_local(interface, "0");
        }
    }

    void set_marks(std::uint32_t first, std::uint32_t last) {
        hg::SettingsChange change;
        change.check_mark_first = first;
        change.check_mark_last = last;
        must(lab.kernel->set_settings(change));
    }

    void accept_local(const std::string& interface, std::string_view value) const {
        lab.director.sysctl(fmt::format("net/ipv4/conf/{}/accept_local", interface), value);
    }

    static void configure_through(const Way& way, std::string_view source) {
        const auto from = source.empty() ? "" : fmt::format(", source: \"{}\"", source);
        write("services:\n" + service(way, hg::Protocol::Tcp, 80,
                                      "type: http, path: /healthz, through: service" + from));
    }

    // What it says when it does not start.
    [[nodiscard]] std::string refusal() const {
        const auto ended = lab.director.run(command());
        EXPECT_EQ(ended.code, 1);
        return ended.err;
    }

    hg::Settings before = must(lab.kernel->settings());
};

class ThroughServiceWays : public ThroughService, public testing::WithParamInterface<Way> {};

TEST_P(ThroughServiceWays, masks_a_server_that_hangs_and_brings_it_back) {
    const auto& way = GetParam();
    if (needs_accept_local(way)) {
        accept_local(interface_of(way), "1");
    }
    configure_through(way, way.mode == hg::Mode::Nat ? "" : director_of(way));
    start();
    ASSERT_TRUE(eventually([&] { return up() == kServers; }, 30s)) << status().dump(1);
    {
        const Hung hung(way.host(2));
        ASSERT_TRUE(eventually([&] { return up() == kServers - 1; }, 30s));
        for (const auto& server : must(lab.kernel->list_servers())) {
            EXPECT_EQ(server.down == 0, server.spec.endpoint.address != way.server(2));
        }
    }
    EXPECT_TRUE(eventually([&] { return up() == kServers; }, 30s));
    for (const auto& server : must(lab.kernel->list_servers())) {
        EXPECT_EQ(server.counters, hg::Counters{}); // checks are counted nowhere
    }
}

INSTANTIATE_TEST_SUITE_P(Cluster, ThroughServiceWays, testing::ValuesIn(kWays), WayName());

const Way kDirect{hg::Mode::Direct, hg::Family::V4};

// A server without the VIP answers at its own address, and no client by way of the VIP.
TEST_F(ThroughService, sees_what_clients_see) {
    accept_local("dr", "1");
    configure_through(kDirect, director_of(kDirect));
    start();
    ASSERT_TRUE(eventually([&] { return up() == kServers; }, 30s)) << status().dump(1);
    const auto server = Place::existing(kDirect.host(1));
    server.ip("address del 10.2.0.100/32 dev lo\n");
    EXPECT_TRUE(eventually([&] { return up() == kServers - 1; }, 30s));
    const auto straight = lab.director.run(words(
        fmt::format("curl -gsS -m 5 -o /dev/null http://{}/healthz", kDirect.server(1).text())));
    EXPECT_EQ(straight.code, 0) << straight.err;
    server.ip("address add 10.2.0.100/32 dev lo\n");
    EXPECT_TRUE(eventually([&] { return up() == kServers; }, 30s));
}

TEST_F(ThroughService, is_refused_without_accept_local) {
    configure_through(kDirect, director_of(kDirect));
    EXPECT_THAT(refusal(), AllOf(HasSubstr("accept_local=1, where they come in"), HasSubstr("dr")));
    EXPECT_EQ(must(lab.kernel->info()).services, 0U);
}

TEST_F(ThroughService, is_refused_without_a_source) {
    accept_local("dr", "1");
    configure_through(kDirect, "");
    EXPECT_THAT(refusal(), HasSubstr("write \"source: ADDRESS\" into the check"));
    configure_through(kDirect, kDirect.vip().text());
    EXPECT_THAT(refusal(), HasSubstr("its source 10.2.0.100 is the VIP of "));
}

TEST_F(ThroughService, is_refused_without_check_marks) {
    const Way nat{hg::Mode::Nat, hg::Family::V4};
    start(nat);
    set_marks(0, 0);
    configure_through(nat, "");
    const auto refused = ask("reload");
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err, HasSubstr("headgate settings set check_mark_first=0x10000 "
                                       "check_mark_last=0x1ffff"));
    EXPECT_EQ(up(), kServers); // by the file before
    set_marks(0x10000, 0x1ffff);
    EXPECT_EQ(ask("reload").code, 0);
    EXPECT_TRUE(eventually([&] { return up() == kServers; }, 30s));
}

} // namespace

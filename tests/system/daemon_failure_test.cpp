// Servers that fail while clients come: how soon nobody is sent there any more, and that nobody
// else notices.
#include "headgated.h"
#include "request_stream.h"

#include "eventually.h"

#include <functional>
#include <gmock/gmock.h>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using testing::HasSubstr;

struct Failure {
    const char* name;
    Way way;
    std::function<std::unique_ptr<Trouble>(const std::string&)> happen;
    const char* reason; // of the failed check
};

template <class Kind> std::unique_ptr<Trouble> of(const std::string& host) {
    return std::make_unique<Kind>(host);
}

std::unique_ptr<Trouble> wrong(const std::string& host) {
    return std::make_unique<Odd>(host, "wrong");
}

std::unique_ptr<Trouble> slow(const std::string& host) {
    return std::make_unique<Odd>(host, "slow");
}

class HeadgatedFailures : public Headgated, public testing::WithParamInterface<Failure> {
protected:
    const Way& way = GetParam().way;
    const std::string failed = way.server(1).text();

    // How long after FROM clients were sent to the server that failed; others have to be served.
    [[nodiscard]] Clock::duration judge(const std::vector<Request>& requests,
                                        Clock::time_point from) const {
        Clock::duration last{};
        for (const auto& each : requests) {
            if (!each.servers.contains(failed)) {
                EXPECT_TRUE(each.ok) << each.end;
            } else if (each.begun > from) {
                last = std::max(last, each.begun - from);
            }
        }
        return last;
    }

    [[nodiscard]] static std::string reason() {
        return status()["services"][0]["servers"][0]["check"]["reason"];
    }
};

TEST_P(HeadgatedFailures, are_masked_in_time_and_only_their_clients_notice) {
    start(way);
    RequestStream stream(lab.client, lab.director, {way.vip(), 80}, sized(20ms, 200ms));
    ASSERT_TRUE(eventually([&] { return stream.begun() > 30; }));
    const auto since = Clock::now();
    auto fault = GetParam().happen(way.host(1));
    ASSERT_TRUE(eventually([&] { return up() == kServers - 1; }, 30s));
    EXPECT_THAT(reason(), HasSubstr(GetParam().reason));
    const auto masked = stream.begun();
    ASSERT_TRUE(eventually([&] { return stream.begun() > masked + 50; }, 30s));
    const auto last = judge(stream.finish(), since);
    EXPECT_GT(last, Clock::duration::zero()) << "nobody came to the server that failed";
    EXPECT_LT(last, sized(2500ms, 20000ms));
    RecordProperty("last_ms", std::to_string(last / 1ms));
    fault.reset();
    EXPECT_TRUE(eventually([&] { return up() == kServers; }, 30s));
}

const Way kNat{hg::Mode::Nat, hg::Family::V4};
const Way kNat6{hg::Mode::Nat, hg::Family::V6};
const Way kDirect{hg::Mode::Direct, hg::Family::V4};
const Way kTunnel{hg::Mode::Tunnel, hg::Family::V4};

INSTANTIATE_TEST_SUITE_P(
    Cluster, HeadgatedFailures,
    testing::Values(Failure{"killed", kNat, of<Killed>, "refused"},
                    Failure{"killed_direct", kDirect, of<Killed>, "refused"},
                    Failure{"hung", kNat, of<Hung>, "no answer in"},
                    Failure{"hung_IPv6", kNat6, of<Hung>, "no answer in"},
                    Failure{"hung_direct", kDirect, of<Hung>, "no answer in"},
                    Failure{"hung_tunnel", kTunnel, of<Hung>, "no answer in"},
                    Failure{"slow", kNat, slow, "no answer in"},
                    Failure{"wrong", kNat, wrong, "body"},
                    Failure{"unplugged", kNat, of<Unplugged>, ""},
                    Failure{"unplugged_direct", kDirect, of<Unplugged>, ""},
                    Failure{"partitioned", kNat, of<Partitioned>, "no answer in"},
                    Failure{"partitioned_tunnel", kTunnel, of<Partitioned>, "no answer in"}),
    [](const auto& test) { return std::string(test.param.name); });

// Each time it is well for one check, of the twenty in a row that it would have to be.
TEST_F(Headgated, keeps_a_flapping_server_masked_until_it_is_well) {
    const auto is_ok = [] { return status()["services"][0]["servers"][0]["check"]["ok"] == true; };
    auto text = "services:\n" + service(kNat, hg::Protocol::Tcp, 80, "type: http, path: /healthz");
    text.replace(text.find("rise: 1"), 7, "rise: 20");
    write(text);
    start();
    ASSERT_TRUE(eventually([&] { return up() == kServers; }, 30s));
    for (int i = 0; i < 3; i++) {
        {
            const Hung hung(kNat.host(1));
            ASSERT_TRUE(eventually([&] { return up() == kServers - 1 && !is_ok(); }, 30s));
        }
        ASSERT_TRUE(eventually(is_ok, 30s));
        EXPECT_EQ(up(), kServers - 1);
    }
    EXPECT_TRUE(eventually([&] { return up() == kServers; }, 60s));
}

} // namespace

// The ceiling that all namespaces of other users share: clients make the kernel allocate conns and
// affinity entries, which are charged to nobody.
#include "affinity.h"

#include "eventually.h"

#include <fstream>
#include <gmock/gmock.h>

namespace {

using namespace hg::test;
using hg::Mode;
using hg::Protocol;

constexpr const char* kCeiling = "/sys/module/headgate/parameters/userns_conns";

std::uint32_t ceiling() {
    std::uint32_t out = 0;
    std::ifstream(kCeiling) >> out;
    return out;
}

void set_ceiling(std::uint32_t value) { std::ofstream(kCeiling) << value; }

// Two directors that belong to other users, with nothing open between them.
class SharedLimit : public testing::Test {
protected:
    ~SharedLimit() override { set_ceiling(before_); }

    void serve(TwoWires& lab, const hg::AffinitySpec& affinity = {}) {
        const hg::ServiceKey key{Protocol::Udp, {plan.vip, 80}};
        must(lab.director.client().add_service(
            {.key = key, .scheduler = "rr", .affinity = affinity}));
        lab.director.add_server(key, {plan.server, 0}, Mode::Nat);
    }

    // Does a new conn come through? It is one that would not give way to others.
    bool opens(TwoWires& lab, std::uint16_t port, const char* client = "10.1.0.2") {
        const Flow flow{{address(client), port}, {plan.vip, 80}, {plan.server, 80}};
        const auto refused = lab.director.dropped(HEADGATE_DROP_LIMIT);
        lab.client.send(flow.udp());
        lab.client.send(flow.udp());
        EXPECT_TRUE(eventually([&] {
            const auto dropped = lab.director.dropped(HEADGATE_DROP_LIMIT) - refused;
            // Room may come between the two.
            return is_assured(lab, flow) || dropped == (is_open(lab, flow) ? 1 : 2);
        }));
        if (is_open(lab, flow) && !is_assured(lab, flow)) {
            lab.client.send(flow.udp());
            EXPECT_TRUE(eventually([&] { return is_assured(lab, flow); }));
        }
        return is_open(lab, flow);
    }

    static bool is_open(TwoWires& lab, const Flow& flow) {
        return lab.director.conn_of(flow.client).has_value();
    }

    static bool is_assured(TwoWires& lab, const Flow& flow) {
        const auto conn = lab.director.conn_of(flow.client);
        return conn && (conn->flags & HEADGATE_CONN_F_ASSURED) != 0;
    }

    static hg::Info info(TwoWires& lab) { return must(lab.director.client().info()); }

    static void end_conns(TwoWires& lab) {
        must(lab.director.client().kill_conns({.all = true}));
        EXPECT_TRUE(eventually([&] { return info(lab).conns == 0; }));
    }

    const Plan& plan = plan_of(hg::Family::V4);
    TwoWires one{Namespace::of_other_users()};
    TwoWires other{Namespace::of_other_users()};

private:
    const std::uint32_t before_ = ceiling();
};

TEST_F(SharedLimit, is_what_info_tells) {
    set_ceiling(3);
    EXPECT_EQ(info(one).conn_limit, 3U);
    EXPECT_EQ(info(one).affinity_limit, 3U);
    EXPECT_GT(info(TwoWires::shared()).conn_limit, 3U);
}

TEST_F(SharedLimit, bounds_the_conns_of_all_together) {
    set_ceiling(3);
    serve(one);
    serve(other);
    EXPECT_TRUE(opens(one, 4000));
    EXPECT_TRUE(opens(one, 4001));
    EXPECT_TRUE(opens(other, 4000));
    EXPECT_FALSE(opens(other, 4001));
    EXPECT_FALSE(opens(one, 4002));
    end_conns(one);
    EXPECT_TRUE(opens(other, 4002));
    EXPECT_TRUE(opens(other, 4003));
    EXPECT_FALSE(opens(other, 4004));
}

TEST_F(SharedLimit, counts_affinity_entries_like_conns) {
    serve(one, {.timeout = kLong});
    serve(other);
    for (const auto* client : {"10.1.0.2", "10.1.0.3", "10.1.0.4"}) {
        EXPECT_TRUE(opens(one, 4000, client));
    }
    end_conns(one);
    EXPECT_EQ(info(one).affinities, 3U);
    set_ceiling(4);
    EXPECT_TRUE(opens(other, 4000));
    EXPECT_FALSE(opens(other, 4001));
    EXPECT_EQ(must(one.director.client().flush_affinities({.all = true})), 3U);
    for (std::uint16_t port = 4002; port < 4005; port++) {
        EXPECT_TRUE(opens(other, port));
    }
    EXPECT_FALSE(opens(other, 4005));
}

TEST_F(SharedLimit, refuses_affinity_entries_too) {
    serve(one);
    serve(other, {.timeout = kLong});
    set_ceiling(2);
    EXPECT_TRUE(opens(one, 4000));
    EXPECT_TRUE(opens(one, 4001));
    const auto without = other.director.dropped(HEADGATE_DROP_NO_AFFINITY);
    EXPECT_FALSE(opens(other, 4000)) << "nor is there room for the conn";
    EXPECT_EQ(other.director.dropped(HEADGATE_DROP_NO_AFFINITY), without + 2);
    EXPECT_EQ(info(other).affinities, 0U);
}

TEST_F(SharedLimit, is_given_back_by_a_namespace_that_ends) {
    serve(one);
    {
        TwoWires third{Namespace::of_other_users()};
        serve(third, {.timeout = kLong});
        EXPECT_TRUE(opens(third, 4000));
        set_ceiling(2);
        EXPECT_FALSE(opens(one, 4000));
    }
    EXPECT_TRUE(eventually([&] { return opens(one, 4001); }));
    EXPECT_TRUE(eventually([&] { return opens(one, 4002); }));
    EXPECT_FALSE(opens(one, 4003));
}

TEST_F(SharedLimit, is_none_of_the_first_user_s) {
    set_ceiling(1);
    auto& lab = TwoWires::shared();
    serve(lab, {.timeout = kLong});
    EXPECT_TRUE(opens(lab, 4000));
    EXPECT_TRUE(opens(lab, 4001));
    EXPECT_EQ(info(lab).affinities, 1U);
}

} // namespace

// Transactions by raw requests: staged, checked, committed, dropped, refused.
#include "director.h"
#include "raw_request.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace {

using namespace hg::test;
using hg::AttributeWriter;
using testing::IsEmpty;
using testing::SizeIs;

void service(AttributeWriter& top) {
    top.nest(HEADGATE_A_SERVICE, [](AttributeWriter& nest) {
        service_key(nest);
        nest.text(HEADGATE_A_SERVICE_SCHEDULER, "rr");
    });
}

void server(AttributeWriter& top) {
    top.nest(HEADGATE_A_SERVICE, service_key);
    top.nest(HEADGATE_A_SERVER, server_key);
}

// One service's name is to be another.
Fill named(std::uint16_t port, const char* name) {
    return [=](AttributeWriter& top) {
        top.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& nest) {
            nest.u8(HEADGATE_A_SERVICE_FAMILY, AF_INET)
                .u8(HEADGATE_A_SERVICE_PROTOCOL, IPPROTO_TCP);
            address4(nest, HEADGATE_A_SERVICE_ADDRESS, {10, 0, 0, 1});
            nest.u16(HEADGATE_A_SERVICE_PORT, port).text(HEADGATE_A_SERVICE_NAME, name);
        });
    };
}

Fill terms(std::uint32_t generation, std::uint32_t messages) {
    return [=](AttributeWriter& top) {
        top.nest(HEADGATE_A_TRANSACTION, [&](AttributeWriter& nest) {
            nest.u32(HEADGATE_A_TRANSACTION_GENERATION, generation)
                .u32(HEADGATE_A_TRANSACTION_MESSAGES, messages);
        });
    };
}

// A socket of its own, on which a transaction may be open.
class Session {
public:
    explicit Session(const Place& place) : requests_(open(place)) {}

    Verdict begin() { return requests_.send(HEADGATE_CMD_BEGIN, nothing); }

    Verdict stage(int command, const Fill& fill) { return requests_.send(command, fill); }

    Verdict check(std::uint32_t generation, std::uint32_t messages) {
        return requests_.send(HEADGATE_CMD_CHECK, terms(generation, messages));
    }

    Verdict commit(std::uint32_t generation, std::uint32_t messages) {
        return requests_.send(HEADGATE_CMD_COMMIT, terms(generation, messages));
    }

    Verdict abort() { return requests_.send(HEADGATE_CMD_ABORT, nothing); }

    // A service with a server.
    void stage_two() {
        EXPECT_EQ(stage(HEADGATE_CMD_NEW_SERVICE, service), Verdict{});
        EXPECT_EQ(stage(HEADGATE_CMD_NEW_SERVER, server), Verdict{});
    }

private:
    static RawRequests open(const Place& place) {
        const auto inside = place.enter();
        return {};
    }

    RawRequests requests_;
};

class TransactionTest : public testing::Test {
protected:
    static void SetUpTestSuite() {
        place = std::make_unique<Place>(Place::make("transaction-test"));
    }

    static void TearDownTestSuite() { place.reset(); }

    TransactionTest() { must(kernel->flush()); }

    [[nodiscard]] std::uint32_t generation() { return must(kernel->info()).generation; }

    // By somebody else.
    void change_something() { must(kernel->set_settings({.conn_limit = 1000})); }

    static std::unique_ptr<Place> place;
    const hg::ServiceKey one = must(hg::parse_service_key("tcp://10.0.0.1:80"));
    const hg::ServiceKey two = must(hg::parse_service_key("tcp://10.0.0.1:81"));
    Kernel kernel{*place};
    Session session{*place};
};

std::unique_ptr<Place> TransactionTest::place;

TEST_F(TransactionTest, comes_into_force_by_commit_and_is_one_generation) {
    const auto before = generation();
    ASSERT_EQ(session.begin(), Verdict{});
    session.stage_two();
    EXPECT_THAT(must(kernel->list_services()), IsEmpty());
    EXPECT_EQ(generation(), before);
    EXPECT_EQ(session.commit(before, 2), Verdict{});
    EXPECT_THAT(must(kernel->list_services()), SizeIs(1));
    EXPECT_THAT(must(kernel->list_servers()), SizeIs(1));
    EXPECT_EQ(generation(), before + 1);
    EXPECT_EQ(session.stage(HEADGATE_CMD_FLUSH, nothing), Verdict{}); // a single request again
    EXPECT_EQ(generation(), before + 2);
}

TEST_F(TransactionTest, of_nothing_is_no_change) {
    const auto before = generation();
    ASSERT_EQ(session.begin(), Verdict{});
    EXPECT_EQ(session.commit(before, 0), Verdict{});
    EXPECT_EQ(generation(), before);
}

TEST_F(TransactionTest, is_checked_without_a_change_and_stays_open) {
    const auto before = generation();
    ASSERT_EQ(session.begin(), Verdict{});
    session.stage_two();
    EXPECT_EQ(session.check(before, 2), Verdict{});
    EXPECT_THAT(must(kernel->list_services()), IsEmpty());
    EXPECT_EQ(generation(), before);
    EXPECT_EQ(session.commit(before, 2), Verdict{});
    EXPECT_THAT(must(kernel->list_servers()), SizeIs(1));
}

TEST_F(TransactionTest, is_dropped_by_abort) {
    const auto before = generation();
    ASSERT_EQ(session.begin(), Verdict{});
    session.stage_two();
    EXPECT_EQ(session.abort(), Verdict{});
    EXPECT_EQ(session.commit(before, 2),
              (Verdict{ENOENT, "this socket has no transaction open", ""}));
    EXPECT_THAT(must(kernel->list_services()), IsEmpty());
    EXPECT_EQ(generation(), before);
}

TEST_F(TransactionTest, needs_a_begin) {
    const Verdict none{ENOENT, "this socket has no transaction open", ""};
    EXPECT_EQ(session.check(generation(), 0), none);
    EXPECT_EQ(session.commit(generation(), 0), none);
    EXPECT_EQ(session.abort(), none);
}

TEST_F(TransactionTest, is_one_for_each_socket) {
    ASSERT_EQ(session.begin(), Verdict{});
    EXPECT_EQ(session.begin(), (Verdict{EBUSY, "this socket has a transaction open already", ""}));
    Session other(*place);
    EXPECT_EQ(other.begin(), Verdict{});
}

TEST_F(TransactionTest, goes_with_its_socket) {
    const auto before = generation();
    std::vector<std::unique_ptr<Session>> sessions;
    for (int i = 0; i < HEADGATE_TRANSACTIONS_MAX; i++) {
        sessions.push_back(std::make_unique<Session>(*place));
        ASSERT_EQ(sessions.back()->begin(), Verdict{}) << i;
    }
    sessions.back()->stage_two();
    EXPECT_EQ(session.begin(),
              (Verdict{ENOSPC, "64 transactions are open, the most there can be", ""}));
    sessions.pop_back();
    EXPECT_EQ(session.begin(), Verdict{});
    EXPECT_THAT(must(kernel->list_services()), IsEmpty());
    EXPECT_EQ(generation(), before);
}

TEST_F(TransactionTest, is_poisoned_by_a_message_that_is_refused) {
    const auto before = generation();
    ASSERT_EQ(session.begin(), Verdict{});
    EXPECT_EQ(session.stage(HEADGATE_CMD_NEW_SERVICE, service), Verdict{});
    EXPECT_EQ(session.stage(HEADGATE_CMD_NEW_SERVICE, service),
              (Verdict{EEXIST, "there is a service of this protocol, address and port already",
                       "service.address"}));
    EXPECT_EQ(session.stage(HEADGATE_CMD_NEW_SERVER, server),
              (Verdict{ECANCELED, "the transaction has failed: its message 2 was refused", ""}));
    const Verdict failed{
        ECANCELED, "message 2: there is a service of this protocol, address and port already", ""};
    EXPECT_EQ(session.check(before, 3), failed);
    EXPECT_EQ(session.commit(before, 3), failed);
    EXPECT_THAT(must(kernel->list_services()), IsEmpty());
    EXPECT_EQ(session.begin(), Verdict{}); // it is over
}

TEST_F(TransactionTest, misses_a_message_that_did_not_come_through) {
    ASSERT_EQ(session.begin(), Verdict{});
    session.stage_two();
    EXPECT_EQ(session.commit(generation(), 3),
              (Verdict{ECANCELED, "of the transaction's 3 messages 2 came through",
                       "transaction.messages"}));
    EXPECT_THAT(must(kernel->list_services()), IsEmpty());
}

TEST_F(TransactionTest, is_refused_for_another_generation) {
    const auto before = generation();
    ASSERT_EQ(session.begin(), Verdict{});
    session.stage_two();
    EXPECT_EQ(session.commit(before - 1, 2),
              (Verdict{ESTALE,
                       fmt::format("the configuration is at generation {}, not at {}", before,
                                   before - 1),
                       "transaction.generation"}));
    EXPECT_THAT(must(kernel->list_services()), IsEmpty());
}

TEST_F(TransactionTest, is_stale_when_somebody_else_changes_something) {
    const auto before = generation();
    ASSERT_EQ(session.begin(), Verdict{});
    EXPECT_EQ(session.stage(HEADGATE_CMD_NEW_SERVICE, service), Verdict{});
    change_something();
    EXPECT_EQ(session.stage(HEADGATE_CMD_NEW_SERVER, server).number, ESTALE);
    EXPECT_EQ(session.abort(), Verdict{});
    ASSERT_EQ(session.begin(), Verdict{});
    session.stage_two();
    change_something();
    const Verdict stale{ESTALE,
                        fmt::format("the configuration is at generation {}, no longer at {}",
                                    before + 2, before + 1),
                        "transaction.generation"};
    EXPECT_EQ(session.check(before + 2, 2), stale);
    EXPECT_EQ(session.commit(before + 2, 2), stale);
    EXPECT_THAT(must(kernel->list_services()), IsEmpty());
}

TEST_F(TransactionTest, needs_its_terms) {
    const auto with_only = [](int type) {
        return [type](AttributeWriter& top) {
            top.nest(HEADGATE_A_TRANSACTION, [&](AttributeWriter& nest) { nest.u32(type, 1); });
        };
    };
    for (const auto command : {HEADGATE_CMD_CHECK, HEADGATE_CMD_COMMIT}) {
        const auto refused = [&](const Fill& fill) {
            EXPECT_EQ(session.begin(), Verdict{});
            auto verdict = session.stage(command, fill);
            session.abort(); // which COMMIT has done already
            return verdict;
        };
        EXPECT_EQ(refused(nothing), (Verdict{EINVAL, "missing: the transaction", "transaction"}));
        EXPECT_EQ(
            refused(with_only(HEADGATE_A_TRANSACTION_MESSAGES)),
            (Verdict{EINVAL, "missing: the generation it is based on", "transaction.generation"}));
        EXPECT_EQ(refused(with_only(HEADGATE_A_TRANSACTION_GENERATION)),
                  (Verdict{EINVAL, "missing: the number of its messages", "transaction.messages"}));
    }
}

TEST_F(TransactionTest, gives_a_name_from_one_service_to_another) {
    must(kernel->add_service({.key = one, .name = "web", .scheduler = "rr"}));
    must(kernel->add_service({.key = two, .name = "shop", .scheduler = "rr"}));
    ASSERT_EQ(session.begin(), Verdict{});
    EXPECT_EQ(session.stage(HEADGATE_CMD_SET_SERVICE, named(80, "shop")), Verdict{});
    EXPECT_EQ(session.stage(HEADGATE_CMD_SET_SERVICE, named(81, "web")), Verdict{});
    EXPECT_EQ(session.commit(generation(), 2), Verdict{});
    EXPECT_EQ(must(kernel->service(one)).spec.name, "shop");
    EXPECT_EQ(must(kernel->service(two)).spec.name, "web");
}

TEST_F(TransactionTest, tells_by_its_number_which_message_wants_a_name_that_is_taken) {
    must(kernel->add_service({.key = one, .name = "web", .scheduler = "rr"}));
    must(kernel->add_service({.key = two, .name = "shop", .scheduler = "rr"}));
    const auto before = generation();
    ASSERT_EQ(session.begin(), Verdict{});
    EXPECT_EQ(session.stage(HEADGATE_CMD_NEW_SERVER, server), Verdict{});
    EXPECT_EQ(session.stage(HEADGATE_CMD_SET_SERVICE, named(81, "web")), Verdict{});
    const Verdict taken{EEXIST, "message 2, service.name: the name web is taken", ""};
    EXPECT_EQ(session.check(before, 2), taken);
    EXPECT_EQ(session.commit(before, 2), taken);
    EXPECT_THAT(must(kernel->list_servers()), IsEmpty());
    EXPECT_EQ(must(kernel->service(two)).spec.name, "shop");
    EXPECT_EQ(generation(), before);
}

TEST_F(TransactionTest, takes_a_name_away_by_an_empty_one) {
    must(kernel->add_service({.key = one, .name = "web", .scheduler = "rr"}));
    EXPECT_EQ(session.stage(HEADGATE_CMD_SET_SERVICE, named(80, "")), Verdict{});
    EXPECT_EQ(must(kernel->service(one)).spec.name, "");
    must(kernel->add_service({.key = two, .name = "web", .scheduler = "rr"}));
}

} // namespace

#include "transaction.h"

#include "client.h"
#include "fake_kernel.h"
#include "samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netlink.h>

namespace {

namespace test = hg::test;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

hg::Request server_request(unsigned number) {
    const std::array bytes{std::byte{10}, std::byte{1}, static_cast<std::byte>(number >> 8U),
                           static_cast<std::byte>(number & 255U)};
    hg::Endpoint server{.address = *hg::Address::from_bytes(hg::Family::V4, bytes), .port = 80};
    return hg::add_server_request(test::key("tcp://10.0.0.1:80"), {.endpoint = server});
}

class TransactionTest : public testing::Test {
protected:
    // COUNT servers, up to the first refusal.
    static hg::Result<> stage(hg::Transaction& transaction, unsigned count) {
        HG_TRY(transaction.begin());
        for (unsigned i = 1; i <= count; i++) {
            HG_TRY(transaction.stage(server_request(i)));
        }
        return {};
    }

    hg::Result<std::uint32_t> commit(unsigned count) {
        auto transaction = client.transaction();
        HG_TRY(stage(transaction, count));
        return transaction.commit(kernel.info.generation);
    }

    test::FakeKernel kernel;
    hg::Client client{kernel};
};

TEST_F(TransactionTest, answers_the_new_generation) {
    kernel.info.generation = 7;
    EXPECT_EQ(commit(3).value(), 8U);
    EXPECT_THAT(kernel.asked(), SizeIs(3));
}

TEST_F(TransactionTest, of_nothing_leaves_the_generation) {
    kernel.info.generation = 7;
    EXPECT_EQ(commit(0).value(), 7U);
}

TEST_F(TransactionTest, sends_many_messages_in_few_datagrams) {
    constexpr unsigned kFull = hg::Batch::kMessagesMax;
    EXPECT_TRUE(commit(4 * kFull));
    EXPECT_EQ(kernel.datagrams, 1 + 4 + 1); // BEGIN, batches, COMMIT
    EXPECT_THAT(kernel.asked(), SizeIs(4 * kFull));
    kernel.datagrams = 0;
    EXPECT_TRUE(commit(4 * kFull + 1));
    EXPECT_EQ(kernel.datagrams, 1 + 5 + 1);
}

// The kernel answers the first refusal and everything behind it.
TEST_F(TransactionTest, names_the_first_message_that_was_refused) {
    constexpr unsigned kFull = hg::Batch::kMessagesMax;
    kernel.staged_refusals[kFull + 44] = {EINVAL, "address is not unicast", 32};
    EXPECT_EQ(commit(3 * kFull).error().text(),
              "cannot add server 10.1.1.44:80 to tcp://10.0.0.1:80: address is not unicast "
              "(service.protocol)");
    EXPECT_THAT(kernel.asked(), IsEmpty());
    EXPECT_EQ(kernel.datagrams, 1 + 2 + 1); // BEGIN, two batches, ABORT
    EXPECT_EQ(kernel.aborts, 1);
    EXPECT_TRUE(client.info()); // nothing is left that would meet the next request
}

TEST_F(TransactionTest, names_the_last_message_too) {
    kernel.staged_refusals[5] = {EINVAL, "no such luck"};
    EXPECT_EQ(commit(5).error().text(),
              "cannot add server 10.1.0.5:80 to tcp://10.0.0.1:80: no such luck");
}

TEST_F(TransactionTest, names_the_message_that_the_end_refuses_by_its_number) {
    kernel.refusals[HEADGATE_CMD_COMMIT] = {ENOMEM, "message 2: the kernel has no memory for it"};
    EXPECT_EQ(commit(3).error().text(), "cannot add server 10.1.0.2:80 to tcp://10.0.0.1:80: "
                                        "the kernel has no memory for it");
}

TEST_F(TransactionTest, names_the_attribute_that_the_end_refuses) {
    kernel.refusals[HEADGATE_CMD_COMMIT] = {EEXIST,
                                            "message 2, service.name: the name web is taken"};
    EXPECT_EQ(commit(3).error().text(), "cannot add server 10.1.0.2:80 to tcp://10.0.0.1:80: "
                                        "the name web is taken (service.name)");
}

TEST_F(TransactionTest, keeps_words_that_only_look_like_a_number) {
    for (const auto* const words :
         {"message 4: x", "message 0: x", "message : x", "message 1 x", "message 1",
          "message 1 of 2: x", "message 99999999999999999999: x"}) {
        kernel.refusals[HEADGATE_CMD_COMMIT] = {EINVAL, words};
        EXPECT_EQ(commit(3).error().text(), std::string("cannot commit the transaction: ") + words);
    }
}

TEST_F(TransactionTest, says_that_the_generation_is_stale) {
    kernel.strangers = 1;
    const auto result = commit(2);
    ASSERT_FALSE(result);
    EXPECT_TRUE(hg::is_stale(result.error()));
    EXPECT_THAT(kernel.asked(), IsEmpty());
    EXPECT_EQ(kernel.aborts, 0); // it is over already
}

TEST_F(TransactionTest, is_dropped_with_its_socket_when_answers_were_lost) {
    auto transaction = client.transaction();
    ASSERT_TRUE(stage(transaction, 2));
    kernel.losses = 1;
    EXPECT_THAT(transaction.commit(0).error().text(),
                HasSubstr("answers were lost, and nothing was changed"));
    EXPECT_EQ(kernel.resets, 1);
    EXPECT_FALSE(kernel.has_transaction());
    EXPECT_FALSE(transaction.stage(server_request(1)) && transaction.commit(0));
    EXPECT_THAT(kernel.asked(), IsEmpty()); // not as single requests either
}

TEST_F(TransactionTest, is_aborted_when_it_is_let_go_of) {
    {
        auto transaction = client.transaction();
        ASSERT_TRUE(stage(transaction, 2));
        ASSERT_TRUE(transaction.check(0));
        EXPECT_TRUE(kernel.has_transaction());
    }
    EXPECT_FALSE(kernel.has_transaction());
    EXPECT_THAT(kernel.asked(), IsEmpty());
}

TEST_F(TransactionTest, can_be_checked_and_then_committed) {
    auto transaction = client.transaction();
    ASSERT_TRUE(stage(transaction, 2));
    ASSERT_TRUE(transaction.check(0));
    ASSERT_TRUE(transaction.stage(server_request(9)));
    EXPECT_TRUE(transaction.commit(0));
    EXPECT_THAT(kernel.asked(), SizeIs(3));
}

TEST(Batch, asks_for_the_last_answer_only) {
    hg::Batch batch;
    batch.add(0x1d, 5, server_request(1));
    batch.add(0x1d, 9, server_request(2));
    const auto messages = hg::split_datagram(batch.datagram()).value();
    ASSERT_THAT(messages, SizeIs(2));
    EXPECT_EQ(messages[0].flags, NLM_F_REQUEST);
    EXPECT_EQ(messages[1].flags, NLM_F_REQUEST | NLM_F_ACK);
    EXPECT_EQ(messages[1].sequence, 9U);
    EXPECT_EQ(batch.find(9), 1U);
    EXPECT_EQ(batch.find(6), std::nullopt);
    EXPECT_EQ(batch.message(0).size() + batch.message(1).size(), batch.datagram().size());
}

// The kernel takes a datagram as a whole: it has to fit into any send buffer.
TEST(Batch, of_the_longest_messages_is_no_more_than_64_kb) {
    hg::Batch batch;
    const hg::ServiceSpec longest{.key = test::key("tcp://[2001:db8::1]:80"),
                                  .name = std::string(HEADGATE_NAME_MAX, 'n'),
                                  .scheduler = std::string(HEADGATE_SCHED_MAX, 's')};
    while (!batch.is_full()) {
        batch.add(0x1d, 1, hg::add_service_request(longest));
    }
    EXPECT_LE(batch.datagram().size(), 65536U);
}

} // namespace

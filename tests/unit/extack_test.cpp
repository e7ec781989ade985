#include "extack.h"

#include "fake_kernel.h"
#include "samples.h"
#include "schema.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <linux/netlink.h>

namespace {

using hg::Bytes;
namespace test = hg::test;

Bytes sent_request() {
    const auto request = hg::set_server_request(test::key("tcp://10.0.0.1:80"),
                                                test::endpoint("10.1.0.2:80"), {.weight = 7});
    return hg::make_message({.type = 0x1d, .command = request.command}, request.attributes);
}

// Where the bytes of an attribute's header stand in the request.
std::uint32_t offset_of(const Bytes& message, std::initializer_list<int> header) {
    std::vector<std::byte> want;
    for (const auto value : header) {
        want.push_back(static_cast<std::byte>(value));
    }
    const auto at = std::search(message.begin(), message.end(), want.begin(), want.end());
    return static_cast<std::uint32_t>(at - message.begin());
}

std::string verdict(const Bytes& datagram, const Bytes& request) {
    const auto messages = hg::split_datagram(datagram).value();
    const auto result = hg::read_ack(messages.front(), request);
    return result ? "ok" : result.error().text();
}

TEST(Ack, of_zero_is_no_error) {
    EXPECT_EQ(verdict(test::ack_message(1, 0, {}), sent_request()), "ok");
}

TEST(Ack, without_words_says_the_errno) {
    EXPECT_EQ(verdict(test::ack_message(1, ENOENT, {}), sent_request()),
              "No such file or directory");
}

TEST(Ack, names_the_attribute_at_fault) {
    const auto request = sent_request();
    const auto weight = offset_of(request, {8, 0, 6, 0, 7});
    EXPECT_EQ(verdict(test::ack_message(1, ERANGE, {0, "integer out of range", weight}), request),
              "integer out of range (server.weight)");
    EXPECT_EQ(verdict(test::ack_message(1, EINVAL, {0, "no", 20}), request), "no (service)");
    EXPECT_EQ(verdict(test::ack_message(1, EINVAL, {0, "no", 21}), request), "no");
    EXPECT_EQ(verdict(test::ack_message(1, EINVAL, {0, "no", 70000}), request), "no");
}

Bytes ack_with(const Bytes& extack) {
    auto out = test::ack_message(1, EINVAL, {});
    out.insert(out.end(), extack.begin(), extack.end());
    const auto size = static_cast<std::uint32_t>(out.size());
    std::memcpy(out.data(), &size, sizeof(size));
    return out;
}

TEST(Ack, names_the_attribute_that_is_missing) {
    hg::AttributeWriter extack;
    extack.u32(NLMSGERR_ATTR_MISS_TYPE, HEADGATE_A_SERVICE_SCHEDULER)
        .u32(NLMSGERR_ATTR_MISS_NEST, 20);
    EXPECT_EQ(verdict(ack_with(std::move(extack).take()), sent_request()),
              "an attribute is missing (service.scheduler)");
    hg::AttributeWriter top;
    top.u32(NLMSGERR_ATTR_MISS_TYPE, HEADGATE_A_SERVER);
    EXPECT_EQ(verdict(ack_with(std::move(top).take()), sent_request()),
              "an attribute is missing (server)");
}

TEST(Ack, tells_the_range_of_the_policy) {
    hg::AttributeWriter extack;
    extack.text(NLMSGERR_ATTR_MSG, "integer out of range")
        .nest(NLMSGERR_ATTR_POLICY, [](hg::AttributeWriter& policy) {
            policy.u64(NL_POLICY_TYPE_ATTR_MIN_VALUE_U, 0)
                .u64(NL_POLICY_TYPE_ATTR_MAX_VALUE_U, 65535);
        });
    EXPECT_EQ(verdict(ack_with(std::move(extack).take()), sent_request()),
              "integer out of range: 0 to 65535");
}

TEST(Ack, keeps_the_errno_when_the_words_are_garbled) {
    Bytes garbage(6, std::byte{0xff});
    EXPECT_EQ(verdict(ack_with(garbage), sent_request()), "Invalid argument");
}

TEST(Ack, survives_being_cut_anywhere) {
    const auto whole = test::ack_message(1, EINVAL, {0, "text", 20});
    for (std::size_t size = 0; size + sizeof(nlmsghdr) < whole.size(); size++) {
        const hg::Message message{.flags = NLM_F_ACK_TLVS,
                                  .payload = std::span(whole).subspan(sizeof(nlmsghdr), size)};
        EXPECT_FALSE(hg::read_ack(message, sent_request()));
    }
}

TEST(Done, carries_the_errno_of_a_failed_dump) {
    const auto datagram = test::done_message(1, ENOENT, 0);
    const auto messages = hg::split_datagram(datagram).value();
    EXPECT_EQ(hg::read_done(messages.front(), {}).error().code,
              std::errc::no_such_file_or_directory);
}

TEST(Schema, names_every_attribute) {
    for (const auto& top : hg::top_attributes().subspan(1)) {
        EXPECT_FALSE(top.name.empty());
        if (top.child != nullptr) {
            for (const auto& inner : top.child().subspan(1)) {
                EXPECT_FALSE(inner.name.empty()) << top.name;
            }
        }
    }
}

} // namespace

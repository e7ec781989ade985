#include "message.h"

#include <gtest/gtest.h>

namespace {

using hg::Bytes;

Bytes bytes(std::initializer_list<int> values) {
    Bytes out;
    for (const auto value : values) {
        out.push_back(static_cast<std::byte>(value));
    }
    return out;
}

hg::Result<> walk(const Bytes& attributes) {
    return hg::for_each_attribute(attributes, [](const auto&) { return hg::Result<>{}; });
}

hg::Attribute attribute(const Bytes& payload) { return {.type = 3, .payload = payload}; }

// Byte arrays are of little-endian machines, as all that we build for are.
TEST(AttributeWriter, pads_to_four_bytes) {
    hg::AttributeWriter out;
    out.u8(1, 0xab).u16(2, 0x1234).text(3, "wlc");
    EXPECT_EQ(std::move(out).take(), bytes({5, 0, 1, 0, 0xab, 0,    0,   0, //
                                            6, 0, 2, 0, 0x34, 0x12, 0,   0, //
                                            8, 0, 3, 0, 'w',  'l',  'c', 0}));
}

TEST(AttributeWriter, nests_with_the_flag) {
    hg::AttributeWriter out;
    out.nest(4, [](hg::AttributeWriter& nest) { nest.u32(1, 7); });
    EXPECT_EQ(std::move(out).take(), bytes({12, 0, 4, 0x80, 8, 0, 1, 0, 7, 0, 0, 0}));
}

TEST(AttributeWriter, nests_inside_nests_and_goes_on) {
    hg::AttributeWriter out;
    out.nest(4,
             [](hg::AttributeWriter& nest) {
                 nest.nest(5, [](hg::AttributeWriter& inner) { inner.u8(1, 7); }).u32(2, 9);
             })
        .u8(6, 1);
    EXPECT_EQ(std::move(out).take(),
              bytes({24, 0, 4, 0x80, 12, 0, 5, 0x80, 5, 0, 1, 0, 7, 0, 0, 0,
                     8,  0, 2, 0,    9,  0, 0, 0,    5, 0, 6, 0, 1, 0, 0, 0}));
}

TEST(AttributeWriter, writes_value_and_selector_of_bits) {
    hg::AttributeWriter out;
    out.bitfield32(8, 1, 3);
    EXPECT_EQ(std::move(out).take(), bytes({12, 0, 8, 0, 1, 0, 0, 0, 3, 0, 0, 0}));
}

TEST(Attributes, without_padding_at_the_end_are_read) {
    EXPECT_TRUE(walk(bytes({5, 0, 1, 0, 9})));
    EXPECT_TRUE(walk({}));
}

TEST(Attributes, refuse_a_ragged_end) {
    EXPECT_EQ(walk(bytes({5, 0, 1})).error().text(),
              "the kernel's answer cannot be read: an attribute's header is cut short");
    EXPECT_EQ(walk(bytes({9, 0, 1, 0, 1, 2, 3, 4})).error().text(),
              "the kernel's answer cannot be read: attribute 1 says it has 9 bytes of 8");
    EXPECT_EQ(walk(bytes({3, 0, 1, 0})).error().text(),
              "the kernel's answer cannot be read: attribute 1 says it has 3 bytes of 4");
    EXPECT_FALSE(walk(bytes({0, 0, 0, 0, 0, 0, 0, 0})));
}

TEST(Attribute, refuses_any_other_size) {
    EXPECT_EQ(attribute(bytes({1})).u16().error().text(),
              "the kernel's answer cannot be read: attribute 3 has 1 bytes instead of 2");
    EXPECT_FALSE(attribute(bytes({1, 2, 3})).u16());
    EXPECT_FALSE(attribute(bytes({})).u8());
    EXPECT_FALSE(attribute(bytes({1, 2, 3, 4})).bitfield32());
    EXPECT_EQ(attribute(bytes({1, 0, 0, 0, 0, 0, 0, 0})).u64().value(), 1U);
}

TEST(Attribute, reads_texts_that_end_once) {
    EXPECT_EQ(attribute(bytes({'a', 'b', 0})).text().value(), "ab");
    EXPECT_EQ(attribute(bytes({0})).text().value(), "");
    EXPECT_FALSE(attribute(bytes({})).text());
    EXPECT_FALSE(attribute(bytes({'a', 'b'})).text());
    EXPECT_FALSE(attribute(bytes({'a', 0, 'b', 0})).text());
}

TEST(Message, has_both_headers) {
    const auto out =
        hg::make_message({.type = 0x1d, .flags = 5, .sequence = 9, .command = 3, .version = 1},
                         bytes({8, 0, 1, 0, 7, 0, 0, 0}));
    EXPECT_EQ(out, bytes({28, 0, 0, 0, 0x1d, 0, 5, 0, 9, 0, 0, 0, 0, 0, 0, 0, //
                          3,  1, 0, 0, 8,    0, 1, 0, 7, 0, 0, 0}));
}

TEST(Datagram, is_split_into_its_messages) {
    auto both = hg::make_message({.type = 1, .sequence = 4}, {});
    const auto second = hg::make_message({.type = 2, .sequence = 5}, {});
    both.insert(both.end(), second.begin(), second.end());
    const auto messages = hg::split_datagram(both).value();
    ASSERT_EQ(messages.size(), 2U);
    EXPECT_EQ(messages[0].type, 1);
    EXPECT_EQ(messages[1].type, 2);
    EXPECT_EQ(messages[1].sequence, 5U);
}

TEST(Datagram, is_refused_at_every_length_it_is_cut_to) {
    const auto whole = hg::make_message({.type = 1}, bytes({8, 0, 1, 0, 7, 0, 0, 0}));
    for (std::size_t size = 1; size < whole.size(); size++) {
        EXPECT_FALSE(hg::split_datagram(std::span(whole).first(size))) << size;
    }
}

TEST(GenericMessage, refuses_a_short_header) {
    const auto payload = bytes({1, 1, 0});
    EXPECT_FALSE(hg::read_generic({.payload = payload}));
}

} // namespace

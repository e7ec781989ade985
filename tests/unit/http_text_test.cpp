#include "http_text.h"

#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

using Text = std::optional<std::string>;

constexpr auto kOpen = HttpFlow::Open;
constexpr auto kEnded = HttpFlow::Ended;

Text read(std::string_view reply, HttpFlow flow) {
    const auto out = http_text(reply, flow);
    EXPECT_TRUE(out) << out.error().text();
    return out.value_or(Text());
}

std::string refused(std::string_view reply, HttpFlow flow) {
    const auto out = http_text(reply, flow);
    EXPECT_FALSE(out);
    return out ? "" : out.error().text();
}

// Whether every part of the reply but the whole is waited for, and the whole is TEXT.
void expect_whole(std::string_view reply, const std::string& text) {
    for (std::size_t size = 0; size < reply.size(); ++size) {
        EXPECT_EQ(read(reply.substr(0, size), kOpen), Text()) << size;
        EXPECT_EQ(refused(reply.substr(0, size), kEnded), "the reply breaks off") << size;
    }
    EXPECT_EQ(read(reply, kOpen), Text(text));
}

TEST(HttpText, reads_by_content_length) {
    expect_whole("HTTP/1.1 200 OK\r\nA: b\r\ncontent-LENGTH:  3 \r\n\r\nabc", "abc");
}

TEST(HttpText, reads_chunks) {
    expect_whole("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
                 "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\n",
                 "abc0123456789");
}

TEST(HttpText, reads_to_the_end_of_the_connection) {
    constexpr std::string_view kReply = "HTTP/1.0 200 OK\r\nA: b\r\n\r\nabc";
    EXPECT_EQ(read(kReply, kOpen), Text());
    EXPECT_EQ(read(kReply, kEnded), Text("abc"));
}

TEST(HttpText, leaves_out_what_follows) {
    EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc", kEnded), Text("a"));
}

TEST(HttpText, refuses_what_is_not_200) {
    EXPECT_EQ(refused("HTTP/1.1 404 Not Found\r\n\r\n", kEnded), "HTTP 404, wanted 200");
    EXPECT_EQ(refused("HTTP/1.1\r\n\r\n", kEnded), "HTTP , wanted 200");
    EXPECT_EQ(refused("SSH-2.0-\x01\r\n\r\n", kEnded), "\"SSH-2.0-?\" is no HTTP");
}

TEST(HttpText, refuses_lengths_that_make_no_sense) {
    EXPECT_EQ(refused("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", kOpen),
              "Content-Length -1, wanted up to 1048576");
    EXPECT_EQ(refused("HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n", kOpen),
              "Content-Length 9999999, wanted up to 1048576");
    EXPECT_EQ(refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", kOpen),
              "Transfer-Encoding gzip, wanted chunked");
}

TEST(HttpText, refuses_chunks_that_make_no_sense) {
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(refused(head + "x\r\n", kOpen), "\"x\" is no chunk's size");
    EXPECT_EQ(refused(head + "\r\n", kOpen), "\"\" is no chunk's size");
    EXPECT_EQ(refused(head + "ffffffffffffffff\r\n", kOpen),
              "\"ffffffffffffffff\" is no chunk's size");
    EXPECT_EQ(refused(head + "2\r\nabcd", kOpen), "a chunk is longer than it says");
}

TEST(HttpText, bounds_the_reply) {
    const std::string reply = "HTTP/1.1 200 OK\r\n\r\n" + std::string(kHttpTextMax, 'x');
    EXPECT_EQ(refused(reply, kOpen), "the reply is longer than 1048576 bytes");
    EXPECT_EQ(refused(std::string(kHttpTextMax, 'x'), kOpen),
              "the reply is longer than 1048576 bytes");
}

} // namespace
} // namespace hg::daemon

#include "exporter.h"

#include <array>
#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace hg::daemon {
namespace {

using boost::asio::ip::tcp;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const Endpoint kAnyPort{*parse_address("127.0.0.1"), 0};

// An exporter in a loop of its own. Only the loop's thread touches it once that runs.
class ExporterTest : public testing::Test {
protected:
    void run() {
        ASSERT_TRUE(exporter.listen(kAnyPort));
        where = *exporter.where();
        thread = std::thread([this] {
            while (!stop) {
                io.run_for(std::chrono::milliseconds(10));
            }
        });
    }

    void TearDown() override {
        stop = true;
        if (thread.joinable()) {
            thread.join();
        }
    }

    [[nodiscard]] tcp::socket connect() const {
        tcp::socket out(client);
        out.connect({boost::asio::ip::make_address(where.address.text()), where.port});
        return out;
    }

    // All that comes until the other side closes.
    [[nodiscard]] std::string ask(const std::string& request) const {
        auto socket = connect();
        boost::asio::write(socket, boost::asio::buffer(request));
        std::string out;
        boost::system::error_code error;
        boost::asio::read(socket, boost::asio::dynamic_buffer(out), error);
        return out;
    }

    [[nodiscard]] Exposition scrape() {
        scrapes++;
        WholeRow row;
        row.version = "1.0";
        return Exposition({.whole = {row}});
    }

    mutable boost::asio::io_context client;
    boost::asio::io_context io{1};
    std::atomic<int> scrapes = 0;
    std::atomic<bool> stop = false;
    std::string complaint;
    Exporter exporter{io, {[this] { return scrape(); }, [this] { return complaint; }}};
    Endpoint where;
    std::thread thread;
};

TEST_F(ExporterTest, serves_metrics) {
    run();
    const auto got = ask("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(got, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(got, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    EXPECT_THAT(got, HasSubstr("\nheadgate_build_info{version=\"1.0\",module_version=\"\"} 1\n"));
    EXPECT_EQ(scrapes, 1);
}

TEST_F(ExporterTest, serves_one_request_after_the_other) {
    run();
    const auto got = ask("GET /healthz HTTP/1.1\r\n\r\nGET /metrics?x=1 HTTP/1.1\r\n"
                         "Connection: close\r\n\r\n");
    EXPECT_THAT(got, HasSubstr("\r\n\r\nok\nHTTP/1.1 200 OK\r\n"));
}

TEST_F(ExporterTest, says_what_is_not_well) {
    complaint = "the kernel module is not there";
    run();
    const auto got = ask("GET /healthz HTTP/1.0\r\n\r\n");
    EXPECT_THAT(got, StartsWith("HTTP/1.0 503 Service Unavailable\r\n"));
    EXPECT_THAT(got, HasSubstr("\r\n\r\nthe kernel module is not there\n"));
    EXPECT_EQ(scrapes, 0); // the kernel is asked for metrics alone
}

TEST_F(ExporterTest, says_what_there_is) {
    run();
    EXPECT_THAT(ask("GET / HTTP/1.0\r\n\r\n"),
                testing::AllOf(StartsWith("HTTP/1.0 404 Not Found\r\n"),
                               HasSubstr("there are /metrics and /healthz\n")));
    EXPECT_THAT(ask("POST /metrics HTTP/1.0\r\n\r\n"),
                testing::AllOf(StartsWith("HTTP/1.0 405 "), HasSubstr("Allow: GET, HEAD\r\n")));
    EXPECT_EQ(scrapes, 0);
}

TEST_F(ExporterTest, gives_the_head_alone_where_that_is_asked_for) {
    run();
    const auto got = ask("HEAD /metrics HTTP/1.0\r\n\r\n");
    EXPECT_THAT(got, StartsWith("HTTP/1.0 200 OK\r\n"));
    EXPECT_THAT(got, Not(HasSubstr("headgate_")));
}

TEST_F(ExporterTest, does_not_listen_to_nonsense) {
    run();
    EXPECT_EQ(ask("\x16\x03\x01 hello\r\n\r\n"), "");
    EXPECT_EQ(ask("GET /metrics HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n"), "");
    EXPECT_EQ(ask("GET /metrics HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"), "");
    EXPECT_EQ(scrapes, 0);
}

TEST_F(ExporterTest, serves_no_more_than_a_few_at_once) {
    run();
    std::vector<tcp::socket> idle;
    for (int i = 0; i < 8; i++) {
        idle.push_back(connect());
        std::array<char, 4> some{};
        boost::asio::write(idle.back(), boost::asio::buffer("GET /healthz HTTP/1.1\r\n\r\n", 25));
        boost::asio::read(idle.back(), boost::asio::buffer(some)); // it is being served
    }
    auto one_more = connect();
    std::array<char, 1> byte{};
    boost::system::error_code error;
    boost::asio::read(one_more, boost::asio::buffer(byte), error);
    EXPECT_TRUE(error); // closed
    idle.clear();
    // Those that left make room, as soon as the loop has seen it.
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    std::string got;
    while (got.empty() && std::chrono::steady_clock::now() < until) {
        try {
            got = ask("GET /healthz HTTP/1.0\r\n\r\n");
        } catch (const boost::system::system_error& reset) {
            std::this_thread::yield();
        }
    }
    EXPECT_THAT(got, HasSubstr("ok\n"));
}

TEST(ExporterListen, stays_where_it_is_when_it_cannot_go) {
    boost::asio::io_context io;
    Exporter first(io, {});
    ASSERT_TRUE(first.listen(kAnyPort));
    const auto taken = *first.where();
    Exporter second(io, {});
    ASSERT_TRUE(second.listen(kAnyPort));
    const auto before = second.where();
    const auto refused = second.listen(taken);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().text(),
              "cannot serve metrics at " + taken.text() + ": Address already in use");
    EXPECT_EQ(second.where(), before);
    ASSERT_TRUE(second.listen(std::nullopt));
    EXPECT_EQ(second.where(), std::nullopt);
}

TEST(ExporterListen, waits_for_an_address_that_the_machine_does_not_have_yet) {
    boost::asio::io_context io;
    Exporter exporter(io, {});
    EXPECT_TRUE(exporter.listen(Endpoint{*parse_address("192.0.2.1"), 10469}));
    EXPECT_TRUE(exporter.listen(Endpoint{*parse_address("2001:db8::1"), 10469}));
}

} // namespace
} // namespace hg::daemon

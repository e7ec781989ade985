// On the loopback interface, with a server that says what a test wants.
#include "load_source.h"

#include "load_feed.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

// What becomes of the connection when all is said.
enum class Then { Close, Stay };

class LoadSource : public testing::Test {
protected:
    LoadSource() : acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {}

    // One connection; the request is waited for when there is to be one.
    void serve(std::string says, Then then, std::string_view request_end = "") {
        asio::co_spawn(io_, serve_one(std::move(says), then, request_end), asio::detached);
    }

    asio::awaitable<void> serve_one(std::string says, Then then, std::string_view request_end) {
        auto peer = co_await acceptor_.async_accept(asio::use_awaitable);
        request_.clear();
        if (!request_end.empty()) {
            auto buffer = asio::dynamic_buffer(request_);
            co_await asio::async_read_until(peer, buffer, request_end, asio::use_awaitable);
        }
        const auto buffer = asio::buffer(says);
        co_await asio::async_write(peer, buffer, asio::use_awaitable);
        if (then == Then::Stay) {
            peer_ = std::make_unique<tcp::socket>(std::move(peer));
        }
    }

    [[nodiscard]] Endpoint here() const {
        return {.address = *parse_address("127.0.0.1"), .port = acceptor_.local_endpoint().port()};
    }

    // The loop's end is the attempt's: whatever else is open is closed.
    template <class T> T run(asio::awaitable<T> attempt) {
        std::optional<T> out;
        asio::co_spawn(io_, std::move(attempt), [&](const std::exception_ptr& bug, T result) {
            EXPECT_FALSE(bug);
            out = std::move(result);
            io_.stop();
        });
        io_.run();
        io_.restart();
        return std::move(*out);
    }

    Result<AgentAnswer> ask() { return run(ask_agent(spec_, here())); }

    Result<NodeMetrics> scrape() { return run(scrape_node(spec_, here())); }

    LoadSpec spec_;
    asio::io_context io_;
    tcp::acceptor acceptor_;
    std::unique_ptr<tcp::socket> peer_;
    std::string request_;
};

const std::string kMetrics = "node_load1 2\n"
                             "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 5\n";

TEST_F(LoadSource, knows_the_usual_ports) {
    LoadSpec spec;
    const auto server = *parse_address("192.0.2.1");
    EXPECT_EQ(load_endpoint(spec, server).text(), "192.0.2.1:8777");
    spec.source = hg::LoadSource::NodeExporter;
    EXPECT_EQ(load_endpoint(spec, server).text(), "192.0.2.1:9100");
    spec.port = 7;
    EXPECT_EQ(load_endpoint(spec, server).text(), "192.0.2.1:7");
}

TEST_F(LoadSource, hears_an_agent_that_keeps_the_connection) {
    serve("up 75%\n", Then::Stay);
    const auto answer = ask();
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(answer->percent, 75U);
}

TEST_F(LoadSource, hears_an_agent_that_closes_without_a_line_end) {
    serve("75%", Then::Close);
    EXPECT_TRUE(ask());
}

TEST_F(LoadSource, refuses_an_answer_without_end) {
    serve(std::string(10000, 'x'), Then::Stay);
    EXPECT_EQ(ask().error().text(), "the agent's answer does not end within 1024 bytes");
}

TEST_F(LoadSource, refuses_an_agent_that_says_nothing) {
    serve("", Then::Close);
    EXPECT_FALSE(ask());
}

TEST_F(LoadSource, waits_no_longer_than_it_may) {
    spec_.timeout = 50ms;
    serve("75", Then::Stay);
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(ask().error().text(), "no answer in 50ms");
    EXPECT_GE(std::chrono::steady_clock::now() - begun, 50ms);
}

TEST_F(LoadSource, says_that_nobody_listens) {
    const auto nobody = here();
    acceptor_.close();
    EXPECT_EQ(run(ask_agent(spec_, nobody)).error().text(), "connection refused");
}

TEST_F(LoadSource, asks_for_the_path) {
    spec_.path = "/m?a=b";
    serve("HTTP/1.0 200 OK\r\n\r\n" + kMetrics, Then::Close, "\r\n\r\n");
    const auto metrics = scrape();
    ASSERT_TRUE(metrics) << metrics.error().text();
    EXPECT_EQ(metrics->load1, 2);
    EXPECT_TRUE(request_.starts_with("GET /m?a=b HTTP/1.0\r\nHost: 127.0.0.1:")) << request_;
}

TEST_F(LoadSource, takes_a_reply_of_known_length_from_a_server_that_stays) {
    serve("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kMetrics.size()) + "\r\n\r\n" +
              kMetrics,
          Then::Stay, "\r\n\r\n");
    EXPECT_TRUE(scrape());
}

TEST_F(LoadSource, takes_a_long_reply_in_chunks) {
    std::string reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 100; ++i) {
        reply += "1000\r\n" + std::string(4095, '#') + "\n\r\n";
    }
    serve(reply + "47\r\n" + kMetrics + std::string(0x47 - kMetrics.size(), '\n') + "\r\n0\r\n\r\n",
          Then::Stay, "\r\n\r\n");
    const auto metrics = scrape();
    EXPECT_TRUE(metrics) << metrics.error().text();
}

TEST_F(LoadSource, tells_what_the_exporter_did_wrong) {
    serve("HTTP/1.1 404 Not Found\r\n\r\n", Then::Close, "\r\n\r\n");
    EXPECT_EQ(scrape().error().text(), "HTTP 404, wanted 200");
    serve("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nnode", Then::Close, "\r\n\r\n");
    EXPECT_EQ(scrape().error().text(), "the reply breaks off");
    serve("HTTP/1.1 200 OK\r\n\r\nnode_load1 1\n", Then::Close, "\r\n\r\n");
    EXPECT_FALSE(scrape());
}

TEST_F(LoadSource, ends_when_it_is_cancelled) {
    serve("", Then::Stay);
    spec_.timeout = 1h;
    asio::cancellation_signal end;
    bool has_ended = false;
    asio::co_spawn(io_, ask_agent(spec_, here()),
                   asio::bind_cancellation_slot(
                       end.slot(), [&](const std::exception_ptr& bug, const auto& answer) {
                           EXPECT_FALSE(bug);
                           EXPECT_FALSE(answer);
                           has_ended = true;
                           io_.stop();
                       }));
    while (!peer_) {
        io_.run_one(); // until it is connected
    }
    end.emit(asio::cancellation_type::terminal);
    io_.run();
    EXPECT_TRUE(has_ended);
}

// At each of its steps, those between two of them too.
TEST_F(LoadSource, ends_wherever_it_is_cancelled) {
    for (int steps = 0; steps < 20; ++steps) {
        asio::io_context io;
        asio::cancellation_signal end;
        bool has_ended = false;
        spec_.timeout = 1h;
        asio::co_spawn(io, scrape_node(spec_, here()),
                       asio::bind_cancellation_slot(
                           end.slot(), [&](const std::exception_ptr& bug, const auto& /*any*/) {
                               EXPECT_FALSE(bug);
                               has_ended = true;
                           }));
        for (int i = 0; i < steps; ++i) {
            io.poll_one();
        }
        end.emit(asio::cancellation_type::terminal);
        io.run();
        EXPECT_TRUE(has_ended) << steps;
    }
}

TEST_F(LoadSource, is_dropped_with_its_loop) {
    auto io = std::make_unique<asio::io_context>();
    asio::co_spawn(*io, ask_agent(spec_, here()), asio::detached);
    io->poll();
    io.reset();
}

} // namespace
} // namespace hg::daemon

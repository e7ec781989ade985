// The commands that listen.
#include "director.h"
#include "eventually.h"
#include "place.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;

const hg::ServiceKey kWeb{hg::Protocol::Tcp, {address("10.0.0.1"), 80}};
const hg::Endpoint kFirst{address("10.1.0.2"), 80};

// A command that goes on, read line by line through a pipe with a name.
class Reader {
public:
    Reader(const Place& where, const std::string& line) {
        std::filesystem::remove(kPipe);
        std::filesystem::remove(kCode);
        must(mkfifo(kPipe, 0600) == 0 ? hg::Result<>{} : hg::system_error(errno, "mkfifo"));
        command_ = where.start(
            {"sh", "-c", fmt::format("headgate {} >{}; echo $? >{}", line, kPipe, kCode)});
        fd_ = hg::Fd(::open(kPipe, O_RDONLY | O_CLOEXEC));
    }

    // The next line, or nothing when there is none for long, or no more.
    std::optional<std::string> line() {
        auto end = buffer_.find('\n');
        while (end == std::string::npos) {
            pollfd ready{.fd = fd_.get(), .events = POLLIN, .revents = 0};
            std::array<char, 65536> bytes{};
            const auto size = poll(&ready, 1, static_cast<int>(milliseconds(kPatience).count())) > 0
                                  ? read(fd_.get(), bytes.data(), bytes.size())
                                  : 0;
            if (size <= 0) {
                return std::nullopt;
            }
            buffer_.append(bytes.data(), static_cast<std::size_t>(size));
            end = buffer_.find('\n');
        }
        auto out = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return out;
    }

    // The next object that has this, what comes before it passed over.
    nlohmann::json object(const char* kind) {
        while (const auto text = line()) {
            auto document = nlohmann::json::parse(*text);
            EXPECT_EQ(document.at("schema"), 1);
            if (document.contains(kind)) {
                return document.at(kind);
            }
        }
        throw std::runtime_error(fmt::format("there is no \"{}\"", kind));
    }

    void close() { fd_ = hg::Fd(); }

    // How the command ended; nothing while it goes on.
    static std::string code() {
        std::string out;
        std::ifstream(kCode) >> out;
        return out;
    }

private:
    using milliseconds = std::chrono::milliseconds;

    static constexpr const char* kPipe = "/run/events-test.pipe";
    static constexpr const char* kCode = "/run/events-test.code";

    Background command_;
    hg::Fd fd_;
    std::string buffer_;
};

class EventsByCommand : public testing::Test {
protected:
    static void SetUpTestSuite() {
        place = std::make_unique<Place>(Place::make("events-test"));
        place->ip("addr add 10.0.0.1/32 dev lo\n");
    }

    static void TearDownTestSuite() { place.reset(); }

    EventsByCommand() : kernel(*place) {
        must(kernel->flush());
        must(kernel->add_service({.key = kWeb, .name = "", .scheduler = "rr", .hash_port = false}));
        must(kernel->add_server(kWeb, {.endpoint = kFirst}));
    }

    void set_weight(std::uint32_t weight) {
        must(kernel->set_server(kWeb, kFirst, {.weight = weight}));
    }

    static std::unique_ptr<Place> place;
    Kernel kernel;
};

std::unique_ptr<Place> EventsByCommand::place;

TEST_F(EventsByCommand, are_printed_as_they_come) {
    Reader reader(*place, "events --count 2 tcp://10.0.0.1:80");
    // What was changed before it listens is not heard.
    std::uint32_t weight = 1;
    EXPECT_TRUE(eventually([&] {
        set_weight(++weight);
        return !Reader::code().empty();
    }));
    EXPECT_EQ(Reader::code(), "0");
    for (int i = 0; i < 2; i++) {
        EXPECT_THAT(reader.line().value_or("nothing"),
                    testing::ContainsRegex("server_set +tcp://10.0.0.1:80 10.1.0.2:80  weight "
                                           "[0-9]+ -> [0-9]+$"));
    }
}

TEST_F(EventsByCommand, are_streamed_with_the_state) {
    Reader reader(*place, "-j watch --interval 100ms");
    const auto first = reader.object("state");
    EXPECT_EQ(first.at("services").at(0).at("servers").size(), 1U);
    (void)reader.object("counters");
    set_weight(9);
    const auto event = reader.object("event");
    EXPECT_EQ(event.at("type"), "server_set");
    EXPECT_EQ(event.at("object").at("weight"), 9);
    must(kernel->flush());
    const auto second = reader.object("state");
    EXPECT_EQ(second.at("services").size(), 0U);
    EXPECT_EQ(second.at("info").at("generation"), must(kernel->info()).generation);
}

TEST_F(EventsByCommand, that_a_reader_held_up_are_made_good_by_a_state) {
    Reader reader(*place, "-j watch --interval 100ms");
    (void)reader.object("counters");
    // Its pipe fills up, then its socket.
    for (std::uint32_t i = 0; i < 8000; i++) {
        set_weight(i % 1000);
    }
    must(kernel->del_server(kWeb, kFirst));
    EXPECT_TRUE(reader.object("lost").contains("events"));
    const auto state = reader.object("state");
    EXPECT_EQ(state.at("services").at(0).at("servers").size(), 0U);
}

TEST_F(EventsByCommand, end_quietly_when_nobody_reads) {
    Reader reader(*place, "-j watch --interval 100ms");
    (void)reader.object("counters");
    reader.close();
    EXPECT_TRUE(eventually([] { return !Reader::code().empty(); }));
    EXPECT_EQ(Reader::code(), "141"); // SIGPIPE
}

} // namespace

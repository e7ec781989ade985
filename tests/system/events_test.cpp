// What the module tells unasked, and what the command makes of it.
#include "director.h"
#include "event_socket.h"
#include "event_stream.h"
#include "eventually.h"
#include "raw_request.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <thread>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using hg::AttributeWriter;
using hg::EventGroup;
using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;

using Words = std::vector<std::string>;

const hg::ServiceKey kWeb{hg::Protocol::Tcp, {address("10.0.0.1"), 80}};
const hg::Endpoint kFirst{address("10.1.0.2"), 80};

// A listener in a namespace.
class Listener {
public:
    Listener(const Place& where, const std::vector<EventGroup>& groups)
        : stream_(open(where, groups)) {}

    // The next event; a loss and silence end the test.
    hg::Event event() {
        const auto told = next();
        if (!told || !std::holds_alternative<hg::Event>(*told)) {
            throw std::runtime_error(told ? "events were lost" : "there is no event");
        }
        return std::get<hg::Event>(*told);
    }

    // All that is told until one of these, in words.
    Words until(std::string_view last) {
        Words out;
        do {
            out.push_back(words_of(event()));
        } while (!out.back().starts_with(last));
        return out;
    }

    std::optional<hg::Told> next(std::chrono::milliseconds patience = kPatience) {
        return must(stream_->next(patience));
    }

    static std::string words_of(const hg::Event& event) {
        std::string out(hg::event_name(event.type));
        if (const auto service = hg::service_of(event)) {
            out += " " + service->text();
        }
        if (const auto* const server = std::get_if<hg::Server>(&event.subject)) {
            out += " " + server->spec.endpoint.address.text();
        }
        return out;
    }

    // So that it overruns soon.
    void shrink() {
        const int bytes = 4096;
        ASSERT_EQ(setsockopt(socket_->fd(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)), 0);
    }

private:
    std::unique_ptr<hg::EventStream> open(const Place& where,
                                          const std::vector<EventGroup>& groups) {
        const auto inside = where.enter();
        auto socket = must(hg::EventSocket::open(groups));
        socket_ = socket.get();
        return std::make_unique<hg::EventStream>(std::move(socket));
    }

    hg::EventSocket* socket_ = nullptr; // the stream's
    std::unique_ptr<hg::EventStream> stream_;
};

void nothing(AttributeWriter& /*attributes*/) {}

// The service of raw_request.h and more.
Fill service_with(const Fill& more) {
    return [more](AttributeWriter& top) {
        top.nest(HEADGATE_A_SERVICE, [&](AttributeWriter& service) {
            service_key(service);
            more(service);
        });
    };
}

// Its server and more.
Fill server_with(const Fill& more) {
    return [more](AttributeWriter& top) {
        top.nest(HEADGATE_A_SERVICE, service_key);
        top.nest(HEADGATE_A_SERVER, [&](AttributeWriter& server) {
            server_key(server);
            more(server);
        });
    };
}

class EventsTest : public testing::Test {
protected:
    static void SetUpTestSuite() {
        place = std::make_unique<Place>(Place::make("events-test"));
        place->ip("addr add 10.0.0.1/32 dev lo\n");
    }

    static void TearDownTestSuite() { place.reset(); }

    EventsTest() : kernel(*place), requests(open()) { must(kernel->flush()); }

    [[nodiscard]] static RawRequests open() {
        const auto inside = place->enter();
        return {};
    }

    void done(int command, const Fill& fill) { EXPECT_EQ(requests.send(command, fill), Verdict{}); }

    void add_web() {
        done(HEADGATE_CMD_NEW_SERVICE, service_with([](AttributeWriter& service) {
                 service.text(HEADGATE_A_SERVICE_SCHEDULER, "rr");
             }));
        done(HEADGATE_CMD_NEW_SERVER, server_with(nothing));
    }

    void set_weight(std::uint32_t weight) {
        done(HEADGATE_CMD_SET_SERVER, server_with([&](AttributeWriter& server) {
                 server.u32(HEADGATE_A_SERVER_WEIGHT, weight);
             }));
    }

    void set_down(std::uint32_t down) {
        done(HEADGATE_CMD_SET_SERVER, server_with([&](AttributeWriter& server) {
                 server.bitfield32(HEADGATE_A_SERVER_DOWN, down, HEADGATE_DOWN_ALL);
             }));
    }

    void drain(std::uint32_t deadline) {
        done(HEADGATE_CMD_SET_SERVER, server_with([&](AttributeWriter& server) {
                 server.nest(HEADGATE_A_SERVER_DRAIN, [&](AttributeWriter& nest) {
                     nest.u32(HEADGATE_A_DRAIN_DEADLINE, deadline);
                 });
             }));
    }

    static std::unique_ptr<Place> place;
    Kernel kernel;
    RawRequests requests;
};

std::unique_ptr<Place> EventsTest::place;

TEST_F(EventsTest, tell_each_change_of_services) {
    Listener listener(*place, {EventGroup::Config});
    done(HEADGATE_CMD_NEW_SERVICE, service_with([](AttributeWriter& service) {
             service.text(HEADGATE_A_SERVICE_SCHEDULER, "rr");
         }));
    EXPECT_THAT(listener.until("commit"), ElementsAre("service_new tcp://10.0.0.1:80", "commit"));
    done(HEADGATE_CMD_SET_SERVICE, service_with([](AttributeWriter& service) {
             service.text(HEADGATE_A_SERVICE_NAME, "web");
         }));
    const auto changed = listener.event();
    EXPECT_EQ(changed.type, HEADGATE_EVENT_SERVICE_SET);
    EXPECT_EQ(std::get<hg::Service>(changed.subject).spec.name, "web") << "as it is afterwards";
    EXPECT_THAT(listener.until("commit"), ElementsAre("commit"));
    done(HEADGATE_CMD_DEL_SERVICE, service_with(nothing));
    EXPECT_THAT(listener.until("commit"), ElementsAre("service_gone tcp://10.0.0.1:80", "commit"));
}

TEST_F(EventsTest, tell_each_change_of_servers) {
    add_web();
    Listener listener(*place, {EventGroup::Config});
    const auto told = [&](const char* what) {
        EXPECT_THAT(listener.until("commit"),
                    ElementsAre(fmt::format("{} tcp://10.0.0.1:80 10.1.0.2", what), "commit"));
    };
    set_weight(7);
    told("server_set");
    set_down(HEADGATE_DOWN_CHECK);
    told("server_down");
    set_down(HEADGATE_DOWN_CHECK | HEADGATE_DOWN_AGENT);
    told("server_set");
    set_down(0);
    told("server_up");
    done(HEADGATE_CMD_DEL_SERVER, server_with(nothing));
    told("server_gone");
    done(HEADGATE_CMD_NEW_SERVER, server_with(nothing));
    told("server_new");
    drain(0);
    told("server_set");
    told("server_drained");
}

TEST_F(EventsTest, tell_the_deadline_of_a_drain) {
    const hg::ServiceKey dns{hg::Protocol::Udp, {address("10.0.0.1"), 53}};
    hg::ServerSpec local;
    local.endpoint = {address("10.0.0.1"), 53};
    local.mode = hg::Mode::Local;
    must(kernel->add_service({.key = dns, .name = "", .scheduler = "rr", .hash_port = false}));
    must(kernel->add_server(dns, local));
    Listener conns(*place, {EventGroup::Conn});
    must(kernel->list_conns({}, [](const hg::Conn& /*conn*/) { return hg::Client::Next::Stop; }));
    {
        const auto inside = place->enter();
        const hg::Fd client(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        const auto to = to_sockaddr(dns.endpoint);
        ASSERT_EQ(sendto(client.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to),
                         sizeof(sockaddr_in)),
                  1);
    }
    EXPECT_EQ(conns.until("conn_new").back(), "conn_new udp://10.0.0.1:53");
    Listener listener(*place, {EventGroup::Config});
    RawRequests raw = open();
    const auto of_dns = [&](const Fill& more) {
        return [&, more](AttributeWriter& top) {
            top.nest(HEADGATE_A_SERVICE, [](AttributeWriter& service) {
                service.u8(HEADGATE_A_SERVICE_FAMILY, AF_INET);
                service.u8(HEADGATE_A_SERVICE_PROTOCOL, IPPROTO_UDP);
                address4(service, HEADGATE_A_SERVICE_ADDRESS, {10, 0, 0, 1});
                service.u16(HEADGATE_A_SERVICE_PORT, 53);
            });
            top.nest(HEADGATE_A_SERVER, [&](AttributeWriter& server) {
                address4(server, HEADGATE_A_SERVER_ADDRESS, {10, 0, 0, 1});
                more(server);
            });
        };
    };
    EXPECT_EQ(raw.send(HEADGATE_CMD_SET_SERVER, of_dns([](AttributeWriter& server) {
                           server.nest(HEADGATE_A_SERVER_DRAIN, [](AttributeWriter& nest) {
                               nest.u32(HEADGATE_A_DRAIN_DEADLINE, 100);
                               nest.u8(HEADGATE_A_DRAIN_THEN, HEADGATE_THEN_RESET);
                           });
                       })),
              Verdict{});
    EXPECT_EQ(listener.until("commit").front(), "server_set udp://10.0.0.1:53 10.0.0.1");
    const auto deadline = listener.event();
    EXPECT_EQ(deadline.type, HEADGATE_EVENT_SERVER_DEADLINE);
    EXPECT_EQ(std::get<hg::Server>(deadline.subject).inactive, 1U);
    EXPECT_EQ(conns.until("conn_gone").back(), "conn_gone udp://10.0.0.1:53");
    EXPECT_THAT(listener.until("server_drained"), testing::SizeIs(2)); // after the commit
}

TEST_F(EventsTest, tell_of_settings) {
    Listener listener(*place, {EventGroup::Config});
    must(kernel->set_settings({.conn_limit = 4000}));
    EXPECT_THAT(listener.until("settings"), ElementsAre("settings"));
}

TEST_F(EventsTest, of_a_flush_are_of_one_change) {
    add_web();
    Listener listener(*place, {EventGroup::Config});
    must(kernel->flush());
    EXPECT_THAT(listener.until("commit"), ElementsAre("service_gone tcp://10.0.0.1:80", "commit"));
}

TEST_F(EventsTest, of_a_transaction_end_with_one_commit) {
    constexpr std::uint32_t kServers = 300;
    Listener listener(*place, {EventGroup::Config});
    const auto generation = must(kernel->info()).generation;
    done(HEADGATE_CMD_BEGIN, nothing);
    done(HEADGATE_CMD_NEW_SERVICE, service_with([](AttributeWriter& service) {
             service.text(HEADGATE_A_SERVICE_SCHEDULER, "rr");
         }));
    for (std::uint32_t i = 0; i < kServers; i++) {
        done(HEADGATE_CMD_NEW_SERVER, [&](AttributeWriter& top) {
            top.nest(HEADGATE_A_SERVICE, service_key);
            top.nest(HEADGATE_A_SERVER, [&](AttributeWriter& server) {
                address4(server, HEADGATE_A_SERVER_ADDRESS,
                         {10, 1, static_cast<std::uint8_t>(i / 200),
                          static_cast<std::uint8_t>(1 + i % 200)});
            });
        });
    }
    EXPECT_EQ(listener.next(0ms), std::nullopt) << "what is staged is no change";
    done(HEADGATE_CMD_COMMIT, [&](AttributeWriter& top) {
        top.nest(HEADGATE_A_TRANSACTION, [&](AttributeWriter& nest) {
            nest.u32(HEADGATE_A_TRANSACTION_GENERATION, generation);
            nest.u32(HEADGATE_A_TRANSACTION_MESSAGES, kServers + 1);
        });
    });
    std::optional<hg::Event> last;
    std::uint32_t servers = 0;
    for (std::uint32_t i = 0; i < kServers + 2; i++) {
        const auto event = listener.event();
        EXPECT_EQ(event.generation, generation + 1);
        if (last) {
            EXPECT_EQ(event.sequence, last->sequence + 1);
            EXPECT_GE(event.time, last->time);
        }
        servers += event.type == HEADGATE_EVENT_SERVER_NEW;
        last = event;
    }
    EXPECT_EQ(servers, kServers);
    EXPECT_EQ(last->type, HEADGATE_EVENT_COMMIT);
    EXPECT_EQ(listener.next(0ms), std::nullopt);
}

TEST_F(EventsTest, tell_a_slow_listener_that_it_lost_some) {
    constexpr std::uint32_t kChanges = 100;
    add_web();
    Listener slow(*place, {EventGroup::Config});
    Listener quick(*place, {EventGroup::Config});
    slow.shrink();
    for (std::uint32_t i = 1; i <= kChanges; i++) {
        set_weight(i);
    }
    std::uint32_t heard = 0;
    auto told = slow.next();
    for (; told && std::holds_alternative<hg::Event>(*told); told = slow.next()) {
        heard++;
    }
    ASSERT_TRUE(told) << "nobody told of the loss";
    EXPECT_LT(heard, kChanges);
    set_weight(kChanges + 1);
    EXPECT_THAT(slow.until("commit"),
                ElementsAre("server_set tcp://10.0.0.1:80 10.1.0.2", "commit"));
    for (std::uint32_t i = 1; i <= kChanges + 1; i++) {
        EXPECT_EQ(std::get<hg::Server>(quick.event().subject).spec.weight, i);
        EXPECT_EQ(quick.event().type, HEADGATE_EVENT_COMMIT);
    }
}

TEST_F(EventsTest, stay_in_their_namespace) {
    const auto other = Place::make("events-other");
    Listener here(*place, {EventGroup::Config, EventGroup::Conn});
    Listener there(other, {EventGroup::Config, EventGroup::Conn});
    add_web();
    EXPECT_THAT(here.until("commit"), ElementsAre("service_new tcp://10.0.0.1:80", "commit"));
    must(Kernel(other)->set_settings({.conn_limit = 3000}));
    EXPECT_THAT(there.until("settings"), ElementsAre("settings"));
}

// Without CAP_NET_ADMIN, in the calling thread alone.
void drop_capabilities() {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, 2> data{};
    must(syscall(SYS_capset, &header, data.data()) == 0
             ? hg::Result<>{}
             : hg::system_error(errno, "drop capabilities"));
}

TEST_F(EventsTest, are_not_for_everybody) {
    for (const auto group : {EventGroup::Config, EventGroup::Conn}) {
        std::string error;
        std::thread([&] {
            const auto inside = place->enter();
            drop_capabilities();
            const auto got = hg::EventSocket::open(std::array{group});
            error = got ? "it was let in" : got.error().text();
        }).join();
        EXPECT_EQ(error, "cannot hear events: no permission: this needs CAP_NET_ADMIN in the "
                         "network namespace (be root)");
    }
}

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

TEST_F(EventsTest, are_printed_as_they_come) {
    add_web();
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

TEST_F(EventsTest, are_streamed_with_the_state) {
    add_web();
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

TEST_F(EventsTest, that_a_reader_held_up_are_made_good_by_a_state) {
    add_web();
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

TEST_F(EventsTest, end_quietly_when_nobody_reads) {
    Reader reader(*place, "-j watch --interval 100ms");
    (void)reader.object("counters");
    reader.close();
    EXPECT_TRUE(eventually([] { return !Reader::code().empty(); }));
    EXPECT_EQ(Reader::code(), "141"); // SIGPIPE
}

} // namespace

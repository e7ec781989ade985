#include "event_stream.h"

#include "fake_events.h"
#include "fake_kernel.h"
#include "family.h"
#include "samples.h"

#include <gtest/gtest.h>
#include <linux/genetlink.h>

namespace {

using namespace hg;
using namespace hg::test;
using namespace std::chrono_literals;

std::span<const std::byte> attributes_of(const Bytes& datagram) {
    return std::span(datagram).subspan(sizeof(nlmsghdr) + sizeof(genlmsghdr));
}

std::vector<Event> one_of_each() {
    return {config_event(HEADGATE_EVENT_COMMIT, 3, 17),
            config_event(HEADGATE_EVENT_SERVICE_NEW, 4, 18, web_service()),
            config_event(HEADGATE_EVENT_SERVER_DOWN, 5, 19, web_servers()[1]),
            conn_event(HEADGATE_EVENT_CONN_STATE, 6, conns()[0])};
}

TEST(Codec, reads_events) {
    for (const auto& event : one_of_each()) {
        EXPECT_EQ(decode_event(attributes_of(event_datagram(event))), event)
            << event_name(event.type);
    }
}

TEST(Codec, refuses_events_that_are_cut_short) {
    for (const auto& event : one_of_each()) {
        const auto datagram = event_datagram(event);
        const auto whole = attributes_of(datagram);
        for (std::size_t size = 0; size < whole.size(); size++) {
            const auto got = decode_event(whole.first(size));
            EXPECT_NE(got, event) << event_name(event.type) << " of " << size << " bytes";
        }
    }
    EXPECT_EQ(decode_event({}).error().reason,
              "the kernel's answer cannot be read: it has no event type");
}

TEST(Codec, reads_the_groups_of_the_family) {
    AttributeWriter out;
    const auto group = [](AttributeWriter& list, int at, const char* name, std::uint32_t number) {
        list.nest(at, [&](AttributeWriter& nest) {
            nest.u32(CTRL_ATTR_MCAST_GRP_ID, number).text(CTRL_ATTR_MCAST_GRP_NAME, name);
        });
    };
    out.text(CTRL_ATTR_FAMILY_NAME, "headgate")
        .u16(CTRL_ATTR_FAMILY_ID, 29)
        .nest(CTRL_ATTR_MCAST_GROUPS, [&](AttributeWriter& list) {
            group(list, 1, "config", 12);
            group(list, 2, "conn", 13);
        });
    EXPECT_EQ(decode_family(std::move(out).take()).value(),
              (GenericFamily{.number = 29, .groups = {{"config", 12}, {"conn", 13}}}));
    EXPECT_EQ(decode_family({}).value(), std::nullopt);
}

// What a stream says of these steps, in words.
class Stream {
public:
    FakeEvents events;

    std::vector<std::string> heard() {
        EventStream stream(std::make_unique<FakeChannel>(events, [](auto) {}));
        std::vector<std::string> out;
        for (;;) {
            const auto told = stream.next(1s);
            if (!told) {
                out.push_back(told.error().text());
                return out;
            }
            out.push_back(*told ? std::visit([](const auto& each) { return words(each); }, **told)
                                : "quiet");
        }
    }

private:
    static std::string words(const Event& event) {
        return std::string(name(event.group)) + " " + std::to_string(event.sequence);
    }

    static std::string words(const Lost& lost) {
        return "lost " + (lost.events ? std::to_string(*lost.events) : "some") +
               (lost.group ? " " + std::string(name(*lost.group)) : "");
    }
};

const std::string kGone = "cannot hear events: headgate.ko was unloaded";

TEST(EventStream, tells_events_and_silence) {
    Stream stream;
    stream.events.tell(config_event(HEADGATE_EVENT_COMMIT, 7, 1));
    stream.events.quiet();
    stream.events.tell(config_event(HEADGATE_EVENT_COMMIT, 8, 2));
    EXPECT_EQ(stream.heard(), (std::vector<std::string>{"config 7", "quiet", "config 8", kGone}));
}

TEST(EventStream, tells_a_gap_before_what_follows_it) {
    Stream stream;
    for (const auto sequence : {0xfffffffeU, 2U, 3U}) {
        stream.events.tell(config_event(HEADGATE_EVENT_COMMIT, sequence, 1));
    }
    EXPECT_EQ(stream.heard(), (std::vector<std::string>{"config 4294967294", "lost 3 config",
                                                        "config 2", "config 3", kGone}));
}

TEST(EventStream, tells_after_an_overrun_how_many_are_lost) {
    Stream stream;
    stream.events.tell(conn_event(HEADGATE_EVENT_CONN_NEW, 1, conns()[0]));
    stream.events.overrun();
    stream.events.tell(conn_event(HEADGATE_EVENT_CONN_NEW, 2, conns()[0]));
    stream.events.tell(conn_event(HEADGATE_EVENT_CONN_NEW, 40, conns()[0]));
    EXPECT_EQ(stream.heard(),
              (std::vector<std::string>{"conn 1", "conn 2", "lost 37 conn", "conn 40", kGone}));
}

TEST(EventStream, tells_the_loss_of_each_group) {
    Stream stream;
    stream.events.tell(config_event(HEADGATE_EVENT_COMMIT, 1, 1));
    stream.events.tell(conn_event(HEADGATE_EVENT_CONN_NEW, 1, conns()[0]));
    stream.events.overrun();
    stream.events.tell(config_event(HEADGATE_EVENT_COMMIT, 5, 1));
    stream.events.quiet();
    stream.events.tell(conn_event(HEADGATE_EVENT_CONN_NEW, 9, conns()[0]));
    stream.events.tell(conn_event(HEADGATE_EVENT_CONN_NEW, 11, conns()[0]));
    EXPECT_EQ(stream.heard(),
              (std::vector<std::string>{"config 1", "conn 1", "lost 3 config", "config 5", "quiet",
                                        "lost 7 conn", "conn 9", "conn 11", kGone}));
}

TEST(EventStream, tells_a_loss_once_when_nothing_follows) {
    Stream stream;
    stream.events.tell(config_event(HEADGATE_EVENT_COMMIT, 1, 1));
    stream.events.overrun();
    stream.events.quiet();
    stream.events.tell(config_event(HEADGATE_EVENT_COMMIT, 9, 2));
    stream.events.tell(config_event(HEADGATE_EVENT_COMMIT, 11, 2));
    EXPECT_EQ(stream.heard(),
              (std::vector<std::string>{"config 1", "lost some", "quiet", "config 9",
                                        "lost 1 config", "config 11", kGone}));
}

TEST(EventStream, lets_cpus_overtake_each_other) {
    Stream stream;
    for (const auto sequence : {1U, 3U, 2U, 4U}) {
        stream.events.tell(conn_event(HEADGATE_EVENT_CONN_NEW, sequence, conns()[0]));
    }
    EXPECT_EQ(stream.heard(),
              (std::vector<std::string>{"conn 1", "conn 3", "conn 2", "conn 4", kGone}));
}

TEST(EventStream, passes_over_what_is_not_ours) {
    Stream stream;
    stream.events.steps.push_back(
        {.kind = Step::Kind::Datagram, .datagram = family_gone_datagram(99)});
    stream.events.tell(config_event(HEADGATE_EVENT_COMMIT, 1, 1));
    EXPECT_EQ(stream.heard(), (std::vector<std::string>{"config 1", kGone}));
}

} // namespace

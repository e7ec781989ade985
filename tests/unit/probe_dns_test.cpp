#include "dns_message.h"
#include "probe_fixture.h"

#include <gtest/gtest.h>

namespace hg::daemon {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

const std::string kToQuestion = "\xc0\x0c"; // a pointer to the name in the question

std::string u16(unsigned value) {
    return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}

struct Record {
    unsigned type = 0;
    std::string data;
};

// What a server makes of QUERY.
std::string answer_to(const std::string& query, const std::vector<Record>& records,
                      unsigned flags = 0x8180) {
    auto message = query.substr(0, 2) + u16(flags) + u16(1) +
                   u16(static_cast<unsigned>(records.size())) + u16(0) + u16(0) + query.substr(12);
    for (const auto& record : records) {
        message += kToQuestion + u16(record.type) + u16(1) + u16(0) + u16(60) +
                   u16(static_cast<unsigned>(record.data.size())) + record.data;
    }
    return message;
}

std::string query_of(const DnsCheck& check) { return make_dns_query(check, 0x1234).value(); }

std::vector<std::string> records_of(const std::string& type, unsigned number,
                                    const std::string& data) {
    const auto query = query_of({.name = "example.org", .type = type});
    const auto answer = read_dns_answer(query, answer_to(query, {{number, data}}));
    return answer && *answer ? (*answer)->records : std::vector<std::string>{"none"};
}

using Texts = std::vector<std::string>;

TEST(DnsMessage, asks) {
    EXPECT_EQ(query_of({.name = "ab.c", .type = "AAAA"}),
              "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x02"
              "ab\x01"
              "c\x00\x00\x1c\x00\x01"s);
    EXPECT_EQ(make_dns_query({.name = "a", .type = "WKS"}, 1).error(),
              "DNS type WKS is not known here");
    EXPECT_FALSE(make_dns_query({.name = std::string(64, 'x')}, 1));
}

TEST(DnsMessage, writes_records_as_text) {
    EXPECT_EQ(records_of("A", 1, "\xc0\x00\x02\x01"s), Texts{"192.0.2.1"});
    EXPECT_EQ(records_of("AAAA", 28, "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01"),
              Texts{"2001:db8::1"});
    EXPECT_EQ(records_of("CNAME", 5, "\x03www\xc0\x0c"), Texts{"www.example.org"});
    EXPECT_EQ(records_of("MX", 15, "\x00\x0a\x02mx\xc0\x0c"s), Texts{"10 mx.example.org"});
    EXPECT_EQ(records_of("SRV", 33, "\x00\x01\x00\x02\x00\x50\x01s\xc0\x0c"s),
              Texts{"1 2 80 s.example.org"});
    EXPECT_EQ(records_of("TXT", 16, "\x03one\x04 two"), Texts{"one two"});
    EXPECT_EQ(records_of("SOA", 6,
                         "\x02ns\xc0\x0c\x01h\xc0\x0c"
                         "\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\x04"
                         "\x00\x00\x00\x05"s),
              Texts{"ns.example.org h.example.org 1 2 3 4 5"});
}

TEST(DnsMessage, passes_over_other_records) {
    const auto query = query_of({.name = "example.org"});
    const auto answer = read_dns_answer(
        query, answer_to(query, {{5, "\x03www\xc0\x0c"}, {1, "\xc0\x00\x02\x01"s}}));
    ASSERT_TRUE(answer && *answer);
    EXPECT_EQ((*answer)->records, Texts{"192.0.2.1"});
}

TEST(DnsMessage, leaves_answers_of_others_alone) {
    const auto query = query_of({.name = "example.org"});
    const auto other_id = make_dns_query({.name = "example.org"}, 0x1235).value();
    const auto other_name = query_of({.name = "example.com"});
    const auto other_type = query_of({.name = "example.org", .type = "MX"});
    for (const auto& other : {other_id, other_name, other_type}) {
        EXPECT_EQ(read_dns_answer(query, answer_to(other, {})), std::nullopt);
    }
    EXPECT_EQ(read_dns_answer(query, query), std::nullopt); // no answer at all
    EXPECT_EQ(read_dns_answer(query, ""), std::nullopt);
    const auto shouted = query_of({.name = "EXAMPLE.ORG"});
    EXPECT_NE(read_dns_answer(query, answer_to(shouted, {})), std::nullopt);
}

TEST(DnsMessage, tells_what_it_cannot_read) {
    const auto query = query_of({.name = "example.org"});
    const auto whole = answer_to(query, {{1, "\xc0\x00\x02\x01"s}});
    for (auto size = query.size(); size < whole.size(); ++size) {
        const auto answer = read_dns_answer(query, whole.substr(0, size));
        ASSERT_FALSE(answer) << size;
        EXPECT_EQ(answer.error(), "the DNS answer cannot be read");
    }
    // A name that points at itself.
    EXPECT_FALSE(read_dns_answer(query, answer_to(query, {}).replace(7, 1, "\x01") + "\xc0\x1d"));
}

TEST(DnsMessage, has_no_question_where_it_was_not_understood) {
    const auto query = query_of({.name = "example.org"});
    const auto refusal = query.substr(0, 2) + u16(0x8185) + std::string(8, '\0');
    const auto answer = read_dns_answer(query, refusal);
    ASSERT_TRUE(answer && *answer);
    EXPECT_EQ((*answer)->rcode, "REFUSED");
}

TEST(DnsMessage, compares_with_what_is_wanted) {
    const DnsAnswer mail{.rcode = "NOERROR", .records = {"5 a.example.org", "10 b.example.org"}};
    EXPECT_EQ(fault_of({.type = "MX"}, mail), "");
    EXPECT_EQ(fault_of({.type = "MX", .answer = "10 B.example.org."}, mail), "");
    EXPECT_EQ(fault_of({.type = "MX", .answer = "10 c.example.org"}, mail),
              "MX 5 a.example.org, 10 b.example.org, wanted 10 c.example.org");
    EXPECT_EQ(fault_of({.rcode = "NXDOMAIN"}, mail), "NOERROR, wanted NXDOMAIN");
    const DnsAnswer none{.rcode = "NOERROR"};
    EXPECT_EQ(fault_of({.answer = "192.0.2.1"}, none),
              "NOERROR without a A record, wanted 192.0.2.1");
    const DnsAnswer six{.rcode = "NOERROR", .records = {"2001:db8::1"}};
    EXPECT_EQ(fault_of({.type = "AAAA", .answer = "2001:DB8:0::1"}, six), "");
    const DnsAnswer text{.rcode = "NOERROR", .records = {"Up."}};
    EXPECT_EQ(fault_of({.type = "TXT", .answer = "Up."}, text), "");
    EXPECT_NE(fault_of({.type = "TXT", .answer = "up"}, text), "");
}

const DnsCheck kCheck{.name = "example.org", .answer = "192.0.2.1"};
const Record kWanted{1, "\xc0\x00\x02\x01"s};

Tried try_dns(const UdpServer::Script& script, std::chrono::milliseconds timeout = 5s) {
    const UdpServer server(script);
    return try_check(check_of(kCheck, timeout), server.endpoint());
}

TEST(ProbeDns, takes_the_wanted_answer) {
    EXPECT_EQ(
        try_dns([](const std::string& query) { return Texts{answer_to(query, {kWanted})}; }).result,
        (ProbeResult{.ok = true, .reason = "NOERROR, 1 A records"}));
}

TEST(ProbeDns, refuses_another_rcode) {
    EXPECT_EQ(try_dns([](const std::string& query) {
                  return Texts{answer_to(query, {}, 0x8182)};
              }).result.reason,
              "SERVFAIL, wanted NOERROR");
}

TEST(ProbeDns, waits_for_its_own_answer) {
    EXPECT_TRUE(try_dns([](const std::string& query) {
                    auto other = answer_to(query, {}, 0x8182);
                    other[0] = static_cast<char>(other[0] + 1);
                    return Texts{"garbage", other, answer_to(query, {kWanted})};
                }).result.ok);
}

TEST(ProbeDns, gives_up_on_silence_and_on_strangers) {
    const auto tried = try_dns(
        [](const std::string& query) {
            auto other = answer_to(query, {kWanted});
            other[1] = static_cast<char>(other[1] + 1);
            return Texts(100, other);
        },
        100ms);
    EXPECT_EQ(tried.result.reason, "no answer in 100ms: waiting for the DNS answer");
    EXPECT_LT(tried.took, 1s);
}

TEST(ProbeDns, is_refused) {
    EXPECT_EQ(try_check(check_of(kCheck), nobody()).result.reason, "connection refused");
}

// The query comes with its size, the answer too.
std::string over_tcp(const std::string& message) {
    return u16(static_cast<unsigned>(message.size())) + message;
}

TEST(ProbeDns, asks_by_TCP_what_UDP_cuts_off) {
    const UdpServer udp(
        [](const std::string& query) { return Texts{answer_to(query, {}, 0x8380)}; });
    const TcpServer tcp(
        [](Peer& peer) {
            const auto query = peer.hear("\x00\x01\x00\x01"s).substr(2);
            peer.say(over_tcp(answer_to(query, {kWanted})));
        },
        udp.endpoint());
    EXPECT_EQ(try_check(check_of(kCheck), udp.endpoint()).result.reason, "NOERROR, 1 A records");
}

TEST(ProbeDns, tells_where_TCP_fails) {
    const UdpServer udp(
        [](const std::string& query) { return Texts{answer_to(query, {}, 0x8380)}; });
    EXPECT_EQ(try_check(check_of(kCheck), udp.endpoint()).result.reason,
              "DNS by TCP: connection refused");
    const TcpServer tcp(
        [](Peer& peer) {
            peer.hear("\x00\x01\x00\x01"s);
            peer.say("\x01\x00 short"s);
        },
        udp.endpoint());
    EXPECT_EQ(try_check(check_of(kCheck), udp.endpoint()).result.reason,
              "closed in the middle of the DNS answer");
}

} // namespace
} // namespace hg::daemon

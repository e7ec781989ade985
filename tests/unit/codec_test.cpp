#include "fake_kernel.h"
#include "samples.h"

#include <gtest/gtest.h>
#include <random>

namespace {

using namespace std::chrono_literals;
using hg::Bytes;
namespace test = hg::test;

std::string hex(std::span<const std::byte> bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i++) {
        out += (i % 4 == 0 && i > 0) ? " " : "";
        out += kDigits[std::to_integer<unsigned>(bytes[i]) >> 4U];
        out += kDigits[std::to_integer<unsigned>(bytes[i]) & 15U];
    }
    return out;
}

// Every way of reading an answer, for input that none may trip over.
void decode_all(std::span<const std::byte> bytes) {
    (void)hg::decode_info(bytes);
    (void)hg::decode_settings(bytes);
    (void)hg::decode_service(bytes);
    (void)hg::decode_server(bytes);
    (void)hg::decode_conn(bytes);
    (void)hg::decode_conn_count(bytes);
    (void)hg::decode_killed(bytes);
}

std::vector<Bytes> all_samples() {
    std::vector<Bytes> out{test::encode(test::info()), test::encode(test::settings()),
                           test::encode(test::web_service()), test::encode(test::dns_service())};
    for (const auto& server : test::web_servers()) {
        out.push_back(test::encode(server));
    }
    for (const auto& conn : test::conns()) {
        out.push_back(test::encode(conn));
    }
    return out;
}

TEST(Codec, writes_a_service_as_these_bytes) {
    const auto request = hg::add_service_request(test::web_service().spec);
    EXPECT_EQ(request.command, HEADGATE_CMD_NEW_SERVICE);
    EXPECT_FALSE(request.dump);
    EXPECT_EQ(request.attempted.text(), "add service tcp://10.0.0.1:80");
    EXPECT_EQ(hex(request.attributes), "40000380 "                    // SERVICE
                                       "05000100 02000000 "           // FAMILY AF_INET
                                       "05000200 06000000 "           // PROTOCOL TCP
                                       "08000300 0a000001 "           // ADDRESS
                                       "06000400 50000000 "           // PORT 80
                                       "08000500 77656200 "           // NAME "web"
                                       "08000600 776c6300 "           // SCHEDULER "wlc"
                                       "0c000700 00000000 01000000"); // FLAGS
}

TEST(Codec, writes_a_server_as_these_bytes) {
    const auto request = hg::add_server_request(
        test::key("udp://[2001:db8::1]:53"),
        {.endpoint = test::endpoint("10.1.0.2"), .mode = hg::Mode::Tunnel, .weight = 300});
    EXPECT_EQ(request.attempted.text(), "add server 10.1.0.2:53 to udp://[2001:db8::1]:53");
    EXPECT_EQ(hex(request.attributes),
              "30000380 05000100 0a000000 05000200 11000000 "
              "14000300 20010db8 00000000 00000000 00000001 06000400 35000000 "
              "34000480 "           // SERVER
              "05000100 02000000 "  // FAMILY
              "08000200 0a010002 "  // ADDRESS; no PORT: the service's
              "05000400 02000000 "  // MODE tunnel
              "05000500 00000000 "  // TUNNEL ipip
              "08000600 2c010000 "  // WEIGHT 300
              "05000700 00000000"); // ADMIN_STATE ready
}

TEST(Codec, sends_only_what_is_to_change) {
    const auto service = test::key("tcp://10.0.0.1:80");
    const auto bare = hg::del_server_request(service, test::endpoint("10.1.0.2:80")).attributes;
    const auto change = hg::set_server_request(service, test::endpoint("10.1.0.2:80"),
                                               {.down = hg::MaskedBits{.value = 0, .mask = 1}})
                            .attributes;
    EXPECT_EQ(change.size(), bare.size() + 12);
    EXPECT_EQ(hex(std::span(change).last(12)), "0c000800 00000000 01000000");
}

TEST(Codec, leaves_out_timeouts_that_stay) {
    EXPECT_EQ(hex(hg::set_settings_request({.conn_limit = 5}).attributes),
              "0c000280 08000100 05000000");
    hg::SettingsChange change;
    change.timeouts[1] = std::chrono::minutes(15);
    EXPECT_EQ(hex(hg::set_settings_request(change).attributes),
              "10000280 0c000480 08000200 a0bb0d00");
}

TEST(Codec, writes_a_filter_as_these_bytes) {
    hg::ConnFilter filter{.service = test::key("tcp://10.0.0.1:80"),
                          .server = test::endpoint("10.1.0.2"),
                          .client = test::endpoint("192.0.2.0"),
                          .client_prefix = 24,
                          .states = HEADGATE_CONN_STATE_F_KILLED,
                          .min_age = std::chrono::seconds(1),
                          .max_age = std::chrono::seconds(2)};
    const auto request = hg::list_conns_request(filter);
    EXPECT_EQ(request.command, HEADGATE_CMD_GET_CONN);
    EXPECT_TRUE(request.dump);
    EXPECT_EQ(hex(request.attributes), "5c000880 "           // FILTER
                                       "05000200 02000000 "  // FAMILY, of service and client
                                       "05000300 06000000 "  // PROTOCOL
                                       "08000400 0a000001 "  // SERVICE_ADDRESS
                                       "06000500 50000000 "  // SERVICE_PORT
                                       "05000600 02000000 "  // SERVER_FAMILY
                                       "08000700 0a010002 "  // SERVER_ADDRESS; no port: any
                                       "08000900 c0000200 "  // CLIENT_ADDRESS
                                       "05000a00 18000000 "  // CLIENT_PREFIX
                                       "08000c00 00100000 "  // STATES
                                       "08000d00 e8030000 "  // AGE_MIN
                                       "08000e00 d0070000"); // AGE_MAX
    EXPECT_EQ(hg::count_conns_request(filter).attributes, request.attributes);
    EXPECT_EQ(hg::kill_conns_request(filter).attributes, request.attributes);
    EXPECT_EQ(hex(hg::kill_conns_request({.all = true}).attributes), "0c000880 08000100 01000000");
    EXPECT_EQ(hex(hg::list_conns_request({.client = test::endpoint("[2001:db8::9]:5")}).attributes),
              "28000880 05000200 0a000000 "
              "14000900 20010db8 00000000 00000000 00000009 06000b00 05000000");
}

TEST(Codec, reads_counts_of_conns) {
    hg::ConnCount count{.service = test::key("tcp://10.0.0.1:80"),
                        .server = test::endpoint("[2001:db8::7]:80")};
    count.conns[HEADGATE_TCP_ESTABLISHED] = 7;
    count.conns[HEADGATE_A_COUNTS_KILLED - 1] = 1;
    EXPECT_EQ(hg::decode_conn_count(test::encode(count)).value(), count);
    hg::AttributeWriter killed;
    killed.u32(HEADGATE_A_KILLED, 9);
    EXPECT_EQ(hg::decode_killed(std::move(killed).take()).value(), 9U);
    EXPECT_FALSE(hg::decode_killed({}));
}

TEST(Codec, writes_the_terms_of_a_commit) {
    EXPECT_EQ(hex(hg::commit_request(9, 300).attributes),
              "14000680 08000100 09000000 08000200 2c010000");
}

TEST(Codec, says_what_is_attempted) {
    const auto service = test::key("tcp://10.0.0.1:80");
    const auto server = test::endpoint("10.1.0.2");
    EXPECT_EQ(hg::get_info_request().attempted.text(), "ask the module how it is");
    EXPECT_EQ(hg::del_server_request(service, server).attempted.text(),
              "delete server 10.1.0.2:80 of tcp://10.0.0.1:80");
    EXPECT_EQ(hg::list_servers_request(service).attempted.text(),
              "list the servers of tcp://10.0.0.1:80");
    EXPECT_EQ(hg::list_servers_request(std::nullopt).attempted.text(), "list the servers");
}

TEST(Codec, reads_back_what_the_kernel_writes) {
    EXPECT_EQ(hg::decode_info(test::encode(test::info())).value(), test::info());
    EXPECT_EQ(hg::decode_settings(test::encode(test::settings())).value(), test::settings());
    EXPECT_EQ(hg::decode_service(test::encode(test::web_service())).value(), test::web_service());
    EXPECT_EQ(hg::decode_service(test::encode(test::dns_service())).value(), test::dns_service());
    for (const auto& server : test::web_servers()) {
        EXPECT_EQ(hg::decode_server(test::encode(server)).value(), server);
    }
    for (const auto& conn : test::conns()) {
        EXPECT_EQ(hg::decode_conn(test::encode(conn)).value(), conn);
    }
}

TEST(Codec, reads_back_what_goes_on_with_a_server) {
    auto server = test::web_servers()[0];
    server.spec.upper = 100;
    server.spec.lower = 60;
    server.status = HEADGATE_STATUS_OVERLOADED;
    server.overrides = HEADGATE_OVERRIDE_WEIGHT;
    server.managed = hg::Managed{.weight = 7, .admin_state = hg::AdminState::Maint};
    server.drain = hg::Drain{.then = hg::Then::Reset, .remove = true, .left = 1500ms};
    EXPECT_EQ(hg::decode_server(test::encode(server)).value(), server);
    auto service = test::web_service();
    service.spec.timeouts[HEADGATE_A_TIMEOUT_UDP - 1] = 30s;
    service.spec.slow_start = 10s;
    service.spec.on_down = hg::OnDown::Reset;
    EXPECT_EQ(hg::decode_service(test::encode(service)).value(), service);
}

TEST(Codec, passes_over_what_a_newer_module_adds) {
    hg::AttributeWriter out;
    out.u32(99, 1).nest(HEADGATE_A_INFO, [](hg::AttributeWriter& nest) {
        nest.text(HEADGATE_A_INFO_VERSION, "9").u64(77, 1);
    });
    EXPECT_EQ(hg::decode_info(std::move(out).take()).value().version, "9");
}

TEST(Codec, refuses_truncated_port) {
    hg::AttributeWriter out;
    out.nest(HEADGATE_A_SERVICE, [](hg::AttributeWriter& nest) {
        nest.u8(HEADGATE_A_SERVICE_FAMILY, 2).u8(HEADGATE_A_SERVICE_PORT, 80);
    });
    EXPECT_EQ(hg::decode_service(std::move(out).take()).error().text(),
              "the kernel's answer cannot be read: attribute 4 has 1 bytes instead of 2");
}

TEST(Codec, refuses_an_address_of_the_wrong_size) {
    hg::AttributeWriter out;
    out.nest(HEADGATE_A_SERVICE, [](hg::AttributeWriter& nest) {
        nest.u8(HEADGATE_A_SERVICE_FAMILY, 10)
            .u8(HEADGATE_A_SERVICE_PROTOCOL, 6)
            .bytes(HEADGATE_A_SERVICE_ADDRESS, test::endpoint("10.0.0.1").address.bytes());
    });
    EXPECT_EQ(hg::decode_service(std::move(out).take()).error().text(),
              "the kernel's answer cannot be read: service address of 4 bytes and family 10");
}

TEST(Codec, says_what_is_not_there) {
    EXPECT_EQ(hg::decode_info({}).error().text(),
              "the kernel's answer cannot be read: it has no info");
    EXPECT_EQ(hg::decode_server(test::encode(test::web_service())).error().text(),
              "the kernel's answer cannot be read: it has no server");
}

TEST(Codec, survives_being_cut_anywhere) {
    for (const auto& sample : all_samples()) {
        for (std::size_t size = 0; size < sample.size(); size++) {
            decode_all(std::span(sample).first(size));
        }
    }
}

TEST(Codec, survives_any_flipped_byte) {
    std::minstd_rand random(1);
    for (auto sample : all_samples()) {
        for (auto& byte : sample) {
            const auto kept = byte;
            byte ^= static_cast<std::byte>(1 + random() % 255);
            decode_all(sample);
            byte = kept;
        }
    }
}

TEST(Codec, survives_garbage) {
    std::minstd_rand random(2);
    for (int round = 0; round < 2000; round++) {
        Bytes garbage(random() % 120);
        for (auto& byte : garbage) {
            byte = static_cast<std::byte>(random() % 16); // small: lengths that nearly fit
        }
        decode_all(garbage);
    }
}

} // namespace

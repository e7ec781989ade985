#include "fake_host.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

using hg::test::Cli;

TEST(Json, of_the_tree) {
    Cli cli;
    auto service = hg::test::dns_service();
    service.spec.timeouts[HEADGATE_A_TIMEOUT_UDP - 1] = std::chrono::seconds(30);
    auto server = hg::test::dns_servers().at(0);
    server.spec.admin_state = hg::AdminState::Drain;
    server.drain = hg::Drain{.then = hg::Then::Reset, .left = std::chrono::milliseconds(1500)};
    server.managed = hg::Managed{};
    server.overrides = HEADGATE_OVERRIDE_STATE;
    cli.host.kernel.services = {service};
    cli.host.kernel.servers = {server};
    EXPECT_EQ(cli("-j show"), R"({
  "schema": 1,
  "services": [
    {
      "service": "udp://[2001:db8::1]:53",
      "name": null,
      "scheduler": "mh",
      "hash_port": true,
      "timeouts": {
        "udp_ms": 30000
      },
      "slow_start_ms": 0,
      "on_down": "keep",
      "affinity": null,
      "protocol": "udp",
      "address": "2001:db8::1",
      "port": 53,
      "server_count": 1,
      "active": 0,
      "inactive": 7,
      "counters": {
        "conns": 7,
        "in_packets": 7,
        "in_bytes": 500,
        "out_packets": 0,
        "out_bytes": 0
      },
      "vip_missing": true,
      "servers": [
        {
          "service": "udp://[2001:db8::1]:53",
          "server": "[2001:db8::53]:53",
          "forward": "local",
          "tunnel": null,
          "weight": 1,
          "state": "drain",
          "upper": 0,
          "lower": 0,
          "address": "2001:db8::53",
          "port": 53,
          "down": [],
          "factor": 1.0,
          "ramp": 1.0,
          "effective_weight": 1.0,
          "overloaded": false,
          "drained": false,
          "drain": {
            "left_ms": 1500,
            "then": "reset",
            "remove": false
          },
          "managed": {
            "weight": 1,
            "state": "ready",
            "overrides": [
              "state"
            ]
          },
          "check_mark": null,
          "active": 0,
          "inactive": 7,
          "counters": {
            "conns": 7,
            "in_packets": 7,
            "in_bytes": 500,
            "out_packets": 0,
            "out_bytes": 0
          }
        }
      ]
    }
  ],
  "heartbeat": null
}
)");
}

TEST(Json, of_conns_is_one_a_line) {
    Cli cli;
    cli.host.kernel.conns.resize(2);
    EXPECT_EQ(cli("conn list -j"), R"({"schema": 1, "conns": [
{"protocol":"tcp","client":"192.0.2.9:40000","service":"tcp://10.0.0.1:80","server":"10.1.0.2:8080","forward":"nat","state":"established","active":true,"assured":true,"check":false,"killed":false,"timeout_ms":900000,"expires_ms":899000,"age_ms":61000},
{"protocol":"tcp","client":"192.0.2.10:40001","service":"tcp://10.0.0.1:80","server":"10.1.0.2:8080","forward":"nat","state":"syn_recv","active":false,"assured":false,"check":false,"killed":false,"timeout_ms":60000,"expires_ms":1500,"age_ms":0}
], "listed": 2, "more": false, "duplicates": false}
)");
    EXPECT_EQ(nlohmann::json::parse(cli.out)["conns"].size(), 2U);
}

TEST(Json, of_counts) {
    Cli cli;
    cli.host.kernel.conns.resize(1);
    EXPECT_EQ(cli("-j conn count"), R"({
  "schema": 1,
  "groups": [
    {
      "service": "tcp://10.0.0.1:80",
      "server": "10.1.0.2:8080",
      "state": "established",
      "conns": 1
    }
  ],
  "total": 1,
  "duplicates": false
}
)");
}

TEST(Json, of_rates) {
    Cli cli;
    cli.host.kernel.services = {hg::test::dns_service()};
    cli.host.meanwhile = [&] { cli.host.kernel.services[0].counters.in_bytes += 1000; };
    EXPECT_EQ(cli("-j stats udp://[2001:db8::1]:53 --rate --interval 500ms"), R"({
  "schema": 1,
  "interval_ms": 500,
  "services": [
    {
      "service": "udp://[2001:db8::1]:53",
      "name": null,
      "per_second": {
        "conns": 0,
        "in_packets": 0,
        "in_bytes": 2000,
        "out_packets": 0,
        "out_bytes": 0
      },
      "servers": [
        {
          "server": "[2001:db8::53]:53",
          "per_second": {
            "conns": 0,
            "in_packets": 0,
            "in_bytes": 0,
            "out_packets": 0,
            "out_bytes": 0
          }
        }
      ]
    }
  ]
}
)");
}

TEST(Json, of_settings_is_in_ms) {
    Cli cli;
    EXPECT_EQ(cli("-j settings get"), R"({
  "schema": 1,
  "settings": {
    "conn_limit": 1048576,
    "affinity_limit": 65536,
    "check_mark_first": 65536,
    "check_mark_last": 131071,
    "timeouts": {
      "tcp_none_ms": 2000,
      "tcp_established_ms": 900000,
      "tcp_syn_sent_ms": 120000,
      "tcp_syn_recv_ms": 60000,
      "tcp_fin_wait_ms": 120000,
      "tcp_time_wait_ms": 120000,
      "tcp_close_ms": 10000,
      "tcp_close_wait_ms": 60000,
      "tcp_last_ack_ms": 30000,
      "tcp_listen_ms": 120000,
      "tcp_synack_ms": 120000,
      "udp_ms": 300000
    }
  }
}
)");
}

TEST(Json, of_info) {
    Cli cli;
    EXPECT_EQ(cli("-j info"), R"({
  "schema": 1,
  "info": {
    "version": "0.1.0",
    "generation": 17,
    "services": 2,
    "servers": 4,
    "conns": 26,
    "conn_limit": 1048576,
    "affinities": 2,
    "affinity_limit": 65536,
    "schedulers": [
      "rr",
      "wrr",
      "lc",
      "wlc",
      "sh",
      "mh"
    ],
    "check_mark_first": 65536,
    "check_mark_last": 131071,
    "drops": {
      "no_server": 0,
      "no_conn": 12,
      "no_route": 3
    },
    "heartbeat": null,
    "without_accept_local": [],
    "redirecting": []
  }
}
)");
}

TEST(Json, of_a_change) {
    Cli cli;
    EXPECT_EQ(cli("-j flush"), "{\n  \"schema\": 1,\n  \"result\": \"done\"\n}\n");
}

TEST(Json, of_an_error_goes_to_the_error_stream) {
    Cli cli;
    cli.host.kernel.refusals[HEADGATE_CMD_DEL_SERVICE] = {EBUSY, "not now", 20};
    cli("-j service del web");
    EXPECT_EQ(cli.out, "");
    EXPECT_EQ(
        cli.err,
        R"x({"schema":1,"error":{"text":"cannot delete service tcp://10.0.0.1:80: not now (service)",)x"
        R"x("attempted":"delete service tcp://10.0.0.1:80","reason":"not now",)x"
        R"x("attribute":"service","errno":16}})x"
        "\n");
    EXPECT_EQ(cli.code, 1);
    cli("-j servce");
    EXPECT_EQ(cli.code, 2);
    EXPECT_EQ(nlohmann::json::parse(cli.err)["error"]["errno"], EINVAL);
}

TEST(Json, has_its_schema_everywhere) {
    Cli cli;
    for (const auto* const line :
         {"-j", "show web", "service list", "server list", "server list web", "conn list",
          "conn count", "conn count --by state", "conn kill --all", "conn sweep", "stats",
          "stats --rate", "settings get", "info", "version", "completion bash", "service del web",
          "server drain web 10.1.0.4", "flush"}) {
        EXPECT_EQ(nlohmann::json::parse(cli(std::string(line) + " -j"))["schema"], 1) << line;
    }
}

} // namespace

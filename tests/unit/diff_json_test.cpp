#include "output_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace hg::cli {

namespace {

using Say = void (Output::*)(const Difference&);

std::string said(Say say, const Difference& difference) {
    std::ostringstream out;
    std::ostringstream err;
    JsonOutput output(out, err);
    (output.*say)(difference);
    return out.str();
}

Config config(std::string_view text) { return parse_config(text).value_or(Config{}); }

TEST(DiffJson, says_the_difference_for_scripts) {
    const auto from = config("services:\n"
                             "  - listen: tcp://192.0.2.80:80\n"
                             "    servers: [{address: 192.0.2.11}, {address: 192.0.2.12}]\n"
                             "  - listen: udp://192.0.2.80:53\n");
    const auto to = config("services:\n"
                           "  - name: web\n"
                           "    listen: tcp://192.0.2.80:80\n"
                           "    hash_port: true\n"
                           "    affinity: {timeout: 5m, mask: 24}\n"
                           "    servers: [{address: 192.0.2.11, weight: 3, state: drain},\n"
                           "              {address: 192.0.2.13, forward: tunnel}]\n"
                           "  - listen: \"tcp://[2001:db8::1]:80\"\n");
    Running running;
    for (const auto& pool : from.services) {
        Service service;
        service.spec = pool.service;
        running.services.push_back(service);
        for (const auto& spec : pool.servers) {
            Server server;
            server.service = pool.service.key;
            server.spec = spec;
            running.servers.push_back(server);
        }
    }
    EXPECT_EQ(Json::parse(said(&Output::difference, diff(to, running))).dump(1), R"({
 "schema": 1,
 "differs": true,
 "changes": [
  {
   "op": "del",
   "object": "server",
   "service": "tcp://192.0.2.80:80",
   "server": "192.0.2.12:80"
  },
  {
   "op": "del",
   "object": "service",
   "service": "udp://192.0.2.80:53"
  },
  {
   "op": "set",
   "object": "service",
   "service": "tcp://192.0.2.80:80",
   "fields": {
    "name": {
     "from": null,
     "to": "web"
    },
    "hash_port": {
     "from": false,
     "to": true
    },
    "affinity": {
     "from": null,
     "to": {
      "timeout_ms": 300000,
      "prefix": 24,
      "drained": "keep"
     }
    }
   }
  },
  {
   "op": "set",
   "object": "server",
   "service": "tcp://192.0.2.80:80",
   "server": "192.0.2.11:80",
   "fields": {
    "weight": {
     "from": 1,
     "to": 3
    },
    "state": {
     "from": "ready",
     "to": "drain"
    }
   }
  },
  {
   "op": "add",
   "object": "server",
   "service": "tcp://192.0.2.80:80",
   "server": "192.0.2.13:80",
   "forward": "tunnel",
   "tunnel": "ipip",
   "weight": 1,
   "state": "ready",
   "upper": 0,
   "lower": 0
  },
  {
   "op": "add",
   "object": "service",
   "service": "tcp://[2001:db8::1]:80",
   "name": null,
   "scheduler": "wlc",
   "hash_port": false,
   "timeouts": {},
   "slow_start_ms": 0,
   "on_down": "keep",
   "affinity": null
  }
 ]
})");
}

TEST(DiffJson, no_difference_is_no_change) {
    EXPECT_EQ(Json::parse(said(&Output::difference, {})).dump(),
              R"({"schema":1,"differs":false,"changes":[]})");
}

TEST(DiffJson, says_that_it_is_done) {
    EXPECT_EQ(Json::parse(said(&Output::applied, {})).dump(),
              R"({"schema":1,"changes":[],"result":"done"})");
}

} // namespace

} // namespace hg::cli

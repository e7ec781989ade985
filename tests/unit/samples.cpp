#include "samples.h"

namespace hg::test {

using namespace std::chrono_literals;

ServiceKey key(const char* url) { return parse_service_key(url).value(); }

Endpoint endpoint(const char* text) { return parse_endpoint(text).value(); }

Service web_service() {
    return {.spec = {.key = key("tcp://10.0.0.1:80"), .name = "web", .scheduler = "wlc"},
            .servers = 3,
            .active = 15,
            .inactive = 4,
            .counters = {.conns = 1000,
                         .in_packets = 20000,
                         .in_bytes = 3000000,
                         .out_packets = 30000,
                         .out_bytes = 5000000000}};
}

Service dns_service() {
    return {.spec = {.key = key("udp://[2001:db8::1]:53"),
                     .name = "",
                     .scheduler = "mh",
                     .hash_port = true},
            .servers = 1,
            .active = 0,
            .inactive = 7,
            .counters = {.conns = 7, .in_packets = 7, .in_bytes = 500}};
}

std::vector<Server> web_servers() {
    const auto service = key("tcp://10.0.0.1:80");
    Server nat{.service = service,
               .spec = {.endpoint = endpoint("10.1.0.2:8080"), .weight = 3},
               .effective_weight = 768,
               .check_mark = 0x10000,
               .active = 10,
               .inactive = 3,
               .counters = {.conns = 600, .in_packets = 12000, .in_bytes = 2000000}};
    Server tunnel{
        .service = service,
        .spec = {.endpoint = endpoint("[2001:db8::7]:80"), .mode = Mode::Tunnel, .weight = 3},
        .factor = 500,
        .effective_weight = 384,
        .active = 5,
        .inactive = 1};
    Server direct{.service = service,
                  .spec = {.endpoint = endpoint("10.1.0.4:80"),
                           .mode = Mode::Direct,
                           .weight = 1,
                           .admin_state = AdminState::Drain},
                  .down = HEADGATE_DOWN_CHECK};
    return {nat, direct, tunnel};
}

std::vector<Server> dns_servers() {
    return {Server{.service = key("udp://[2001:db8::1]:53"),
                   .spec = {.endpoint = endpoint("[2001:db8::53]:53"), .mode = Mode::Local},
                   .effective_weight = 256,
                   .inactive = 7,
                   .counters = {.conns = 7, .in_packets = 7, .in_bytes = 500}}};
}

std::vector<Conn> conns() {
    const Conn web{.protocol = Protocol::Tcp,
                   .client = endpoint("192.0.2.9:40000"),
                   .service = endpoint("10.0.0.1:80"),
                   .server = endpoint("10.1.0.2:8080"),
                   .mode = Mode::Nat,
                   .state = HEADGATE_TCP_ESTABLISHED,
                   .flags = HEADGATE_CONN_F_ACTIVE | HEADGATE_CONN_F_ASSURED,
                   .timeout = 900s,
                   .expires = 899s,
                   .age = 61s};
    auto half_open = web;
    half_open.client = endpoint("192.0.2.10:40001");
    half_open.state = HEADGATE_TCP_SYN_RECV;
    half_open.flags = 0;
    half_open.timeout = 60s;
    half_open.expires = 1500ms;
    half_open.age = 0ms;
    const Conn dns{.protocol = Protocol::Udp,
                   .client = endpoint("[2001:db8::9]:5353"),
                   .service = endpoint("[2001:db8::1]:53"),
                   .server = endpoint("[2001:db8::53]:53"),
                   .mode = Mode::Local,
                   .timeout = 300s,
                   .expires = 300s,
                   .age = 2s};
    return {web, half_open, dns};
}

std::vector<Affinity> affinities() {
    const Affinity web{.protocol = Protocol::Tcp,
                       .client = endpoint("192.0.2.9").address,
                       .prefix = 32,
                       .service = endpoint("10.0.0.1:80"),
                       .server = endpoint("10.1.0.2:8080"),
                       .timeout = 300s,
                       .expires = 1500ms};
    const Affinity dns{.protocol = Protocol::Udp,
                       .client = endpoint("2001:db8:1::").address,
                       .prefix = 64,
                       .service = endpoint("[2001:db8::1]:53"),
                       .server = endpoint("[2001:db8::53]:53"),
                       .timeout = 300s,
                       .expires = 300s,
                       .conns = 7};
    return {web, dns};
}

Info info() {
    return {.version = "0.1.0",
            .generation = 17,
            .services = 2,
            .servers = 4,
            .conns = 26,
            .conn_limit = 1048576,
            .affinities = 2,
            .affinity_limit = 65536,
            .schedulers = {"rr", "wrr", "lc", "wlc", "sh", "mh"},
            .drops = {{0, "no_server", 0}, {1, "no_conn", 12}, {5, "no_route", 3}}};
}

Settings settings() {
    return {.conn_limit = 1048576,
            .affinity_limit = 65536,
            .check_mark_first = 0x10000,
            .check_mark_last = 0x1ffff,
            .timeouts = {2s, 900s, 120s, 60s, 120s, 120s, 10s, 60s, 30s, 120s, 120s, 300s}};
}

} // namespace hg::test

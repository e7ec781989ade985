// The pool that tests of the engine are about.
#pragma once

#include "config.h"

#include <string>

namespace hg::daemon::test {

inline const ServiceKey kWeb = *parse_service_key("tcp://10.0.0.1:80");

inline Endpoint server_at(int number) {
    return *parse_endpoint("10.1.0." + std::to_string(number) + ":80");
}

inline ServerSpec spec_at(int number) {
    ServerSpec out;
    out.endpoint = server_at(number);
    return out;
}

// The service "web" with the servers 1 to SERVERS.
inline PoolConfig web_pool(int servers, const std::string& scheduler) {
    PoolConfig out;
    out.service.key = kWeb;
    out.service.name = "web";
    out.service.scheduler = scheduler;
    for (int i = 1; i <= servers; i++) {
        out.servers.push_back(spec_at(i));
    }
    return out;
}

} // namespace hg::daemon::test

// Values to test with: one service of each kind, as a module might hold them.
#pragma once

#include "model.h"

namespace hg::test {

[[nodiscard]] ServiceKey key(const char* url);
[[nodiscard]] Endpoint endpoint(const char* text);

[[nodiscard]] Service web_service(); // tcp://10.0.0.1:80, "web", wlc
[[nodiscard]] Service dns_service(); // udp://[2001:db8::1]:53, no name, mh with ports
[[nodiscard]] std::vector<Server> web_servers();
[[nodiscard]] std::vector<Server> dns_servers();
[[nodiscard]] std::vector<Conn> conns();
[[nodiscard]] std::vector<Affinity> affinities();
[[nodiscard]] Info info();
[[nodiscard]] Settings settings();

} // namespace hg::test

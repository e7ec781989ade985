// Where the load of a server is read: from its agent or its node_exporter.
#pragma once

#include "agent_protocol.h"
#include "node_exporter.h"

#include <boost/asio/awaitable.hpp>

namespace hg::daemon {

// Each ends within spec.timeout, and when it is cancelled (then the result means nothing). An
// error's reason is for people: "no answer in 1s", "connection refused".

// Hears one answer.
[[nodiscard]] boost::asio::awaitable<Result<AgentAnswer>> ask_agent(LoadSpec spec, Endpoint agent);
// Makes one scrape.
[[nodiscard]] boost::asio::awaitable<Result<NodeMetrics>> scrape_node(LoadSpec spec,
                                                                      Endpoint exporter);

} // namespace hg::daemon

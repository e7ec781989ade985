// The two words that nearly every verb of "server" begins with.
#pragma once

#include "commands.h"

namespace hg::cli {

struct ServerTarget {
    std::string service;
    std::string server;
};

void target_options(Parser& app, ServerTarget& target);

struct FoundServer {
    Client* client = nullptr;
    ServiceKey service;
    Endpoint server; // port 0: the service's
};

// The service is looked for when it is named, the server is not.
[[nodiscard]] Result<FoundServer> find_target(const ServerTarget& target, Context& context);

// cmd_server_drain.cpp
void declare_drain(Parser& app, Run& chosen);

} // namespace hg::cli

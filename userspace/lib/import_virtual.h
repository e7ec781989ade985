// A virtual_server of a keepalived.conf, before it is a service of each of its addresses.
#pragma once

#include "import_keepalived_check.h"

namespace hg {

// How packets get to a server; what virtual servers say holds for their real servers.
struct Forward {
    Mode mode = Mode::Nat;
    std::string problem = {}; // why it cannot be ours
};

struct RealServer {
    const KeepalivedNode* node = nullptr;
    ServerSpec spec = {}; // its port may be the service's
    const KeepalivedNode* check_node = nullptr;
    std::optional<HealthCheck> check = {};
};

// One virtual_server, with all of its addresses.
struct Virtual {
    const KeepalivedNode* node = nullptr;
    std::vector<Endpoint> listens = {};
    Protocol protocol = Protocol::Tcp;
    std::string problem = {}; // why it cannot be ours
    std::string scheduler = "wlc";
    std::vector<const KeepalivedNode*> flags = {}; // of the scheduler
    const KeepalivedNode* persistence = nullptr;
    const KeepalivedNode* granularity = nullptr;
    Forward forward = {};
    KeepalivedTries tries = {};
    const KeepalivedNode* sorry = nullptr;
    std::optional<Forward> sorry_forward = {};
    const KeepalivedNode* quorum_node = nullptr;
    Quorum quorum = {};
    std::vector<RealServer> servers = {};
    std::optional<HealthCheck> check = {};
    const KeepalivedNode* check_node = nullptr;
};

// All but its real servers, for which that holds wherever it stands.
void read_virtual_keys(ImportPools& out, Virtual& to);

// Its real servers, and the check that the service gets of theirs.
void read_real_servers(ImportPools& out, Virtual& to);

// The address of a line like "real_server 10.0.0.1 80", its port where there is one.
[[nodiscard]] Result<Endpoint> read_endpoint(const KeepalivedNode& node);

} // namespace hg

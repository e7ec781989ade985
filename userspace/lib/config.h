// The configuration: what services and servers there are to be, as the admin wrote it.
//
// The file is described in docs/man/headgate.yaml.5. It is read as a whole or not at all, and all
// that is wrong is told at once.
#pragma once

#include "config_fault.h"
#include "health_check.h"
#include "model.h"

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace hg {

// What headgated does for a service; nothing of it is in the kernel.
struct PoolCare {
    std::optional<HealthCheck> check = {};
    std::optional<LoadSpec> load = {};
    std::vector<ServerSpec> fallback = {}; // when no server is left
    std::uint32_t panic_threshold = 0;     // per cent of the admin weight that is up; 0: off
    std::optional<Quorum> quorum = {};

    bool operator==(const PoolCare&) const = default;
};

struct PoolConfig {
    ServiceSpec service;
    std::vector<ServerSpec> servers; // each with a port
    PoolCare care = {};

    bool operator==(const PoolConfig&) const = default;
};

// Watched, not balanced to: storage, directors.
struct NodeConfig {
    std::string name;
    Address address;
    std::optional<HealthCheck> check = {};
    std::optional<LoadSpec> load = {};

    bool operator==(const NodeConfig&) const = default;
};

// 127.0.0.1:10469; the ports up to 9999 are other exporters'.
[[nodiscard]] Endpoint default_metrics();

// headgated's own settings.
struct DaemonConfig {
    // Where /metrics and /healthz are; empty: nowhere.
    std::optional<Endpoint> metrics = default_metrics();
    std::vector<std::string> on_change = {}; // a command that gets each event; empty: none

    bool operator==(const DaemonConfig&) const = default;
};

struct Config {
    std::vector<PoolConfig> services;
    std::vector<NodeConfig> nodes = {};
    DaemonConfig daemon = {};
    bool exclusive = false; // what is not in the file is not to be in the kernel

    bool operator==(const Config&) const = default;
};

// The words that a scheduler may be; a kernel module may know more.
[[nodiscard]] std::vector<std::string_view> config_schedulers();

class ConfigFiles;

// A file that includes no others.
[[nodiscard]] tl::expected<Config, ConfigFaults> parse_config(std::string_view bytes);
// The bytes of the main file; those it includes come from FILES.
[[nodiscard]] tl::expected<Config, ConfigFaults> parse_config(std::string_view bytes,
                                                              ConfigFiles& files);
[[nodiscard]] tl::expected<Config, ConfigFaults> load_config(const std::string& path);

// A file that parse_config reads back to the same.
[[nodiscard]] std::string config_text(const Config& config);

} // namespace hg

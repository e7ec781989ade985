// The configuration: what services and servers there are to be, as the admin wrote it.
//
// The file is described in docs/man/headgate.yaml.5. It is read as a whole or not at all, and all
// that is wrong is told at once.
#pragma once

#include "config_fault.h"
#include "model.h"

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace hg {

struct PoolConfig {
    ServiceSpec service;
    std::vector<ServerSpec> servers; // each with a port

    bool operator==(const PoolConfig&) const = default;
};

struct Config {
    std::vector<PoolConfig> services;

    bool operator==(const Config&) const = default;
};

// The words that a scheduler may be; a kernel module may know more.
[[nodiscard]] std::vector<std::string_view> config_schedulers();

[[nodiscard]] tl::expected<Config, ConfigFaults> parse_config(std::string_view bytes);
[[nodiscard]] tl::expected<Config, ConfigFaults> load_config(const std::string& path);

// A file that parse_config reads back to the same.
[[nodiscard]] std::string config_text(const Config& config);

} // namespace hg

// nodes: what is watched and not balanced to.
#pragma once

#include "config.h"
#include "config_schema.h"

#include <map>

namespace hg {

class NodeReader {
public:
    // A node's check and load take from the defaults what they do not say.
    NodeReader(ConfigSource& source, std::optional<HealthCheck> check,
               std::optional<LoadSpec> load);

    // Adds to OUT, which holds those of the files before.
    void read(const YamlNode& list, std::vector<NodeConfig>& out);

private:
    using Field = ConfigField<NodeReader, NodeConfig>;

    static const std::array<Field, 4> kFields;

    void node_name(const YamlEntry& entry, NodeConfig& node);
    void node_address(const YamlEntry& entry, NodeConfig& node);
    void node_check(const YamlEntry& entry, NodeConfig& node);
    void node_load(const YamlEntry& entry, NodeConfig& node);

    void read_node(const YamlNode& map, std::vector<NodeConfig>& out);

    ConfigSource& source_;
    std::optional<HealthCheck> check_;
    std::optional<LoadSpec> load_;
    std::map<std::string, FilePlace> names_;
};

} // namespace hg

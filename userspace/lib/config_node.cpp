#include "config_node.h"

#include "check.h"
#include "config_check.h"
#include "config_check_kind.h"

#include <array>
#include <fmt/format.h>
#include <utility>

namespace hg {

namespace {

constexpr std::size_t kNodesMax = 1024;

// A node has no port of its own; 0 where there is no usual one, or none at all.
std::uint16_t usual_port(CheckTypes type) {
    switch (type) {
    case kHttpCheck:
        return 80;
    case kHttpsCheck:
        return 443;
    case kDnsCheck:
        return 53;
    case kSmtpCheck:
        return 25;
    case kFtpCheck:
        return 21;
    default:
        return 0;
    }
}

} // namespace

const std::array<NodeReader::Field, 4> NodeReader::kFields{{{"name", &NodeReader::node_name},
                                                            {"address", &NodeReader::node_address},
                                                            {"check", &NodeReader::node_check},
                                                            {"load", &NodeReader::node_load}}};

NodeReader::NodeReader(ConfigSource& source, std::optional<HealthCheck> check,
                       std::optional<LoadSpec> load)
    : source_(source), check_(std::move(check)), load_(std::move(load)) {
    if (check_) {
        check_->through_service = false; // a node is behind none
    }
}

void NodeReader::read(const YamlNode& list, std::vector<NodeConfig>& out) {
    if (out.size() + list.items.size() > kNodesMax) {
        source_.fault(list, fmt::format("{} nodes are too many: up to {}",
                                        out.size() + list.items.size(), kNodesMax));
        return;
    }
    for (const auto& map : list.items) {
        read_node(map, out);
    }
}

void NodeReader::read_node(const YamlNode& map, std::vector<NodeConfig>& out) {
    if (map.kind != YamlNode::Kind::Map) {
        source_.fault(map, "a node " + expected_instead(map, "a map like { name: storage, address: "
                                                             "10.0.0.1 }"));
        return;
    }
    for (const auto* const key : {"name", "address"}) {
        if (!has_key(map, key)) {
            source_.fault(map,
                          fmt::format("a node needs {}: {}", key,
                                      key == std::string_view("name") ? "storage" : "ADDRESS"));
        }
    }
    NodeConfig node;
    read_fields(source_, *this, map, "a node", kFields, node);
    if (node.check && node.check->source && node.check->source->family() != node.address.family()) {
        source_.fault(map,
                      fmt::format("the check's source {} is {}, and the node is {}",
                                  node.check->source->text(), name(node.check->source->family()),
                                  name(node.address.family())));
    }
    out.push_back(std::move(node));
}

void NodeReader::node_name(const YamlEntry& entry, NodeConfig& node) {
    const auto word = read_word(source_, entry);
    if (!word) {
        return;
    }
    if (const auto good = check_name(*word, "a node"); !good) {
        source_.fault(entry.value, good.error().reason);
        return;
    }
    node.name = *word;
    const auto [first, is_new] = names_.emplace(node.name, source_.place_of(entry.value));
    if (!is_new) {
        source_.fault(entry.value, fmt::format("node \"{}\" is here a second time, the first is at "
                                               "{}",
                                               node.name, source_.text_of(first->second)));
    }
}

void NodeReader::node_address(const YamlEntry& entry, NodeConfig& node) {
    const auto word = read_word(source_, entry);
    const auto address = word ? accept(source_, entry.value, parse_address(*word)) : std::nullopt;
    if (!address) {
        return;
    }
    // The director itself may be a node.
    const auto good = address->is_loopback() ? Result<>{} : check_unicast(*address, "node");
    if (!good) {
        source_.fault(entry.value, good.error().reason);
    }
    node.address = *address;
}

void NodeReader::node_check(const YamlEntry& entry, NodeConfig& node) {
    node.check = read_check(source_, entry, check_);
    if (!node.check) {
        return;
    }
    auto& check = *node.check;
    if (check.through_service) {
        source_.fault(entry.value, "through: a node is behind no service, take it out");
    }
    const auto type = type_of(check);
    if (check.port == 0) {
        check.port = usual_port(type);
    }
    if (check.port == 0 && (type & (kTcpCheck | kUdpCheck)) != 0) {
        source_.fault(entry.value,
                      fmt::format("a {} check of a node needs a port", type_name(check)));
    }
}

void NodeReader::node_load(const YamlEntry& entry, NodeConfig& node) {
    node.load = read_load(source_, entry, load_);
}

} // namespace hg

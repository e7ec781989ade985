#include "config_include.h"

#include <algorithm>
#include <fmt/format.h>

namespace hg {

namespace {

// A name that an earlier pattern has brought is not read again, nor is the main file.
void add_new(std::vector<std::string> found, const std::string& main,
             std::vector<std::string>& out) {
    for (auto& path : found) {
        if (path != main && std::find(out.begin(), out.end(), path) == out.end()) {
            out.push_back(std::move(path));
        }
    }
}

void add_pattern(ConfigSource& source, const YamlNode& node, ConfigFiles& files,
                 std::vector<std::string>& out) {
    const auto pattern = word_of(source, node, "include");
    if (!pattern) {
        return;
    }
    if (pattern->empty()) {
        source.fault(node, "include has to be the path of a file, not \"\"");
        return;
    }
    auto found = files.find(std::string(*pattern));
    if (!found) {
        source.fault(node, fmt::format("include {}: {}", quoted(*pattern), found.error().reason));
        return;
    }
    if (found->size() > kIncludedFilesMax) {
        source.fault(node, fmt::format("include {} is {} files: up to {} are read",
                                       quoted(*pattern), found->size(), kIncludedFilesMax));
        return;
    }
    add_new(*std::move(found), files.main(), out);
    if (out.size() > kIncludedFilesMax) {
        source.fault(node, fmt::format("with {} there are {} files to include: up to {} are read",
                                       quoted(*pattern), out.size(), kIncludedFilesMax));
        out.resize(kIncludedFilesMax);
    }
}

} // namespace

std::vector<std::string> read_include(ConfigSource& source, const YamlEntry& entry,
                                      ConfigFiles& files) {
    std::vector<std::string> out;
    if (entry.value.kind == YamlNode::Kind::Null) {
        source.fault(entry.key, "include has to be a path or a list of paths, not nothing");
    } else if (entry.value.kind == YamlNode::Kind::Sequence) {
        for (const auto& node : entry.value.items) {
            add_pattern(source, node, files, out);
        }
    } else {
        add_pattern(source, entry.value, files, out);
    }
    return out;
}

} // namespace hg

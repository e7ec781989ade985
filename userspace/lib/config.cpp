#include "config.h"

#include "config_daemon.h"
#include "config_include.h"
#include "config_node.h"
#include "config_service.h"
#include "config_text.h"

#include <array>
#include <fmt/format.h>

namespace hg {

namespace {

// For a text that is nowhere, and so has nothing beside it.
class NoFiles final : public ConfigFiles {
public:
    [[nodiscard]] std::string main() const override { return {}; }

    [[nodiscard]] Result<std::vector<std::string>> find(const std::string& /*pattern*/) override {
        return refusal("files can be included from a file only", std::errc::not_supported);
    }

    [[nodiscard]] std::string read(const std::string& /*path*/, ConfigFaults& faults) override {
        faults.add({}, "cannot be read");
        return {};
    }
};

// The tree of the bytes, or nothing when it is not to be used.
std::optional<YamlNode> tree_of(std::string_view bytes, ConfigFaults& faults) {
    const auto before = faults.total();
    const auto text = clean_config_text(bytes, faults);
    if (faults.total() != before) {
        return std::nullopt;
    }
    return parse_yaml(text, faults);
}

// Reads the main file and then those that it includes: one tree at a time.
class FileReader {
public:
    FileReader(ConfigFaults& faults, ConfigFiles& files)
        : faults_(faults), files_(files), source_(faults), services_(source_) {}

    Config read(std::string_view bytes);

private:
    using Field = ConfigField<FileReader, Config>;

    void read_main(const YamlNode& root, Config& config);
    void read_included(const std::string& path, Config& config);

    void include(const YamlEntry& entry, Config& config);
    void exclusive(const YamlEntry& entry, Config& config);
    void daemon(const YamlEntry& entry, Config& config);
    void defaults(const YamlEntry& entry, Config& config);
    void services(const YamlEntry& entry, Config& config);
    void nodes(const YamlEntry& entry, Config& config);
    void of_main(const YamlEntry& entry, Config& config);

    static const std::array<Field, 6> kMainFields;
    static const std::array<Field, 6> kIncludedFields;

    ConfigFaults& faults_;
    ConfigFiles& files_;
    ConfigSource source_;
    ServiceReader services_;
    std::optional<NodeReader> nodes_ = {}; // once the defaults are known
    std::vector<std::string> included_ = {};
    std::size_t included_bytes_ = 0;
};

const std::array<FileReader::Field, 6> FileReader::kMainFields{
    {{"include", &FileReader::include},
     {"exclusive", &FileReader::exclusive},
     {"daemon", &FileReader::daemon},
     {"defaults", &FileReader::defaults},
     {"services", &FileReader::services},
     {"nodes", &FileReader::nodes}}};

const std::array<FileReader::Field, 6> FileReader::kIncludedFields{
    {{"services", &FileReader::services},
     {"nodes", &FileReader::nodes},
     {"include", &FileReader::of_main},
     {"exclusive", &FileReader::of_main},
     {"daemon", &FileReader::of_main},
     {"defaults", &FileReader::of_main}}};

Config FileReader::read(std::string_view bytes) {
    Config config;
    if (const auto root = tree_of(bytes, faults_)) {
        read_main(*root, config);
    }
    for (const auto& path : included_) {
        faults_.begin_file(path);
        read_included(path, config);
    }
    return config;
}

void FileReader::read_main(const YamlNode& root, Config& config) {
    if (root.kind == YamlNode::Kind::Null) {
        source_.fault(root, "the file is empty: it has to have services, be it \"services: []\"");
        return;
    }
    if (root.kind != YamlNode::Kind::Map) {
        source_.fault(root, fmt::format("the file has to be a map of defaults and services, not {}",
                                        name(root.kind)));
        return;
    }
    // The defaults hold for all services, also for those above them.
    if (const auto found = find_key(root, "defaults"); found.value != nullptr) {
        services_.read_defaults(*found.value);
    }
    nodes_.emplace(source_, services_.defaults().check, services_.defaults().load);
    read_fields(source_, *this, root, "the file", kMainFields, config);
    if (!has_key(root, "services") && !has_key(root, "include")) {
        source_.fault(root, "services are missing: \"services: []\" when there are to be none");
    }
}

void FileReader::read_included(const std::string& path, Config& config) {
    const auto before = faults_.total();
    const auto bytes = files_.read(path, faults_);
    if (faults_.total() != before) {
        return;
    }
    included_bytes_ += bytes.size();
    if (included_bytes_ > kIncludedBytesMax) {
        faults_.add({}, fmt::format("with this file more than {} MB are included",
                                    kIncludedBytesMax >> 20U));
        return;
    }
    const auto root = tree_of(bytes, faults_);
    if (!root) {
        return;
    }
    if (root->kind == YamlNode::Kind::Null) {
        source_.fault(*root, "the file is empty: it has to have services or nodes, be it "
                             "\"services: []\"");
    } else if (root->kind != YamlNode::Kind::Map) {
        source_.fault(*root, fmt::format("the file has to be a map of services and nodes, not {}",
                                         name(root->kind)));
    } else {
        read_fields(source_, *this, *root, "an included file", kIncludedFields, config);
    }
}

void FileReader::include(const YamlEntry& entry, Config& /*config*/) {
    included_ = read_include(source_, entry, files_);
}

void FileReader::exclusive(const YamlEntry& entry, Config& config) {
    config.exclusive = read_bool(source_, entry).value_or(config.exclusive);
}

void FileReader::daemon(const YamlEntry& entry, Config& config) {
    if (is_kind(source_, entry, YamlNode::Kind::Map)) {
        config.daemon = DaemonReader(source_).read(entry.value);
    }
}

void FileReader::defaults(const YamlEntry& entry, Config& /*config*/) {
    // Read already; only that it is a map is still to be told, where the key is known.
    (void)is_kind(source_, entry, YamlNode::Kind::Map);
}

void FileReader::services(const YamlEntry& entry, Config& config) {
    if (is_kind(source_, entry, YamlNode::Kind::Sequence)) {
        services_.read_services(entry.value, config.services);
    }
}

void FileReader::nodes(const YamlEntry& entry, Config& config) {
    if (is_kind(source_, entry, YamlNode::Kind::Sequence)) {
        nodes_->read(entry.value, config.nodes);
    }
}

void FileReader::of_main(const YamlEntry& entry, Config& /*config*/) {
    source_.fault(entry.key, fmt::format("{} has its place in {}, which includes this file",
                                         entry.key.text, quoted(files_.main())));
}

} // namespace

tl::expected<Config, ConfigFaults> parse_config(std::string_view bytes, ConfigFiles& files) {
    ConfigFaults faults(files.main());
    auto config = FileReader(faults, files).read(bytes);
    if (!faults.empty()) {
        return tl::make_unexpected(std::move(faults));
    }
    return config;
}

tl::expected<Config, ConfigFaults> parse_config(std::string_view bytes) {
    NoFiles none;
    return parse_config(bytes, none);
}

tl::expected<Config, ConfigFaults> load_config(const std::string& path) {
    ConfigFaults faults;
    const auto bytes = read_config_file(path, faults);
    if (!faults.empty()) {
        return tl::make_unexpected(std::move(faults));
    }
    FolderFiles files(path);
    return parse_config(bytes, files);
}

} // namespace hg

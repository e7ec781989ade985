#include "config.h"

#include "config_service.h"
#include "config_text.h"

#include <array>
#include <fmt/format.h>

namespace hg {

namespace {

class FileReader {
public:
    explicit FileReader(ConfigSource& source) : source_(source), services_(source) {}

    Config read(const YamlNode& root);

private:
    using Field = ConfigField<FileReader, Config>;

    void read_defaults(const YamlEntry& entry, Config& config);
    void read_services(const YamlEntry& entry, Config& config);

    static const std::array<Field, 2> kFields;

    ConfigSource& source_;
    ServiceReader services_;
};

const std::array<FileReader::Field, 2> FileReader::kFields{
    {{"defaults", &FileReader::read_defaults}, {"services", &FileReader::read_services}}};

const YamlNode* find(const YamlNode& map, std::string_view key) {
    for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
        if (map.items[i].text == key) {
            return &map.items[i + 1];
        }
    }
    return nullptr;
}

Config FileReader::read(const YamlNode& root) {
    Config config;
    if (root.kind == YamlNode::Kind::Null) {
        source_.fault(root, "the file is empty: it has to have services, be it \"services: []\"");
        return config;
    }
    if (root.kind != YamlNode::Kind::Map) {
        source_.fault(root, fmt::format("the file has to be a map of defaults and services, not {}",
                                        name(root.kind)));
        return config;
    }
    // The defaults hold for all services, also for those above them.
    if (const auto* defaults = find(root, "defaults")) {
        services_.read_defaults(*defaults);
    }
    read_fields(source_, *this, root, "the file", kFields, config);
    if (find(root, "services") == nullptr) {
        source_.fault(root, "services are missing: \"services: []\" when there are to be none");
    }
    return config;
}

void FileReader::read_defaults(const YamlEntry& entry, Config& /*config*/) {
    // Read already; only that it is a map is still to be told, where the key is known.
    (void)is_kind(source_, entry, YamlNode::Kind::Map);
}

void FileReader::read_services(const YamlEntry& entry, Config& config) {
    if (is_kind(source_, entry, YamlNode::Kind::Sequence)) {
        config.services = services_.read_services(entry.value);
    }
}

} // namespace

tl::expected<Config, ConfigFaults> parse_config(std::string_view bytes) {
    ConfigFaults faults;
    const auto text = clean_config_text(bytes, faults);
    if (!faults.empty()) {
        return tl::make_unexpected(std::move(faults));
    }
    const auto root = parse_yaml(text, faults);
    if (!faults.empty()) {
        return tl::make_unexpected(std::move(faults));
    }
    ConfigSource source(faults);
    auto config = FileReader(source).read(root);
    if (!faults.empty()) {
        return tl::make_unexpected(std::move(faults));
    }
    return config;
}

tl::expected<Config, ConfigFaults> load_config(const std::string& path) {
    ConfigFaults faults;
    const auto bytes = read_config_file(path, faults);
    if (!faults.empty()) {
        return tl::make_unexpected(std::move(faults));
    }
    return parse_config(bytes);
}

} // namespace hg

// daemon: what headgated does besides.
#pragma once

#include "config.h"
#include "config_schema.h"

namespace hg {

class DaemonReader {
public:
    explicit DaemonReader(ConfigSource& source) : source_(source) {}

    [[nodiscard]] DaemonConfig read(const YamlNode& map);

private:
    using Field = ConfigField<DaemonReader, DaemonConfig>;

    static const std::array<Field, 2> kFields;

    void metrics(const YamlEntry& entry, DaemonConfig& daemon);
    void on_change(const YamlEntry& entry, DaemonConfig& daemon);

    ConfigSource& source_;
};

} // namespace hg

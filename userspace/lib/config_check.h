// check: and load: of the configuration, as such; what they have to do with a service is said
// where the service is read.
#pragma once

#include "config_schema.h"
#include "health_check.h"

namespace hg {

// What ENTRY does not say is as in BASE; the keys of a type only where BASE is of that type.
// Nothing where it is none, or at fault.
[[nodiscard]] std::optional<HealthCheck> read_check(ConfigSource& source, const YamlEntry& entry,
                                                    const std::optional<HealthCheck>& base);
[[nodiscard]] std::optional<LoadSpec> read_load(ConfigSource& source, const YamlEntry& entry,
                                                const std::optional<LoadSpec>& base);

} // namespace hg

// include: conf.d/*.yaml
#pragma once

#include "config_files.h"
#include "config_schema.h"

namespace hg {

inline constexpr std::size_t kIncludedFilesMax = 256;
inline constexpr std::size_t kIncludedBytesMax = std::size_t{64} << 20; // of all of them

// The files that are to be read after the main one, each once.
[[nodiscard]] std::vector<std::string> read_include(ConfigSource& source, const YamlEntry& entry,
                                                    ConfigFiles& files);

} // namespace hg

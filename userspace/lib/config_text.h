// The bytes of a configuration file, before anything is read into them.
#pragma once

#include "config_fault.h"
#include "result.h"

#include <string>
#include <string_view>

namespace hg {

inline constexpr std::size_t kConfigBytesMax = std::size_t{16} << 20;

// A regular file of up to kConfigBytesMax bytes; empty when there are faults.
[[nodiscard]] std::string read_config_file(const std::string& path, ConfigFaults& faults);

// The same of what an open file or pipe still has.
[[nodiscard]] std::string read_config_stream(int fd, ConfigFaults& faults);

// TEXT as it was read by one of these, or an error that says the first of the faults.
[[nodiscard]] Result<std::string> read_or_refuse(std::string text, const ConfigFaults& faults);

// UTF-8 is checked, control characters are refused, a byte order mark goes and CR LF becomes LF.
[[nodiscard]] std::string clean_config_text(std::string_view bytes, ConfigFaults& faults);

} // namespace hg

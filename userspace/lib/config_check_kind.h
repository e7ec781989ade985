// The keys of a check, those that all have and those of its type.
#pragma once

#include "config_schema.h"
#include "health_check.h"

namespace hg {

// Bits, since a key may be of several types.
using CheckTypes = std::uint16_t;

inline constexpr CheckTypes kTcpCheck = 1U << 0U;
inline constexpr CheckTypes kHttpCheck = 1U << 1U;
inline constexpr CheckTypes kHttpsCheck = 1U << 2U;
inline constexpr CheckTypes kDnsCheck = 1U << 3U;
inline constexpr CheckTypes kSmtpCheck = 1U << 4U;
inline constexpr CheckTypes kFtpCheck = 1U << 5U;
inline constexpr CheckTypes kUdpCheck = 1U << 6U;
inline constexpr CheckTypes kIcmpCheck = 1U << 7U;
inline constexpr CheckTypes kExecCheck = 1U << 8U;

// In the order of the bits.
[[nodiscard]] std::span<const std::string_view> check_type_names();

[[nodiscard]] CheckTypes type_of(const HealthCheck& check);

// What a check of that one type is when nothing is said.
[[nodiscard]] CheckKind kind_of(CheckTypes type);

// "http and https"
[[nodiscard]] std::string type_list(CheckTypes types);

struct CheckKey {
    std::string_view name;
    CheckTypes types;
    void (*read)(ConfigSource& source, const YamlEntry& entry, HealthCheck& check);
};

// A reader of one kind's values as one of any check: the type is known by then.
template <class Kind, void (*read)(ConfigSource&, const YamlEntry&, Kind&)>
void of_kind(ConfigSource& source, const YamlEntry& entry, HealthCheck& check) {
    read(source, entry, std::get<Kind>(check.kind));
}

// Those that not every type has: of http and https, and of the others.
[[nodiscard]] std::span<const CheckKey> http_keys();
[[nodiscard]] std::span<const CheckKey> kind_keys();

// "200", "200-299"; nothing when it is none, of 100 to 599.
[[nodiscard]] std::optional<StatusRange> parse_status(std::string_view text);

// What the keys of a type have to say together. MAP is where the check is.
void check_kind(ConfigSource& source, const YamlNode& map, const HealthCheck& check);
void check_http(ConfigSource& source, const YamlNode& map, const HttpCheck& http);

} // namespace hg

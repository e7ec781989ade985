// Who the family "headgate" is in this kernel: its number and those of its multicast groups.
#pragma once

#include "message.h"

#include <map>

namespace hg {

struct GenericFamily {
    std::uint16_t number = 0;
    std::map<std::string, std::uint32_t> groups = {};

    bool operator==(const GenericFamily&) const = default;
};

// A whole message that asks for it.
[[nodiscard]] Bytes family_request();
// From the attributes of a message of "nlctrl"; nothing when they are not about a family.
[[nodiscard]] Result<std::optional<GenericFamily>>
decode_family(std::span<const std::byte> attributes);

} // namespace hg

// The names of the protocol's attributes, for errors that say which one is at fault.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace hg {

// The attributes of one nest by their numbers; CHILD is what is inside one, or null.
struct AttributeName {
    std::string_view name;
    std::span<const AttributeName> (*child)() = nullptr;
};

// Those of a message's top level.
[[nodiscard]] std::span<const AttributeName> top_attributes();

// The path of the attribute that starts OFFSET bytes into MESSAGE (a whole request of ours):
// "server.weight". Empty when none starts there.
[[nodiscard]] std::string attribute_at(std::span<const std::byte> message, std::size_t offset);

// The path of attribute TYPE that is missing from the nest that starts OFFSET bytes into
// MESSAGE; from the top level when OFFSET is 0.
[[nodiscard]] std::string missing_attribute(std::span<const std::byte> message, std::size_t offset,
                                            std::size_t type);

} // namespace hg

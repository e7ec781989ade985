// What the parts of the codec that read answers have in common.
#pragma once

#include "codec.h"

namespace hg {

// The answer cannot be read.
tl::unexpected<Error> lacks(std::string_view what);
tl::unexpected<Error> odd(std::string_view what, unsigned value);

// An address comes as a family and bytes, in this order or the other.
struct AddressParts {
    std::optional<std::uint8_t> family;
    std::span<const std::byte> bytes;

    [[nodiscard]] Result<Address> join(std::string_view what) const;
};

[[nodiscard]] Result<Protocol> protocol_of(std::uint8_t number);
[[nodiscard]] Result<std::chrono::milliseconds> ms(const Attribute& attribute);

// The attribute TYPE of a message's top level, or an error that names it.
[[nodiscard]] Result<Attribute> find_top(std::span<const std::byte> attributes, int type,
                                         std::string_view what);

// As it comes: without affinity it may have a prefix.
[[nodiscard]] Result<AffinitySpec> decode_affinity_spec(const Attribute& nest);

} // namespace hg

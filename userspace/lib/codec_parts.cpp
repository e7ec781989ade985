#include "codec_parts.h"

#include <fmt/format.h>

namespace hg {

tl::unexpected<Error> lacks(std::string_view what) {
    return refusal(fmt::format("the kernel's answer cannot be read: it has no {}", what),
                   std::errc::bad_message);
}

tl::unexpected<Error> odd(std::string_view what, unsigned value) {
    return refusal(fmt::format("the kernel's answer cannot be read: {} {}", what, value),
                   std::errc::bad_message);
}

Result<Address> AddressParts::join(std::string_view what) const {
    if (!family || bytes.empty()) {
        return lacks(what);
    }
    const auto known = *family == static_cast<std::uint8_t>(Family::V4) ||
                       *family == static_cast<std::uint8_t>(Family::V6);
    const auto address =
        known ? Address::from_bytes(static_cast<Family>(*family), bytes) : std::nullopt;
    if (!address) {
        return odd(fmt::format("{} of {} bytes and family", what, bytes.size()), *family);
    }
    return *address;
}

Result<Protocol> protocol_of(std::uint8_t number) {
    if (number != static_cast<std::uint8_t>(Protocol::Tcp) &&
        number != static_cast<std::uint8_t>(Protocol::Udp)) {
        return odd("protocol", number);
    }
    return static_cast<Protocol>(number);
}

Result<std::chrono::milliseconds> ms(const Attribute& attribute) {
    return std::chrono::milliseconds(HG_TRY(attribute.u32()));
}

// The attribute TYPE of a message's top level, or an error that names it.
Result<Attribute> find_top(std::span<const std::byte> attributes, int type, std::string_view what) {
    std::optional<Attribute> found;
    HG_TRY(for_each_attribute(attributes, [&](const Attribute& a) -> Result<> {
        if (a.type == type) {
            found = a;
        }
        return {};
    }));
    if (!found) {
        return lacks(what);
    }
    return *found;
}

} // namespace hg

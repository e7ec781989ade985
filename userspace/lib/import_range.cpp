#include "import_range.h"

#include "config_fault.h"
#include "model.h"
#include "number.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace hg {

namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes_of(const Address& address) { return {address.bytes().begin(), address.bytes().end()}; }

Address address_of(Family family, const Bytes& bytes) {
    return Address::from_bytes(family, bytes).value_or(Address{});
}

// The next one; that of the last is the first.
Address after(const Address& address) {
    auto bytes = bytes_of(address);
    auto at = bytes.size();
    do {
        at--;
        bytes[at] = std::byte(std::to_integer<unsigned>(bytes[at]) + 1U);
    } while (at > 0 && bytes[at] == std::byte{0});
    return address_of(address.family(), bytes);
}

// With the bits from FIRST_BIT on all 0 or all 1.
Address filled(const Address& address, std::size_t first_bit, bool ones) {
    auto bytes = bytes_of(address);
    for (auto bit = first_bit; bit < bytes.size() * 8; ++bit) {
        const auto mask = std::byte{0x80} >> (bit % 8);
        auto& byte = bytes[bit / 8];
        byte = ones ? byte | mask : byte & ~mask;
    }
    return address_of(address.family(), bytes);
}

// FIRST with its last part, decimal of IPv4 and hexadecimal of IPv6, replaced.
std::optional<Address> with_last_part(const Address& first, std::string_view text) {
    const bool is_v4 = first.family() == Family::V4;
    std::uint16_t part = 0;
    const auto* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, part, is_v4 ? 10 : 16);
    if (error != std::errc{} || at != end || (is_v4 && part > 0xff)) {
        return std::nullopt;
    }
    auto bytes = bytes_of(first);
    bytes.back() = std::byte(part & 0xffU);
    if (!is_v4) {
        bytes[bytes.size() - 2] = std::byte(part >> 8U);
    }
    return address_of(first.family(), bytes);
}

Result<std::vector<Address>> from_to(std::string_view text, const Address& first,
                                     const Address& last) {
    if (first.family() != last.family() || last < first) {
        return usage_error(fmt::format("{} is no range of addresses", quoted(text)));
    }
    std::vector<Address> out{first};
    while (out.back() != last) {
        if (out.size() == kRangeMax) {
            return usage_error(
                fmt::format("{} is more than {} addresses", quoted(text), kRangeMax));
        }
        out.push_back(after(out.back()));
    }
    return out;
}

} // namespace

Result<std::vector<Address>> parse_range(std::string_view text) {
    const auto split = std::min(text.find_first_of("-/"), text.size());
    const auto first = HG_TRY(parse_address(text.substr(0, split)));
    if (split == text.size()) {
        return std::vector{first};
    }
    const auto rest = text.substr(split + 1);
    if (text[split] == '/') {
        const auto bits = HG_TRY(parse_number(rest, "prefix", {0, bits_of(first.family())}));
        return from_to(text, filled(first, bits, false), filled(first, bits, true));
    }
    if (const auto last = with_last_part(first, rest)) {
        return from_to(text, first, *last);
    }
    return from_to(text, first, HG_TRY(parse_address(rest)));
}

} // namespace hg

// Netlink messages and attributes as bytes: written, split and read, every bound checked.
#pragma once

#include "transport.h"

#include <bit>
#include <cstring>
#include <string>
#include <string_view>

namespace hg {

// Appends attributes; nests close when the function that fills them returns.
class AttributeWriter {
public:
    AttributeWriter& u8(int type, std::uint8_t value);
    AttributeWriter& u16(int type, std::uint16_t value);
    AttributeWriter& u32(int type, std::uint32_t value);
    AttributeWriter& u64(int type, std::uint64_t value);
    AttributeWriter& text(int type, std::string_view value); // adds the NUL
    AttributeWriter& bytes(int type, std::span<const std::byte> value);
    AttributeWriter& flag(int type);
    AttributeWriter& bitfield32(int type, std::uint32_t value, std::uint32_t selector);

    template <class Fill> AttributeWriter& nest(int type, const Fill& fill) {
        const auto start = open(type);
        fill(*this);
        close(start);
        return *this;
    }

    [[nodiscard]] Bytes take() && {
        out_.resize(size_);
        return std::move(out_);
    }

private:
    AttributeWriter& put(int type, const void* data, std::size_t size);
    std::size_t open(int type);
    void close(std::size_t start);

    Bytes out_; // longer than what is written, and zero there: padding need not be
    std::size_t size_ = 0;
};

// One attribute inside a message that outlives it. The readers refuse any other size.
struct Attribute {
    int type = 0;
    std::span<const std::byte> payload;

    [[nodiscard]] Result<std::uint8_t> u8() const;
    [[nodiscard]] Result<std::uint16_t> u16() const;
    [[nodiscard]] Result<std::uint32_t> u32() const;
    [[nodiscard]] Result<std::uint64_t> u64() const;
    [[nodiscard]] Result<std::string> text() const;         // must end in a NUL and have no other
    [[nodiscard]] Result<std::uint32_t> bitfield32() const; // the value
};

// The first attribute, taken off the front; a ragged end is an error.
[[nodiscard]] Result<Attribute> take_attribute(std::span<const std::byte>& attributes);

// Calls EACH for every attribute, stops at the first error.
template <class Each>
Result<> for_each_attribute(std::span<const std::byte> attributes, const Each& each) {
    while (!attributes.empty()) {
        HG_TRY(each(HG_TRY(take_attribute(attributes))));
    }
    return {};
}

// One message of a datagram that outlives it.
struct Message {
    std::uint16_t type = 0;
    std::uint16_t flags = 0;
    std::uint32_t sequence = 0;
    std::span<const std::byte> payload; // what follows struct nlmsghdr
};

// The messages of a datagram, in order.
[[nodiscard]] Result<std::vector<Message>> split_datagram(std::span<const std::byte> datagram);

// A whole generic netlink message: both headers and the attributes.
struct MessageHeader {
    std::uint16_t type = 0; // the family's number
    std::uint16_t flags = 0;
    std::uint32_t sequence = 0;
    std::uint8_t command = 0;
    std::uint8_t version = 0;
};

[[nodiscard]] Bytes make_message(const MessageHeader& header,
                                 std::span<const std::byte> attributes);
// The same behind what is in a datagram already.
void append_message(Bytes& datagram, const MessageHeader& header,
                    std::span<const std::byte> attributes);

// The attributes of a generic netlink message, and its command.
struct GenericMessage {
    std::uint8_t command = 0;
    std::span<const std::byte> attributes;
};

[[nodiscard]] Result<GenericMessage> read_generic(const Message& message);

} // namespace hg

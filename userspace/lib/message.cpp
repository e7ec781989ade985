#include "message.h"

#include <algorithm>
#include <fmt/format.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

namespace hg {

namespace {

constexpr std::size_t kAlign = 4;

std::size_t aligned(std::size_t size) { return (size + kAlign - 1) / kAlign * kAlign; }

template <class T> void append(Bytes& out, const T& value) {
    const auto* const from = reinterpret_cast<const std::byte*>(&value);
    out.insert(out.end(), from, from + sizeof(T));
}

template <class T> T read_at(std::span<const std::byte> bytes, std::size_t at) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof(T));
    return value;
}

tl::unexpected<Error> malformed(std::string what) {
    return refusal("the kernel's answer cannot be read: " + std::move(what),
                   std::errc::bad_message);
}

template <class T> Result<T> number(const Attribute& attribute) {
    if (attribute.payload.size() != sizeof(T)) {
        return malformed(fmt::format("attribute {} has {} bytes instead of {}", attribute.type,
                                     attribute.payload.size(), sizeof(T)));
    }
    return read_at<T>(attribute.payload, 0);
}

} // namespace

AttributeWriter& AttributeWriter::put(int type, const void* data, std::size_t size) {
    const nlattr header{.nla_len = static_cast<std::uint16_t>(sizeof(nlattr) + size),
                        .nla_type = static_cast<std::uint16_t>(type)};
    append(out_, header);
    const auto* const from = static_cast<const std::byte*>(data);
    out_.insert(out_.end(), from, from + size);
    out_.resize(aligned(out_.size()));
    return *this;
}

AttributeWriter& AttributeWriter::u8(int type, std::uint8_t value) {
    return put(type, &value, sizeof(value));
}

AttributeWriter& AttributeWriter::u16(int type, std::uint16_t value) {
    return put(type, &value, sizeof(value));
}

AttributeWriter& AttributeWriter::u32(int type, std::uint32_t value) {
    return put(type, &value, sizeof(value));
}

AttributeWriter& AttributeWriter::u64(int type, std::uint64_t value) {
    return put(type, &value, sizeof(value));
}

AttributeWriter& AttributeWriter::text(int type, std::string_view value) {
    const std::string with_nul(value);
    return put(type, with_nul.c_str(), with_nul.size() + 1);
}

AttributeWriter& AttributeWriter::bytes(int type, std::span<const std::byte> value) {
    return put(type, value.data(), value.size());
}

AttributeWriter& AttributeWriter::bitfield32(int type, std::uint32_t value,
                                             std::uint32_t selector) {
    const nla_bitfield32 both{.value = value, .selector = selector};
    return put(type, &both, sizeof(both));
}

AttributeWriter& AttributeWriter::nest(int type,
                                       const std::function<void(AttributeWriter&)>& fill) {
    AttributeWriter inner;
    fill(inner);
    return put(type | NLA_F_NESTED, inner.out_.data(), inner.out_.size());
}

Result<std::uint8_t> Attribute::u8() const { return number<std::uint8_t>(*this); }

Result<std::uint16_t> Attribute::u16() const { return number<std::uint16_t>(*this); }

Result<std::uint32_t> Attribute::u32() const { return number<std::uint32_t>(*this); }

Result<std::uint64_t> Attribute::u64() const { return number<std::uint64_t>(*this); }

Result<std::string> Attribute::text() const {
    const auto nul = std::find(payload.begin(), payload.end(), std::byte{0});
    if (payload.empty() || nul != payload.end() - 1) {
        return malformed(fmt::format("attribute {} is not a text", type));
    }
    return std::string(reinterpret_cast<const char*>(payload.data()), payload.size() - 1);
}

Result<std::uint32_t> Attribute::bitfield32() const {
    return HG_TRY(number<nla_bitfield32>(*this)).value;
}

Result<> for_each_attribute(std::span<const std::byte> attributes,
                            const std::function<Result<>(const Attribute&)>& each) {
    while (!attributes.empty()) {
        if (attributes.size() < sizeof(nlattr)) {
            return malformed("an attribute's header is cut short");
        }
        const auto header = read_at<nlattr>(attributes, 0);
        if (header.nla_len < sizeof(nlattr) || header.nla_len > attributes.size()) {
            return malformed(fmt::format("attribute {} says it has {} bytes of {}",
                                         header.nla_type & NLA_TYPE_MASK, header.nla_len,
                                         attributes.size()));
        }
        HG_TRY(
            each({.type = header.nla_type & NLA_TYPE_MASK,
                  .payload = attributes.subspan(sizeof(nlattr), header.nla_len - sizeof(nlattr))}));
        attributes = attributes.subspan(std::min(aligned(header.nla_len), attributes.size()));
    }
    return {};
}

Result<std::vector<Message>> split_datagram(std::span<const std::byte> datagram) {
    std::vector<Message> out;
    while (!datagram.empty()) {
        if (datagram.size() < sizeof(nlmsghdr)) {
            return malformed("a message's header is cut short");
        }
        const auto header = read_at<nlmsghdr>(datagram, 0);
        if (header.nlmsg_len < sizeof(nlmsghdr) || header.nlmsg_len > datagram.size()) {
            return malformed(fmt::format("a message says it has {} bytes of {}", header.nlmsg_len,
                                         datagram.size()));
        }
        out.push_back(
            {.type = header.nlmsg_type,
             .flags = header.nlmsg_flags,
             .sequence = header.nlmsg_seq,
             .payload = datagram.subspan(sizeof(nlmsghdr), header.nlmsg_len - sizeof(nlmsghdr))});
        datagram = datagram.subspan(std::min(aligned(header.nlmsg_len), datagram.size()));
    }
    return out;
}

Bytes make_message(const MessageHeader& header, std::span<const std::byte> attributes) {
    constexpr auto kHeaders = sizeof(nlmsghdr) + sizeof(genlmsghdr);
    Bytes out;
    out.reserve(kHeaders + attributes.size());
    append(out, nlmsghdr{.nlmsg_len = static_cast<std::uint32_t>(kHeaders + attributes.size()),
                         .nlmsg_type = header.type,
                         .nlmsg_flags = header.flags,
                         .nlmsg_seq = header.sequence,
                         .nlmsg_pid = 0});
    append(out, genlmsghdr{.cmd = header.command, .version = header.version, .reserved = 0});
    out.insert(out.end(), attributes.begin(), attributes.end());
    return out;
}

Result<GenericMessage> read_generic(const Message& message) {
    if (message.payload.size() < sizeof(genlmsghdr)) {
        return malformed("a generic netlink header is cut short");
    }
    return GenericMessage{.command = read_at<genlmsghdr>(message.payload, 0).cmd,
                          .attributes = message.payload.subspan(sizeof(genlmsghdr))};
}

} // namespace hg

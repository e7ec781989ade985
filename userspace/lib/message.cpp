#include "message.h"

#include <algorithm>
#include <fmt/format.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

namespace hg {

namespace {

constexpr std::size_t kAlign = 4;
constexpr std::size_t kUsualBytes = 128; // what most requests take, without growing on the way

std::size_t aligned(std::size_t size) { return (size + kAlign - 1) / kAlign * kAlign; }

template <class T> void write_at(Bytes& out, std::size_t at, const T& value) {
    std::memcpy(out.data() + at, &value, sizeof(T));
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
    const auto at = size_;
    size_ += aligned(sizeof(nlattr) + size);
    if (size_ > out_.size()) {
        out_.resize(std::max(2 * size_, kUsualBytes));
    }
    write_at(out_, at,
             nlattr{.nla_len = static_cast<std::uint16_t>(sizeof(nlattr) + size),
                    .nla_type = static_cast<std::uint16_t>(type)});
    if (size > 0) {
        std::memcpy(out_.data() + at + sizeof(nlattr), data, size);
    }
    return *this;
}

std::size_t AttributeWriter::open(int type) {
    const auto start = size_;
    put(type | NLA_F_NESTED, nullptr, 0);
    return start;
}

void AttributeWriter::close(std::size_t start) {
    write_at(out_, start, static_cast<std::uint16_t>(size_ - start)); // nla_len is first
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

AttributeWriter& AttributeWriter::flag(int type) { return put(type, nullptr, 0); }

AttributeWriter& AttributeWriter::bitfield32(int type, std::uint32_t value,
                                             std::uint32_t selector) {
    const nla_bitfield32 both{.value = value, .selector = selector};
    return put(type, &both, sizeof(both));
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

Result<Attribute> take_attribute(std::span<const std::byte>& attributes) {
    if (attributes.size() < sizeof(nlattr)) {
        return malformed("an attribute's header is cut short");
    }
    const auto header = read_at<nlattr>(attributes, 0);
    const auto type = header.nla_type & NLA_TYPE_MASK;
    if (header.nla_len < sizeof(nlattr) || header.nla_len > attributes.size()) {
        return malformed(fmt::format("attribute {} says it has {} bytes of {}", type,
                                     header.nla_len, attributes.size()));
    }
    const auto payload = attributes.subspan(sizeof(nlattr), header.nla_len - sizeof(nlattr));
    attributes = attributes.subspan(std::min(aligned(header.nla_len), attributes.size()));
    return Attribute{.type = type, .payload = payload};
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
    Bytes out;
    append_message(out, header, attributes);
    return out;
}

void append_message(Bytes& datagram, const MessageHeader& header,
                    std::span<const std::byte> attributes) {
    constexpr auto kHeaders = sizeof(nlmsghdr) + sizeof(genlmsghdr);
    const auto at = datagram.size();
    const auto size = kHeaders + attributes.size();
    datagram.resize(at + size);
    write_at(datagram, at,
             nlmsghdr{.nlmsg_len = static_cast<std::uint32_t>(size),
                      .nlmsg_type = header.type,
                      .nlmsg_flags = header.flags,
                      .nlmsg_seq = header.sequence,
                      .nlmsg_pid = 0});
    write_at(datagram, at + sizeof(nlmsghdr),
             genlmsghdr{.cmd = header.command, .version = header.version, .reserved = 0});
    std::copy(attributes.begin(), attributes.end(),
              datagram.begin() + static_cast<std::ptrdiff_t>(at + kHeaders));
}

Result<GenericMessage> read_generic(const Message& message) {
    if (message.payload.size() < sizeof(genlmsghdr)) {
        return malformed("a generic netlink header is cut short");
    }
    return GenericMessage{.command = read_at<genlmsghdr>(message.payload, 0).cmd,
                          .attributes = message.payload.subspan(sizeof(genlmsghdr))};
}

} // namespace hg

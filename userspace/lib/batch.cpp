#include "batch.h"

#include <algorithm>
#include <cstddef>
#include <linux/netlink.h>

namespace hg {

void Batch::add(std::uint16_t family, std::uint32_t sequence, const Request& request) {
    starts_.push_back(bytes_.size());
    sequences_.push_back(sequence);
    append_message(bytes_,
                   {.type = family,
                    .flags = NLM_F_REQUEST,
                    .sequence = sequence,
                    .command = request.command,
                    .version = HEADGATE_GENL_VERSION},
                   request.attributes);
}

void Batch::clear() {
    bytes_.clear();
    starts_.clear();
    sequences_.clear();
}

std::span<const std::byte> Batch::datagram() {
    const std::uint16_t flags = NLM_F_REQUEST | NLM_F_ACK;
    std::memcpy(bytes_.data() + starts_.back() + offsetof(nlmsghdr, nlmsg_flags), &flags,
                sizeof(flags));
    return bytes_;
}

std::optional<std::size_t> Batch::find(std::uint32_t sequence) const {
    const auto found = std::find(sequences_.begin(), sequences_.end(), sequence);
    return found == sequences_.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(found - sequences_.begin()));
}

std::span<const std::byte> Batch::message(std::size_t at) const {
    const auto end = at + 1 < starts_.size() ? starts_[at + 1] : bytes_.size();
    return std::span(bytes_).subspan(starts_[at], end - starts_[at]);
}

} // namespace hg

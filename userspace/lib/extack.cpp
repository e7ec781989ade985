#include "extack.h"

#include "schema.h"

#include <cstdlib>
#include <fmt/format.h>
#include <linux/netlink.h>
#include <optional>

namespace hg {

namespace {

// What the extended acknowledgement says, as far as it does.
struct Extack {
    std::string text;
    std::optional<std::uint32_t> offset;
    std::optional<std::uint32_t> missing;
    std::uint32_t missing_from = 0;
    std::optional<std::uint64_t> min;
    std::optional<std::uint64_t> max;
};

// The kernel's policy for the attribute: for its range.
Result<> read_policy(const Attribute& policy, Extack& out) {
    return for_each_attribute(policy.payload, [&](const Attribute& a) -> Result<> {
        if (a.type == NL_POLICY_TYPE_ATTR_MIN_VALUE_U) {
            out.min = HG_TRY(a.u64());
        } else if (a.type == NL_POLICY_TYPE_ATTR_MAX_VALUE_U) {
            out.max = HG_TRY(a.u64());
        }
        return {};
    });
}

Result<> read_extack(std::span<const std::byte> attributes, Extack& out) {
    return for_each_attribute(attributes, [&](const Attribute& a) -> Result<> {
        switch (a.type) {
        case NLMSGERR_ATTR_MSG:
            out.text = HG_TRY(a.text());
            break;
        case NLMSGERR_ATTR_OFFS:
            out.offset = HG_TRY(a.u32());
            break;
        case NLMSGERR_ATTR_MISS_TYPE:
            out.missing = HG_TRY(a.u32());
            break;
        case NLMSGERR_ATTR_MISS_NEST:
            out.missing_from = HG_TRY(a.u32());
            break;
        case NLMSGERR_ATTR_POLICY:
            return read_policy(a, out);
        default:
            break;
        }
        return {};
    });
}

std::string reason_of(const Extack& extack) {
    auto reason = extack.text;
    if (extack.missing && reason.empty()) {
        reason = "an attribute is missing";
    }
    if (extack.min && extack.max && reason.find("range") != std::string::npos) {
        reason += fmt::format(": {} to {}", *extack.min, *extack.max);
    }
    return reason;
}

std::string attribute_of(const Extack& extack, std::span<const std::byte> request) {
    if (extack.missing) {
        return missing_attribute(request, extack.missing_from, *extack.missing);
    }
    return extack.offset ? attribute_at(request, *extack.offset) : "";
}

Result<> verdict(int code, std::span<const std::byte> extack_bytes,
                 std::span<const std::byte> request) {
    if (code == 0) {
        return {};
    }
    Extack extack;
    // A garbled explanation must not hide the errno: what could be read is kept.
    (void)read_extack(extack_bytes, extack);
    auto error = system_error(std::abs(code), {}).value();
    error.reason = reason_of(extack);
    error.attribute = attribute_of(extack, request);
    return tl::make_unexpected(std::move(error));
}

tl::unexpected<Error> cut_short() {
    return refusal("the kernel's answer cannot be read: its verdict is cut short",
                   std::errc::bad_message);
}

int errno_in(const Message& message) {
    int code = 0;
    std::memcpy(&code, message.payload.data(), sizeof(code));
    return code;
}

} // namespace

Result<> read_ack(const Message& message, std::span<const std::byte> request) {
    auto rest = message.payload;
    if (rest.size() < sizeof(nlmsgerr)) {
        return cut_short();
    }
    const auto code = errno_in(message);
    nlmsghdr echoed{};
    std::memcpy(&echoed, rest.data() + sizeof(int), sizeof(echoed));
    rest = rest.subspan(sizeof(nlmsgerr));
    // Without NLM_F_CAPPED the whole request is repeated before the explanation.
    if ((message.flags & NLM_F_CAPPED) == 0) {
        const auto repeated = std::size_t{echoed.nlmsg_len} - sizeof(nlmsghdr);
        if (echoed.nlmsg_len < sizeof(nlmsghdr) || repeated > rest.size()) {
            return verdict(code, {}, request);
        }
        rest = rest.subspan(repeated);
    }
    return verdict(code, (message.flags & NLM_F_ACK_TLVS) != 0 ? rest : rest.first(0), request);
}

Result<> read_done(const Message& message, std::span<const std::byte> request) {
    if (message.payload.size() < sizeof(int)) {
        return {}; // an old and legal way to end
    }
    const auto tlvs = (message.flags & NLM_F_ACK_TLVS) != 0 ? message.payload.subspan(sizeof(int))
                                                            : message.payload.first(0);
    return verdict(errno_in(message), tlvs, request);
}

} // namespace hg

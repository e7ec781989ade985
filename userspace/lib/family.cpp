#include "family.h"

#include <headgate.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

namespace hg {

namespace {

Result<> take_group(const Attribute& nest, GenericFamily& out) {
    std::optional<std::string> name;
    std::optional<std::uint32_t> number;
    HG_TRY(for_each_attribute(nest.payload, [&](const Attribute& a) -> Result<> {
        if (a.type == CTRL_ATTR_MCAST_GRP_NAME) {
            name = HG_TRY(a.text());
        } else if (a.type == CTRL_ATTR_MCAST_GRP_ID) {
            number = HG_TRY(a.u32());
        }
        return {};
    }));
    if (name && number) {
        out.groups.emplace(*name, *number);
    }
    return {};
}

} // namespace

Bytes family_request() {
    AttributeWriter attributes;
    attributes.text(CTRL_ATTR_FAMILY_NAME, HEADGATE_GENL_NAME);
    return make_message({.type = GENL_ID_CTRL,
                         .flags = NLM_F_REQUEST | NLM_F_ACK,
                         .sequence = 0,
                         .command = CTRL_CMD_GETFAMILY,
                         .version = 1},
                        std::move(attributes).take());
}

Result<std::optional<GenericFamily>> decode_family(std::span<const std::byte> attributes) {
    std::optional<std::uint16_t> number;
    GenericFamily out;
    HG_TRY(for_each_attribute(attributes, [&](const Attribute& a) -> Result<> {
        if (a.type == CTRL_ATTR_FAMILY_ID) {
            number = HG_TRY(a.u16());
        } else if (a.type == CTRL_ATTR_MCAST_GROUPS) {
            return for_each_attribute(
                a.payload, [&](const Attribute& group) { return take_group(group, out); });
        }
        return {};
    }));
    if (!number) {
        return std::optional<GenericFamily>{};
    }
    out.number = *number;
    return std::optional<GenericFamily>(std::move(out));
}

} // namespace hg

// Events to values.
#include "codec.h"

namespace hg {

namespace {

Result<> take_event(const Attribute& a, Event& out, bool& typed) {
    switch (a.type) {
    case HEADGATE_A_EVENT_TYPE:
        out.type = HG_TRY(a.u32());
        typed = true;
        break;
    case HEADGATE_A_EVENT_SEQUENCE:
        out.sequence = HG_TRY(a.u32());
        break;
    case HEADGATE_A_EVENT_TIME:
        out.time = decltype(out.time)(
            std::chrono::nanoseconds(static_cast<std::int64_t>(HG_TRY(a.u64()))));
        break;
    case HEADGATE_A_EVENT_GENERATION:
        out.generation = HG_TRY(a.u32());
        break;
    default:
        break;
    }
    return {};
}

// Which nests a message has.
struct Nests {
    bool service = false;
    bool server = false;
    bool conn = false;

    void take(int type) {
        service |= type == HEADGATE_A_SERVICE;
        server |= type == HEADGATE_A_SERVER;
        conn |= type == HEADGATE_A_CONN;
    }
};

Result<> take_subject(std::span<const std::byte> attributes, const Nests& nests, Event& out) {
    if (nests.conn) {
        out.group = EventGroup::Conn;
        out.subject = HG_TRY(decode_conn(attributes));
    } else if (nests.server) { // the SERVICE beside it is only its key
        out.subject = HG_TRY(decode_server(attributes));
    } else if (nests.service) {
        out.subject = HG_TRY(decode_service(attributes));
    }
    return {};
}

} // namespace

Result<Event> decode_event(std::span<const std::byte> attributes) {
    Event out;
    bool typed = false;
    Nests nests;
    HG_TRY(for_each_attribute(attributes, [&](const Attribute& a) -> Result<> {
        nests.take(a.type);
        if (a.type != HEADGATE_A_EVENT) {
            return {};
        }
        return for_each_attribute(
            a.payload, [&](const Attribute& inner) { return take_event(inner, out, typed); });
    }));
    if (!typed) {
        return refusal("the kernel's answer cannot be read: it has no event type",
                       std::errc::bad_message);
    }
    HG_TRY(take_subject(attributes, nests, out));
    return out;
}

} // namespace hg

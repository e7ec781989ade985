#include "event_stream.h"

#include "family.h"

#include <algorithm>
#include <linux/genetlink.h>

namespace hg {

namespace {

tl::unexpected<Error> module_gone() {
    return tl::make_unexpected(
        Error{.kind = Kind::Unreachable,
              .code = std::make_error_code(std::errc::no_such_file_or_directory),
              .attempted = "hear events",
              .reason = "headgate.ko was unloaded",
              .attribute = {}});
}

} // namespace

Result<std::optional<Told>> EventStream::next(std::chrono::milliseconds timeout) {
    while (waiting_.empty()) {
        // What waits in the kernel is from before the loss.
        const auto datagram = channel_->receive(draining_ ? std::chrono::milliseconds(0) : timeout);
        if (!datagram && datagram.error().code == std::errc::no_buffer_space) {
            begin_overrun();
        } else if (!datagram) {
            return tl::make_unexpected(datagram.error());
        } else if (*datagram) {
            for (const auto& message : HG_TRY(split_datagram(**datagram))) {
                HG_TRY(take(message));
            }
        } else if (draining_) {
            end_overrun();
        } else {
            return std::optional<Told>{};
        }
    }
    auto out = std::move(waiting_.front());
    waiting_.pop_front();
    return std::optional<Told>(std::move(out));
}

Result<> EventStream::take(const Message& message) {
    if (message.type != channel_->family() && message.type != GENL_ID_CTRL) {
        return {};
    }
    const auto generic = HG_TRY(read_generic(message));
    if (message.type == GENL_ID_CTRL) {
        const auto family = HG_TRY(decode_family(generic.attributes));
        const auto ours = family && family->number == channel_->family();
        return ours && generic.command == CTRL_CMD_DELFAMILY ? module_gone() : Result<>{};
    }
    if (generic.command == HEADGATE_CMD_EVENT) {
        take(HG_TRY(decode_event(generic.attributes)));
    }
    return {};
}

void EventStream::take(Event event) {
    auto& count = counts_[static_cast<std::size_t>(event.group)];
    const auto gap = count.last ? event.sequence - *count.last - 1 : 0;
    // CPUs overtake each other with events of conns: there a gap alone says nothing.
    const auto counts = event.group == EventGroup::Config || count.overrun;
    const auto is_lost = static_cast<std::int32_t>(gap) > 0 && counts && !count.told;
    if (is_lost) {
        waiting_.emplace_back(Lost{.group = event.group, .events = gap});
    }
    count = {.last = event.sequence, .overrun = count.overrun && draining_ && !is_lost};
    waiting_.emplace_back(std::move(event));
}

void EventStream::begin_overrun() {
    draining_ = true;
    for (auto& count : counts_) {
        count.overrun = true;
        count.told = false;
    }
}

// How many they were will be known only when there is one more.
void EventStream::end_overrun() {
    draining_ = false;
    if (std::all_of(counts_.begin(), counts_.end(), [](const Count& c) { return c.overrun; })) {
        waiting_.emplace_back(Lost{});
        for (auto& count : counts_) {
            count.overrun = false;
            count.told = true;
        }
    }
}

} // namespace hg

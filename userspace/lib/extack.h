// The kernel's verdict on a request: NLMSG_ERROR, or the end of a dump, with its reasons.
#pragma once

#include "message.h"

namespace hg {

// Ok, or the errno, the text and the attribute of REQUEST (the whole message as sent) at fault.
[[nodiscard]] Result<> read_ack(const Message& message, std::span<const std::byte> request);

// The same from NLMSG_DONE, which carries an errno when the dump failed.
[[nodiscard]] Result<> read_done(const Message& message, std::span<const std::byte> request);

} // namespace hg

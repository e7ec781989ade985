// The beginning and the end of each command that listens.
#pragma once

#include "context.h"
#include "event_stream.h"

namespace hg::cli {

// From now on all events of these groups are heard.
Result<EventStream> listen(Context& context, const std::vector<EventGroup>& groups);

// How often a listener looks whether its own reader is still there.
inline constexpr std::chrono::milliseconds kReaderCheck{1000};

// The error that ended it, in better words: a dump of a module that went meanwhile says only "there
// is none".
Error reason_of_end(const Error& error, Host& host);

} // namespace hg::cli

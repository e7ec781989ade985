// The beginning of each command that listens.
#pragma once

#include "context.h"
#include "event_stream.h"

namespace hg::cli {

// From now on all events of these groups are heard.
Result<EventStream> listen(Context& context, const std::vector<EventGroup>& groups);

} // namespace hg::cli

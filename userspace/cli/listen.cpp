#include "listen.h"

#include <algorithm>

namespace hg::cli {

Result<EventStream> listen(Context& context, const std::vector<EventGroup>& groups) {
    auto channel = HG_TRY(context.host().listen(groups));
    if (std::find(groups.begin(), groups.end(), EventGroup::Conn) != groups.end()) {
        // The first listener is noticed a jiffy late, or at once by whoever lists conns.
        auto* const client = HG_TRY(context.client());
        HG_TRY(client->list_conns({}, [](const Conn& /*conn*/) { return Client::Next::Stop; }));
    }
    return EventStream(std::move(channel));
}

Error reason_of_end(const Error& error, Host& host) {
    const auto again = host.connect();
    return again || error.kind == Kind::Unreachable ? error : again.error();
}

} // namespace hg::cli

#include "server_target.h"

#include "args.h"

namespace hg::cli {

void target_options(Parser& app, ServerTarget& target) {
    app.add_option("SERVICE", target.service, "the service, by URL or name").required();
    app.add_option("SERVER", target.server, "ADDRESS or ADDRESS:PORT; without a port the service's")
        .required();
}

Result<FoundServer> find_target(const ServerTarget& target, Context& context) {
    FoundServer out;
    out.server = HG_TRY(parse_endpoint(target.server));
    out.client = HG_TRY(context.client());
    out.service = HG_TRY(find_service(*out.client, target.service));
    return out;
}

} // namespace hg::cli

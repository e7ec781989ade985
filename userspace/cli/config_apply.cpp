#include "config_apply.h"

#include "diff_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <span>

namespace hg::cli {

namespace {

constexpr std::size_t kOpsShown = 20;

struct Executor {
    Client& client;

    Result<> operator()(const AddService& op) const { return client.add_service(op.service); }

    Result<> operator()(const SetService& op) const {
        return client.set_service(op.before.key, op.change);
    }

    Result<> operator()(const DelService& op) const { return client.del_service(op.service.key); }

    Result<> operator()(const AddServer& op) const {
        return client.add_server(op.service, op.server);
    }

    Result<> operator()(const SetServer& op) const {
        return client.set_server(op.service, op.before.endpoint, op.change);
    }

    Result<> operator()(const DelServer& op) const {
        return client.del_server(op.service, op.server.endpoint);
    }
};

// The last ones of what was done, the first ones of what was not: those around the refusal.
std::string ops_text(std::string_view title, std::span<const Op> ops, bool is_done) {
    if (ops.empty()) {
        return fmt::format("\n{}: nothing", title);
    }
    const auto count = std::min(ops.size(), kOpsShown);
    auto out = fmt::format("\n{} ({}):", title, ops.size());
    if (is_done && count < ops.size()) {
        out += "\n  ...";
    }
    for (const auto& op : is_done ? ops.last(count) : ops.first(count)) {
        out += "\n  " + op_text(op);
    }
    return !is_done && count < ops.size() ? out + "\n  ..." : out;
}

std::string obstacles_text(const std::vector<std::string>& obstacles) {
    std::string out = "nothing was changed";
    for (const auto& obstacle : obstacles) {
        out += "\n" + obstacle;
    }
    return out;
}

} // namespace

Result<Running> read_running(Client& client) {
    Running out;
    out.services = HG_TRY(client.list_services());
    out.servers = HG_TRY(client.list_servers());
    return out;
}

Result<> execute(Client& client, const Op& op) { return std::visit(Executor{client}, op); }

Result<> execute_all(Client& client, const Difference& difference) {
    if (!difference.obstacles.empty()) {
        return refusal(obstacles_text(difference.obstacles), std::errc::device_or_resource_busy);
    }
    const std::span<const Op> ops(difference.ops);
    for (std::size_t i = 0; i < ops.size(); i++) {
        auto result = execute(client, ops[i]);
        if (!result) {
            auto& error = result.error();
            error.reason = error.reason.empty() ? error.code.message() : error.reason;
            error.reason += ops_text("done", ops.first(i), true);
            error.reason += ops_text("not done", ops.subspan(i), false);
            return result;
        }
    }
    return {};
}

} // namespace hg::cli

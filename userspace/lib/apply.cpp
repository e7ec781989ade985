#include "apply.h"

#include "restore.h"

#include <fmt/format.h>

namespace hg {

namespace {

// A daemon that writes factors moves the generation too; it rests in between.
constexpr int kAttempts = 10;

struct Encoder {
    Request operator()(const AddService& op) const {
        return add_service_request(op.service, op.managed);
    }

    Request operator()(const SetService& op) const {
        return set_service_request(op.before.key, op.change);
    }

    Request operator()(const DelService& op) const { return del_service_request(op.service.key); }

    Request operator()(const AddServer& op) const {
        return add_server_request(op.service, op.server, op.besides);
    }

    Request operator()(const SetServer& op) const {
        return set_server_request(op.service, op.before.endpoint, op.change);
    }

    Request operator()(const DelServer& op) const {
        return del_server_request(op.service, op.server.endpoint);
    }

    Request operator()(const ResetServer& op) const {
        return reset_server_request(op.service, op.server.endpoint);
    }
};

Result<> stage(Transaction& transaction, const Difference& difference) {
    HG_TRY(transaction.begin());
    for (const auto& op : difference) {
        HG_TRY(transaction.stage(std::visit(Encoder{}, op)));
    }
    return {};
}

// A refusal with the comfort that it was the only thing that happened, where that is sure.
Error nothing_changed(Error error) {
    if (!lost_messages(error)) {
        error.reason =
            (error.reason.empty() ? error.code.message() : error.reason) + "; nothing was changed";
    }
    return error;
}

Result<> dry_run(Client& client, const Difference& difference, std::uint32_t generation) {
    auto transaction = client.transaction();
    HG_TRY(stage(transaction, difference));
    return transaction.check(generation);
}

// Does it until no other change comes between.
template <class Do> auto unless_stale(const Do& attempt) -> decltype(attempt()) {
    for (int i = 0; i < kAttempts; i++) {
        auto result = attempt();
        if (result || !is_stale(result.error())) {
            return result;
        }
    }
    return refusal(fmt::format("others changed the configuration during each of {} attempts; "
                               "nothing was changed",
                               kAttempts),
                   std::errc::resource_unavailable_try_again);
}

} // namespace

// A change after the generation was read makes it stale, be it before the dumps or after.
Result<Running> read_running(Client& client) {
    Running out;
    out.generation = HG_TRY(client.info()).generation;
    out.services = HG_TRY(client.list_services());
    out.servers = HG_TRY(client.list_servers());
    return out;
}

Result<std::uint32_t> commit(Client& client, const Difference& difference,
                             std::uint32_t generation) {
    auto transaction = client.transaction();
    auto staged = stage(transaction, difference);
    auto result =
        staged ? transaction.commit(generation) : tl::make_unexpected(std::move(staged).error());
    if (!result) {
        return tl::make_unexpected(nothing_changed(std::move(result).error()));
    }
    return result;
}

Result<Difference> apply(Client& client, const Config& config) {
    return unless_stale([&]() -> Result<Difference> {
        const auto running = HG_TRY(read_running(client));
        auto found = diff(config, running);
        if (!found.empty()) {
            HG_TRY(commit(client, found, running.generation));
        }
        return found;
    });
}

Result<Checked> check(Client& client, const Config& config) {
    return unless_stale([&]() -> Result<Checked> {
        const auto running = HG_TRY(read_running(client));
        Checked out{.difference = diff(config, running), .verdict = {}};
        if (!out.difference.empty()) {
            out.verdict = dry_run(client, out.difference, running.generation);
        }
        if (!out.verdict && is_stale(out.verdict.error())) {
            return tl::make_unexpected(out.verdict.error());
        }
        return out;
    });
}

Result<> restore(Client& client, const Running& saved) {
    return unless_stale([&]() -> Result<> {
        const auto running = HG_TRY(read_running(client));
        const auto missing = restoration(saved, running);
        if (!missing.empty()) {
            HG_TRY(commit(client, missing, running.generation));
        }
        return {};
    });
}

Result<> flush(Client& client) {
    return unless_stale([&]() -> Result<> {
        const auto generation = HG_TRY(client.info()).generation;
        auto transaction = client.transaction();
        HG_TRY(transaction.begin());
        HG_TRY(transaction.stage(flush_request()));
        HG_TRY(transaction.commit(generation));
        return {};
    });
}

} // namespace hg

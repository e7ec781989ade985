#include "snapshot.h"

namespace hg::daemon {

namespace {

class Reader {
public:
    Reader(const std::string& netns, const Moment& now) : now_(now) {
        if (!netns.empty()) {
            common_.push_back({"namespace", netns});
        }
    }

    [[nodiscard]] const Labels& labels() const { return common_; }

    [[nodiscard]] Labels labels(const std::string& service) const {
        return with("service", service, common_);
    }

    [[nodiscard]] Labels labels(const std::string& service, const Endpoint& server) const {
        return with("server", server.text(), labels(service));
    }

    [[nodiscard]] Labels labels_of_node(const std::string& node) const {
        return with("node", node, common_);
    }

    [[nodiscard]] CheckRow row(const Probe& probe, Labels labels) const {
        CheckRow out{std::move(labels), probe.health.state(), wall(probe.health.since())};
        if (probe.last) {
            out.last_at = wall(probe.last_at);
            out.last_took = probe.took;
        }
        out.tally = probe.tally;
        return out;
    }

    [[nodiscard]] LoadRow row(const LoadFeed& feed, Labels labels) const {
        LoadRow out{std::move(labels), std::string(name(feed.spec.source)), feed.from.text(),
                    feed.is_lost};
        if (feed.is_heard) {
            out.heard_at = wall(feed.heard_at);
        }
        out.percent = feed.agent.percent;
        out.host = feed.host;
        return out;
    }

private:
    static Labels with(const char* name, const std::string& value, Labels labels) {
        labels.push_back({name, value});
        return labels;
    }

    [[nodiscard]] Seconds wall(TimePoint time) const {
        return since_epoch(now_.wall) - Seconds(now_.steady - time);
    }

    Labels common_;
    Moment now_;
};

void add_kernel(Snapshot& out, Running running, const Reader& reader) {
    std::map<ServiceKey, std::string> names;
    out.services.reserve(running.services.size());
    for (auto& service : running.services) {
        const auto& name = names.emplace(service.spec.key, label_of(service.spec)).first->second;
        out.services.push_back({reader.labels(name), std::move(service)});
    }
    out.servers.reserve(running.servers.size());
    for (const auto& server : running.servers) {
        const auto name = names.find(server.service);
        if (name != names.end()) { // its service went while the dumps were made
            out.servers.push_back({reader.labels(name->second, server.spec.endpoint), server});
        }
    }
}

void add_watch(Snapshot& out, const Watch& watch, const Reader& reader) {
    const auto add = [&](const ProbePtr& probe, const LoadFeedPtr& feed, const Labels& labels) {
        if (probe) {
            out.checks.push_back(reader.row(*probe, labels));
        }
        if (feed) {
            out.loads.push_back(reader.row(*feed, labels));
        }
    };
    for (const auto& pool : watch.pools) {
        const auto name = pool.label();
        out.pools.push_back({reader.labels(name), pool.verdict});
        for (const auto& member : pool.members) {
            add(member.probe, member.feed, reader.labels(name, member.spec.endpoint));
        }
    }
    for (const auto& node : watch.nodes) {
        add(node.probe, node.feed, reader.labels_of_node(node.config.name));
    }
}

} // namespace

Seconds since_epoch(std::chrono::system_clock::time_point time) { return time.time_since_epoch(); }

Snapshot snapshot_of(const Engine& engine, std::optional<Observed> kernel, WholeRow whole,
                     const std::string& netns, const Moment& now) {
    const Reader reader(netns, now);
    Snapshot out;
    if (kernel) {
        whole.info = std::move(kernel->info);
        add_kernel(out, std::move(kernel->running), reader);
    }
    add_watch(out, engine.watch(), reader);
    whole.labels = reader.labels();
    out.whole.push_back(std::move(whole));
    return out;
}

} // namespace hg::daemon

// What commands say, apart from how: text is for eyes, JSON for scripts.
//
// JSON: one document with "schema": 1. Keys are only ever added; times are in ms and sizes in
// bytes, and say so by _ms and _bytes; addresses are strings.
#pragma once

#include "client.h"
#include "diff.h"

#include <iosfwd>
#include <map>
#include <nlohmann/json_fwd.hpp>

namespace hg::cli {

// Who makes one includes <nlohmann/json.hpp>.
using Json = nlohmann::ordered_json;

// A service with its servers, and what only the machine can tell of it.
struct ServiceView {
    Service service;
    std::vector<Server> servers;
    bool vip_missing = false; // the VIP is on no interface of this network namespace
};

struct InfoView {
    Info info;
    Settings settings;
    std::vector<std::string> without_accept_local; // empty when it is not needed
    std::vector<std::string> redirecting;          // interfaces of one-arm NAT with send_redirects
};

// What conns are counted by: a service's server, a state, or both.
struct ConnGroup {
    std::optional<ServiceKey> service;
    std::optional<Endpoint> server;
    std::string state;

    auto operator<=>(const ConnGroup&) const = default;
};

using ConnCounts = std::map<ConnGroup, std::uint64_t>;

// How a list of conns ended.
struct ConnListEnd {
    std::uint64_t listed = 0;
    bool more = false;       // it stopped at the limit
    bool by_default = false; // ... that nobody asked for
    bool duplicates = false;
};

class Output {
public:
    Output() = default;
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    virtual ~Output() = default;

    // With the age of what the daemon says of health, where there is or was one.
    virtual void tree(const std::vector<ServiceView>& services,
                      const std::optional<Heartbeat>& heartbeat) = 0;
    virtual void services(const std::vector<Service>& services) = 0;
    virtual void servers(const std::vector<Server>& servers) = 0;
    virtual void stats(const std::vector<ServiceView>& services) = 0;
    // As stats, the counters being per second.
    virtual void rates(const std::vector<ServiceView>& services,
                       std::chrono::milliseconds interval) = 0;
    virtual void conns_begin() = 0;
    virtual void conn(const Conn& conn) = 0;
    virtual void conns_end(const ConnListEnd& end) = 0;
    virtual void conn_counts(const ConnCounts& counts, bool duplicates) = 0;
    virtual void settings(const Settings& settings) = 0;
    virtual void info(const InfoView& view) = 0;
    // A change was made: nothing for eyes, {"schema": 1, "result": "done"} for scripts.
    virtual void done() = 0;
    // What would be changed, and what was.
    virtual void difference(const Difference& difference) = 0;
    virtual void applied(const Difference& difference) = 0;
    virtual void error(const Error& error) = 0;
    // How far something that takes its time has come: for eyes only.
    virtual void progress(const std::string& text) = 0;
    // Anything else: TEXT as it is, or DOCUMENT with the schema put in front.
    virtual void report(const std::string& text, const Json& document) = 0;
    // The same as one line of a stream, written at once; false when nobody reads it.
    virtual bool line(const std::string& text, const Json& document) = 0;
    [[nodiscard]] virtual bool is_for_programs() const = 0;
};

} // namespace hg::cli

// Services and servers of the configuration file, and what holds between them.
#pragma once

#include "config.h"
#include "config_schema.h"

#include <map>
#include <set>

namespace hg {

// What a service or a server is when it does not say so itself.
struct ConfigDefaults {
    std::string scheduler = "wlc";
    Mode forward = Mode::Nat;
    std::uint32_t weight = 1;
    std::optional<HealthCheck> check = {};
    std::optional<LoadSpec> load = {};
};

class ServiceReader {
public:
    explicit ServiceReader(ConfigSource& source) : source_(source) {}

    // Nothing is told when it is no map.
    void read_defaults(const YamlNode& map);
    // Adds to OUT, which holds those of the files before.
    void read_services(const YamlNode& list, std::vector<PoolConfig>& out);

    [[nodiscard]] const ConfigDefaults& defaults() const { return defaults_; }

private:
    struct Listen {
        ServiceKey key;
        const YamlNode* node = nullptr;
    };

    // As written; what is absent may come from the defaults.
    struct ServerDraft {
        const YamlNode* node = nullptr;
        std::optional<Endpoint> endpoint;
        const YamlNode* tunnel_key = nullptr;
        ServerSpec spec;
    };

    // The mask is IPv4's, the prefix IPv6's: a service may listen to both.
    struct AffinityDraft {
        const YamlNode* node = nullptr; // nullptr: there is none
        AffinitySpec spec;
        const YamlNode* mask_key = nullptr;
        const YamlNode* prefix_key = nullptr;
        std::uint8_t mask = 0;
        std::uint8_t prefix = 0;
    };

    struct ServiceDraft {
        const YamlNode* node = nullptr;
        const YamlNode* name_node = nullptr;
        bool has_listen = false; // right or not
        std::vector<Listen> listens;
        ServiceSpec spec;
        AffinityDraft affinity;
        std::vector<ServerDraft> servers;
        PoolCare care;
        const YamlNode* check_node = nullptr; // nullptr: the default's
        const YamlNode* quorum_node = nullptr;
        std::vector<ServerDraft> fallback;
    };

    template <class Target> using Field = ConfigField<ServiceReader, Target>;

    static const std::array<Field<ConfigDefaults>, 5> kDefaultsFields;
    static const std::array<Field<ServiceDraft>, 14> kServiceFields;
    static const std::array<Field<AffinityDraft>, 4> kAffinityFields;
    static const std::array<Field<ServerDraft>, 7> kServerFields;
    static const std::array<Field<ServerDraft>, 4> kFallbackFields;
    static const std::array<Field<Quorum>, 2> kQuorumFields;

    void default_scheduler(const YamlEntry& entry, ConfigDefaults& defaults);
    void default_forward(const YamlEntry& entry, ConfigDefaults& defaults);
    void default_weight(const YamlEntry& entry, ConfigDefaults& defaults);
    void default_check(const YamlEntry& entry, ConfigDefaults& defaults);
    void default_load(const YamlEntry& entry, ConfigDefaults& defaults);

    void service_name(const YamlEntry& entry, ServiceDraft& draft);
    void service_listen(const YamlEntry& entry, ServiceDraft& draft);
    void service_scheduler(const YamlEntry& entry, ServiceDraft& draft);
    void service_hash_port(const YamlEntry& entry, ServiceDraft& draft);
    void service_timeouts(const YamlEntry& entry, ServiceDraft& draft);
    void service_slow_start(const YamlEntry& entry, ServiceDraft& draft);
    void service_on_down(const YamlEntry& entry, ServiceDraft& draft);
    void service_affinity(const YamlEntry& entry, ServiceDraft& draft);
    void service_servers(const YamlEntry& entry, ServiceDraft& draft);
    void service_check(const YamlEntry& entry, ServiceDraft& draft);
    void service_load(const YamlEntry& entry, ServiceDraft& draft);
    void service_fallback(const YamlEntry& entry, ServiceDraft& draft);
    void service_panic_threshold(const YamlEntry& entry, ServiceDraft& draft);
    void service_quorum(const YamlEntry& entry, ServiceDraft& draft);

    void quorum_weight(const YamlEntry& entry, Quorum& quorum);
    void quorum_hysteresis(const YamlEntry& entry, Quorum& quorum);

    void affinity_timeout(const YamlEntry& entry, AffinityDraft& draft);
    void affinity_mask(const YamlEntry& entry, AffinityDraft& draft);
    void affinity_prefix(const YamlEntry& entry, AffinityDraft& draft);
    void affinity_drained(const YamlEntry& entry, AffinityDraft& draft);

    void server_address(const YamlEntry& entry, ServerDraft& draft);
    void server_weight(const YamlEntry& entry, ServerDraft& draft);
    void server_forward(const YamlEntry& entry, ServerDraft& draft);
    void server_tunnel(const YamlEntry& entry, ServerDraft& draft);
    void server_state(const YamlEntry& entry, ServerDraft& draft);
    void server_upper(const YamlEntry& entry, ServerDraft& draft);
    void server_lower(const YamlEntry& entry, ServerDraft& draft);

    std::optional<std::string> read_scheduler(const YamlEntry& entry);
    std::optional<Mode> read_forward(const YamlEntry& entry);
    void read_listen(const YamlNode& node, ServiceDraft& draft);
    template <std::size_t N>
    void read_server(const YamlNode& node, std::string_view map,
                     const std::array<Field<ServerDraft>, N>& fields,
                     std::vector<ServerDraft>& out);
    void read_address(const YamlNode& node, std::string_view word, ServerDraft& draft);
    void read_fallback(const YamlNode& node, std::vector<ServerDraft>& out);
    void read_service(const YamlNode& node, std::vector<PoolConfig>& out);

    void check_affinity(const ServiceDraft& draft);
    void check_care(const ServiceDraft& draft);
    void check_protocol(const ServiceDraft& draft, const HealthCheck& check);
    void check_source(const ServiceDraft& draft, const HealthCheck& check);
    void check_quorum(const ServiceDraft& draft);
    [[nodiscard]] static AffinitySpec affinity_for(const AffinityDraft& draft, Family family);
    void finish(const ServiceDraft& draft, std::vector<PoolConfig>& out);
    void check_unique(const Listen& listen);
    void claim_name(const std::string& name, const YamlNode& node);

    struct Placed {
        Endpoint endpoint;
        const YamlNode* node = nullptr;
    };

    [[nodiscard]] std::vector<ServerSpec> servers_for(const std::vector<ServerDraft>& drafts,
                                                      const ServiceKey& key,
                                                      std::vector<Placed>& seen);
    void refuse_twins(std::vector<Placed> servers);
    void check_totals(const YamlNode& list, std::size_t services);

    ConfigSource& source_;
    ConfigDefaults defaults_;
    std::map<ServiceKey, FilePlace> keys_;
    std::map<std::string, FilePlace> names_;
    std::size_t total_servers_ = 0;
    bool totals_told_ = false;
    // Of servers that were found at fault for one listener: not to be told for the next. Of one
    // service: the nodes of a file that is done are gone.
    std::set<const YamlNode*> told_;
};

} // namespace hg

// Values as JSON; the words are those of the text output.
#pragma once

#include "output.h"

#include <nlohmann/json.hpp>

namespace hg::cli {

[[nodiscard]] Json to_json(const Counters& counters);
[[nodiscard]] Json to_json(const ServiceSpec& spec);
[[nodiscard]] Json to_json(const ServerSpec& spec);
[[nodiscard]] Json to_json(const Service& service);
[[nodiscard]] Json to_json(const Server& server);
[[nodiscard]] Json to_json(const std::vector<ServiceView>& services);
[[nodiscard]] Json to_json(const Conn& conn);
[[nodiscard]] Json to_json(const Affinity& entry);
// Of a service of that family; null: it has none.
[[nodiscard]] Json affinity_json(const AffinitySpec& affinity, Family family);
[[nodiscard]] Json to_json(const Settings& settings);
// null where there never was one
[[nodiscard]] Json to_json(const std::optional<Heartbeat>& heartbeat);
[[nodiscard]] Json to_json(const InfoView& view);
[[nodiscard]] Json to_json(const Error& error);
[[nodiscard]] Json drops_to_json(const Info& info);

template <class T> [[nodiscard]] Json array_of(const std::vector<T>& values) {
    Json out = Json::array();
    for (const auto& value : values) {
        out.push_back(to_json(value));
    }
    return out;
}

// Text from outside need not be UTF-8: what is not is replaced, never thrown about.
[[nodiscard]] std::string dump(const Json& json, int indent);

} // namespace hg::cli

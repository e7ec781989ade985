// What has to be done to make the module match a configuration.
//
// Only what the admin owns is looked at and written: the services, their names, schedulers, flags
// and affinity, the servers, their modes, weights and states. What already matches is not touched.
// It is all one transaction's: names may change hands in any order, and a new mode makes a server
// another one, whose predecessor's conns go on.
#pragma once

#include "config.h"

#include <variant>

namespace hg {

// What the module has, as its dumps say it.
struct Running {
    std::uint32_t generation = 0; // of before the dumps
    std::vector<Service> services;
    std::vector<Server> servers;
};

struct AddService {
    ServiceSpec service;
    bool managed = false;

    bool operator==(const AddService&) const = default;
};

// BEFORE is what it was, for those who look on.
struct SetService {
    ServiceSpec before;
    ServiceChange change;

    bool operator==(const SetService&) const = default;
};

struct DelService {
    ServiceSpec service;

    bool operator==(const DelService&) const = default;
};

struct AddServer {
    ServiceKey service;
    ServerSpec server;
    ServerChange besides = {}; // what is not the admin's: down, factor, managed

    bool operator==(const AddServer&) const = default;
};

struct SetServer {
    ServiceKey service;
    ServerSpec before;
    ServerChange change;

    bool operator==(const SetServer&) const = default;
};

struct DelServer {
    ServiceKey service;
    ServerSpec server;

    bool operator==(const DelServer&) const = default;
};

// What the admin did by hand to a managed server is taken back.
struct ResetServer {
    ServiceKey service;
    ServerSpec server;

    bool operator==(const ResetServer&) const = default;
};

using Op =
    std::variant<AddService, SetService, DelService, AddServer, SetServer, DelServer, ResetServer>;

// What goes is first, so that there is room for what comes.
using Difference = std::vector<Op>;

// Pure.
[[nodiscard]] Difference diff(const Config& desired, const Running& running);

// What is running, as a configuration that would make it so.
[[nodiscard]] Config config_of(const Running& running);

} // namespace hg

// What can be known to be wrong before the kernel is asked, in better words than it can use.
#pragma once

#include "model.h"

namespace hg {

// An address that packets can be sent to and come from; WHAT names it: "server".
[[nodiscard]] Result<> check_unicast(const Address& address, std::string_view what);
// A VIP: unicast, not loopback, with a port.
[[nodiscard]] Result<> check_key(const ServiceKey& key);
// 1..HEADGATE_NAME_MAX of A-Z a-z 0-9 . _ -; OWNER is whose name it is to be.
[[nodiscard]] Result<> check_name(std::string_view name, std::string_view owner = "a service");
// The key, the name when there is one, the scheduler's form.
[[nodiscard]] Result<> check_service(const ServiceSpec& service);
// Address, port, family, weight and thresholds, for the service it is meant for.
[[nodiscard]] Result<> check_server(const ServiceKey& service, const ServerSpec& server);

} // namespace hg

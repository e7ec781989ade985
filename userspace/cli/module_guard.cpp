#include "module_guard.h"

#include <fmt/format.h>

namespace hg::cli {

namespace {

constexpr const char* kTable = "table inet headgate_guard";

// The set's elements live as long as the guard does: without them its rules match nothing.
std::string set_of(const std::vector<Service>& services, Family family, std::string_view name,
                   std::string_view type) {
    auto out = fmt::format("\tset {} {{\n\t\ttype {} . inet_proto . inet_service\n"
                           "\t\tflags timeout\n\t\ttimeout {}s\n",
                           name, type, kGuardLife.count());
    const char* separator = "\t\telements = { ";
    for (const auto& service : services) {
        const auto& [protocol, endpoint] = service.spec.key;
        if (endpoint.address.family() == family) {
            out += fmt::format("{}{} . {} . {}", separator, endpoint.address.text(),
                               protocol == Protocol::Tcp ? "tcp" : "udp", endpoint.port);
            separator = ",\n\t\t\t";
        }
    }
    return out + (*separator == ',' ? " }\n\t}\n" : "\t}\n");
}

} // namespace

// Where the module has its own hook, so that the admin's filter goes on to see what comes.
std::string guard_rules(const std::vector<Service>& services) {
    return fmt::format("{0}{1} {{\n{2}{3}"
                       "\tchain input {{\n"
                       "\t\ttype filter hook input priority 97\n"
                       "\t\tip daddr . meta l4proto . th dport @v4 drop\n"
                       "\t\tip6 daddr . meta l4proto . th dport @v6 drop\n"
                       "\t}}\n}}\n",
                       no_guard_rules(), kTable, set_of(services, Family::V4, "v4", "ipv4_addr"),
                       set_of(services, Family::V6, "v6", "ipv6_addr"));
}

std::string no_guard_rules() { return fmt::format("{0}\ndelete {0}\n", kTable); }

} // namespace hg::cli

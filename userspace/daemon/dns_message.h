// A DNS query and what answers it. Pure.
#pragma once

#include "health_check.h"
#include "outcome.h"

#include <optional>
#include <span>

namespace hg::daemon {

struct DnsAnswer {
    std::string rcode = {}; // "NOERROR", "SERVFAIL"; "RCODE 11" where it has no name
    bool truncated = false; // to be asked again by TCP
    // Of the type that was asked for: "192.0.2.1", "mail.example.org", "10 mail.example.org"
    std::vector<std::string> records = {};
};

[[nodiscard]] Outcome<std::string> make_dns_query(const DnsCheck& check, std::uint16_t id);

// Nothing: it is the answer of another query. A failure: it is ours and cannot be read.
[[nodiscard]] Outcome<std::optional<DnsAnswer>> read_dns_answer(std::string_view query,
                                                                std::string_view message);

// Empty: all is as wanted; else what is not.
[[nodiscard]] std::string fault_of(const DnsCheck& check, const DnsAnswer& answer);

} // namespace hg::daemon

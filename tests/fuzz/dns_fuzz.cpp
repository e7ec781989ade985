// Whatever comes back to a query, reading it ends with an answer, nothing or an error.
#include "dns_message.h"

#include <array>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    constexpr std::array kTypes{"A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"};
    if (size == 0) {
        return 0;
    }
    hg::DnsCheck check;
    check.name = "a.b";
    check.type = kTypes[data[0] % kTypes.size()];
    check.answer = "10 x";
    const auto query = hg::daemon::make_dns_query(check, 1);
    const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    (void)hg::daemon::read_dns_answer(*query, bytes);
    // As an answer of ours, so that its records are reached.
    auto answer = *query;
    answer[2] = '\x81';
    answer[7] = static_cast<char>(data[0] / kTypes.size());
    const auto read = hg::daemon::read_dns_answer(*query, answer + bytes);
    if (read && *read) {
        (void)hg::daemon::fault_of(check, **read);
    }
    return 0;
}

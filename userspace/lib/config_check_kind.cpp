#include "config_check_kind.h"

#include "config_value.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hg {

namespace {

constexpr std::array<std::string_view, 9> kTypeNames{"tcp", "http", "https", "dns", "smtp",
                                                     "ftp", "udp",  "icmp",  "exec"};
constexpr std::array<std::string_view, 9> kRecordTypes{"A",   "AAAA", "CNAME", "MX", "NS",
                                                       "PTR", "SOA",  "SRV",   "TXT"};
constexpr std::array<std::string_view, 6> kRcodes{"NOERROR",  "FORMERR", "SERVFAIL",
                                                  "NXDOMAIN", "NOTIMP",  "REFUSED"};

constexpr std::size_t kDnsNameMax = 253;
constexpr std::size_t kDnsLabelMax = 63;
constexpr std::size_t kPayloadMax = 1452; // a packet of 1500 bytes in either family

bool is_dns_name(std::string_view name) {
    if (name == ".") {
        return true;
    }
    if (name.ends_with('.')) {
        name.remove_suffix(1);
    }
    if (name.empty() || name.size() > kDnsNameMax) {
        return false;
    }
    while (true) {
        const auto label = name.substr(0, name.find('.'));
        const auto is_good = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '-' || c == '_';
        };
        if (label.empty() || label.size() > kDnsLabelMax ||
            !std::all_of(label.begin(), label.end(), is_good)) {
            return false;
        }
        if (label.size() == name.size()) {
            return true;
        }
        name.remove_prefix(label.size() + 1);
    }
}

void dns_name(ConfigSource& source, const YamlEntry& entry, DnsCheck& dns) {
    const auto word = read_word(source, entry);
    if (word && !is_dns_name(*word)) {
        source.fault(entry.value, fmt::format("name {} cannot be asked for: labels of up to {} "
                                              "letters, digits, - and _ with dots between, {} in "
                                              "all",
                                              quoted(*word), kDnsLabelMax, kDnsNameMax));
    } else if (word) {
        dns.name = *word;
    }
}

void dns_record(ConfigSource& source, const YamlEntry& entry, DnsCheck& dns) {
    dns.type = read_choice(source, entry, kRecordTypes).value_or(dns.type);
}

void dns_rcode(ConfigSource& source, const YamlEntry& entry, DnsCheck& dns) {
    dns.rcode = read_choice(source, entry, kRcodes).value_or(dns.rcode);
}

void dns_answer(ConfigSource& source, const YamlEntry& entry, DnsCheck& dns) {
    dns.answer = read_word(source, entry).value_or(dns.answer);
}

void smtp_helo(ConfigSource& source, const YamlEntry& entry, SmtpCheck& smtp) {
    smtp.helo = read_host(source, entry).value_or(smtp.helo);
}

void smtp_starttls(ConfigSource& source, const YamlEntry& entry, SmtpCheck& smtp) {
    smtp.starttls = read_bool(source, entry).value_or(smtp.starttls);
}

void ftp_user(ConfigSource& source, const YamlEntry& entry, FtpCheck& ftp) {
    ftp.user = read_word(source, entry).value_or(ftp.user);
}

void ftp_password(ConfigSource& source, const YamlEntry& entry, FtpCheck& ftp) {
    ftp.password = read_word(source, entry).value_or(ftp.password);
}

std::optional<std::string> bytes_of_hex(std::string_view digits) {
    constexpr std::string_view kDigits = "0123456789abcdef0123456789ABCDEF";
    if (digits.size() % 2 != 0 || digits.find_first_not_of(kDigits) != std::string_view::npos) {
        return std::nullopt;
    }
    std::string out;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const auto high = kDigits.find(digits[i]) % 16;
        const auto low = kDigits.find(digits[i + 1]) % 16;
        out += static_cast<char>(high * 16 + low);
    }
    return out;
}

void udp_payload(ConfigSource& source, const YamlEntry& entry, UdpCheck& udp) {
    const auto text = read_text(source, entry, 2 + 2 * kPayloadMax);
    if (!text) {
        return;
    }
    const auto bytes = text->starts_with("0x") ? bytes_of_hex(text->substr(2)) : text;
    if (!bytes) {
        source.fault(entry.value, fmt::format("payload {} is not hexadecimal: after 0x there are "
                                              "two digits for each byte",
                                              quoted(*text)));
    } else if (bytes->size() > kPayloadMax) {
        source.fault(entry.value,
                     fmt::format("payload has {} bytes: up to {}", bytes->size(), kPayloadMax));
    } else {
        udp.payload = *bytes;
    }
}

void udp_reply(ConfigSource& source, const YamlEntry& entry, UdpCheck& udp) {
    udp.reply = read_pattern(source, entry).value_or(udp.reply);
}

void exec_command(ConfigSource& source, const YamlEntry& entry, ExecCheck& exec) {
    exec.command = read_command(source, entry).value_or(exec.command);
}

constexpr std::array<CheckKey, 11> kKeys{
    {{"name", kDnsCheck, of_kind<DnsCheck, dns_name>},
     {"record", kDnsCheck, of_kind<DnsCheck, dns_record>},
     {"rcode", kDnsCheck, of_kind<DnsCheck, dns_rcode>},
     {"answer", kDnsCheck, of_kind<DnsCheck, dns_answer>},
     {"helo", kSmtpCheck, of_kind<SmtpCheck, smtp_helo>},
     {"starttls", kSmtpCheck, of_kind<SmtpCheck, smtp_starttls>},
     {"user", kFtpCheck, of_kind<FtpCheck, ftp_user>},
     {"password", kFtpCheck, of_kind<FtpCheck, ftp_password>},
     {"payload", kUdpCheck, of_kind<UdpCheck, udp_payload>},
     {"reply", kUdpCheck, of_kind<UdpCheck, udp_reply>},
     {"command", kExecCheck, of_kind<ExecCheck, exec_command>}}};

} // namespace

std::span<const std::string_view> check_type_names() { return kTypeNames; }

CheckTypes type_of(const HealthCheck& check) {
    const auto* const found = std::find(kTypeNames.begin(), kTypeNames.end(), type_name(check));
    return static_cast<CheckTypes>(1U << static_cast<unsigned>(found - kTypeNames.begin()));
}

CheckKind kind_of(CheckTypes type) {
    switch (type) {
    case kHttpCheck:
        return HttpCheck{};
    case kHttpsCheck:
        return HttpCheck{.tls = true};
    case kDnsCheck:
        return DnsCheck{};
    case kSmtpCheck:
        return SmtpCheck{};
    case kFtpCheck:
        return FtpCheck{};
    case kUdpCheck:
        return UdpCheck{};
    case kIcmpCheck:
        return IcmpCheck{};
    case kExecCheck:
        return ExecCheck{};
    default:
        return TcpCheck{};
    }
}

std::string type_list(CheckTypes types) {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < kTypeNames.size(); ++i) {
        if ((types >> i & 1U) != 0) {
            names.push_back(kTypeNames[i]);
        }
    }
    const auto last = names.back();
    names.pop_back();
    return names.empty() ? std::string(last)
                         : fmt::format("{} and {}", fmt::join(names, ", "), last);
}

std::span<const CheckKey> kind_keys() { return kKeys; }

void check_kind(ConfigSource& source, const YamlNode& map, const HealthCheck& check) {
    const auto* const dns = std::get_if<DnsCheck>(&check.kind);
    if (dns != nullptr && dns->name.empty()) {
        source.fault(map, "a dns check needs a name to ask for: name: www.example.org");
    }
    if (dns != nullptr && !dns->answer.empty() && dns->rcode != "NOERROR") {
        source.fault(map, fmt::format("a dns check that wants an answer wants the rcode NOERROR, "
                                      "not {}",
                                      dns->rcode));
    }
    const auto* const ftp = std::get_if<FtpCheck>(&check.kind);
    if (ftp != nullptr && ftp->user.empty() && !ftp->password.empty()) {
        source.fault(map, "an ftp check with a password needs a user");
    }
    const auto* const exec = std::get_if<ExecCheck>(&check.kind);
    if (exec != nullptr && exec->command.empty()) {
        source.fault(map, "an exec check needs a command: command: [ /usr/bin/program, word ]");
    }
    if (const auto* const http = std::get_if<HttpCheck>(&check.kind)) {
        check_http(source, map, *http);
    }
}

} // namespace hg

#include "import_keepalived_check.h"

#include "config_check_kind.h"
#include "number.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <span>
#include <utility>

namespace hg {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// What keepalived does where nothing is said.
constexpr milliseconds kDelayLoop{seconds(60)};
constexpr milliseconds kConnectTimeout{seconds(5)};
constexpr std::uint32_t kRetry = 1;
constexpr StatusRange kStatus{200, 299};

constexpr std::uint64_t kSecondsMax = 1'000'000;

// "2", "0.25"; finer than ms is cut.
std::optional<milliseconds> parse_seconds(std::string_view text) {
    const auto dot = std::min(text.find('.'), text.size());
    const auto whole = dot == 0 ? 0 : parse_number(text.substr(0, dot), "", {0, kSecondsMax});
    auto fraction = std::string(text.substr(std::min(dot + 1, text.size())));
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!whole || text.empty() || text == "." ||
        !std::all_of(fraction.begin(), fraction.end(), is_digit)) {
        return std::nullopt;
    }
    fraction.resize(3, '0');
    return seconds(*whole) + milliseconds(std::stoul(fraction));
}

// What is read of a check, and where its notes go.
struct Draft {
    ImportPools& out;
    const KeepalivedNode& node;
    HealthCheck check = {};
    KeepalivedTries tries = {};
    std::uint16_t server_port = 0;
    std::optional<milliseconds> program_timeout = {};
    bool is_usable = true;
    bool is_pattern_usable = true;

    // The kind is known from the block's name.
    template <class Kind> Kind& kind() { return std::get<Kind>(check.kind); }
};

void read_time(const KeepalivedNode& node, ImportPools& out, std::optional<milliseconds>& time) {
    const auto value = parse_seconds(value_of(node));
    if (value) {
        time = value;
    } else {
        note_left(node, "it is no time in seconds", out);
    }
}

void connect_port(const KeepalivedNode& node, Draft& draft) {
    const auto port = read_count(node, draft.out, std::numeric_limits<std::uint16_t>::max());
    if (port && *port != draft.server_port) {
        draft.check.port = static_cast<std::uint16_t>(*port);
    }
}

void bindto(const KeepalivedNode& node, Draft& draft) {
    if (const auto source = parse_address(value_of(node))) {
        draft.check.source = *source;
    } else {
        note_left(node, source.error().reason, draft.out);
    }
}

void nothing(const KeepalivedNode& /*node*/, Draft& /*draft*/) {}

// Of a server that is checked elsewhere the result would be another.
void connect_ip(const KeepalivedNode& node, Draft& draft) {
    note_left(node, "a check goes to its server, so there is none", draft.out);
    draft.is_usable = false;
}

void status_code(const KeepalivedNode& node, Draft& draft) {
    std::vector<StatusRange> ranges;
    for (std::size_t i = 1; i < node.words.size(); ++i) {
        if (const auto range = parse_status(node.words[i])) {
            ranges.push_back(*range);
        } else {
            draft.out.note(
                node.line,
                fmt::format(
                    "the status {} is not carried over: it is not 100 to 599, or a range of them",
                    quoted(node.words[i])));
        }
    }
    if (!ranges.empty()) {
        draft.kind<HttpCheck>().expect = std::move(ranges);
    }
}

void url_path(const KeepalivedNode& node, Draft& draft) {
    draft.kind<HttpCheck>().path = value_of(node);
}

void virtualhost(const KeepalivedNode& node, Draft& draft) {
    draft.tries.virtualhost = value_of(node);
}

void regex(const KeepalivedNode& node, Draft& draft) {
    draft.kind<HttpCheck>().body = value_of(node);
}

// What changes the meaning of the pattern takes the pattern with it.
void regex_option(const KeepalivedNode& node, Draft& draft) {
    note_left(node, "so the pattern it goes with is not looked for either", draft.out);
    draft.is_pattern_usable = false;
}

void digest(const KeepalivedNode& node, Draft& draft) {
    note_left(node, "body: PATTERN can tell a right page from a wrong one", draft.out);
}

void sni_name(const KeepalivedNode& node, Draft& draft) {
    draft.kind<HttpCheck>().sni = value_of(node);
}

void http_protocol(const KeepalivedNode& node, Draft& draft) {
    if (value_of(node) != "1.1") {
        note_left(node, "a check asks by HTTP/1.1", draft.out);
    }
}

void helo_name(const KeepalivedNode& node, Draft& draft) {
    draft.kind<SmtpCheck>().helo = value_of(node);
}

void dns_type(const KeepalivedNode& node, Draft& draft) {
    draft.kind<DnsCheck>().type = value_of(node);
}

void dns_name(const KeepalivedNode& node, Draft& draft) {
    draft.kind<DnsCheck>().name = value_of(node);
}

void misc_path(const KeepalivedNode& node, Draft& draft) {
    draft.kind<ExecCheck>().command = keepalived_words(value_of(node));
}

void misc_timeout(const KeepalivedNode& node, Draft& draft) {
    read_time(node, draft.out, draft.program_timeout);
}

void misc_dynamic(const KeepalivedNode& node, Draft& draft) {
    note_left(node, "a program's status says well or not; a load may set the share", draft.out);
}

// "Ab12f 3" is the bytes ab 12 0f 03.
std::optional<std::string> bytes_of_hex(const KeepalivedNode& node) {
    constexpr std::string_view kDigits = "0123456789abcdef0123456789ABCDEF";
    std::string out;
    for (std::size_t i = 1; i < node.words.size(); ++i) {
        for (auto word : split_words(node.words[i])) {
            if (word.find_first_not_of(kDigits) != std::string_view::npos) {
                return std::nullopt;
            }
            while (!word.empty()) {
                const auto byte = word.substr(0, 2);
                word.remove_prefix(byte.size());
                const auto high = byte.size() == 2 ? kDigits.find(byte[0]) % 16 : 0;
                out += static_cast<char>(high * 16 + kDigits.find(byte.back()) % 16);
            }
        }
    }
    return out;
}

void payload(const KeepalivedNode& node, Draft& draft) {
    if (auto bytes = bytes_of_hex(node)) {
        draft.kind<UdpCheck>().payload = *std::move(bytes);
    } else {
        note_left(node, "it is not hexadecimal", draft.out);
    }
}

void require_reply(const KeepalivedNode& node, Draft& draft) {
    draft.kind<UdpCheck>().reply = "^"; // any
    if (node.words.size() > 1) {
        note_left(node, "any answer is well; reply: PATTERN can say which", draft.out);
    }
}

struct Key {
    std::string_view name;
    CheckTypes types;
    void (*read)(const KeepalivedNode& node, Draft& draft);
};

constexpr CheckTypes kWeb = kHttpCheck | kHttpsCheck;
constexpr CheckTypes kEach = std::numeric_limits<CheckTypes>::max();

constexpr auto kKeys = std::to_array<Key>({{"connect_ip", kEach, connect_ip},
                                           {"connect_port", kEach & ~kIcmpCheck, connect_port},
                                           {"connect_port", kIcmpCheck, nothing},
                                           {"bindto", kEach & ~kExecCheck, bindto},
                                           {"status_code", kWeb, status_code},
                                           {"http_protocol", kWeb, http_protocol},
                                           {"fast_recovery", kWeb, nothing},
                                           {"enable_sni", kHttpsCheck, nothing},
                                           {"sni_name", kHttpsCheck, sni_name},
                                           {"tls_compliant", kHttpsCheck, nothing},
                                           {"helo_name", kSmtpCheck, helo_name},
                                           {"type", kDnsCheck, dns_type},
                                           {"name", kDnsCheck, dns_name},
                                           {"misc_path", kExecCheck, misc_path},
                                           {"misc_timeout", kExecCheck, misc_timeout},
                                           {"misc_dynamic", kExecCheck, misc_dynamic},
                                           {"payload", kUdpCheck, payload},
                                           {"require_reply", kUdpCheck, require_reply}});

constexpr auto kUrlKeys = std::to_array<Key>({{"path", kWeb, url_path},
                                              {"status_code", kWeb, status_code},
                                              {"virtualhost", kWeb, virtualhost},
                                              {"digest", kWeb, digest},
                                              {"regex", kWeb, regex},
                                              {"regex_no_match", kWeb, regex_option},
                                              {"regex_options", kWeb, regex_option},
                                              {"regex_stack", kWeb, nothing},
                                              {"regex_min_offset", kWeb, regex_option},
                                              {"regex_max_offset", kWeb, regex_option},
                                              {"tls_compliant", kHttpsCheck, nothing}});

void read_key(const KeepalivedNode& node, std::span<const Key> keys, Draft& draft) {
    const auto type = type_of(draft.check);
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& key) {
        return key.name == node.words[0] && (key.types & type) != 0;
    });
    if (found != keys.end()) {
        found->read(node, draft);
    } else {
        note_left(node,
                  fmt::format("a check of the type {} has nothing like it", type_name(draft.check)),
                  draft.out);
    }
}

// The pattern may be taken away again, the rest of the check stands without it.
void read_url(const KeepalivedNode& node, Draft& draft) {
    for (const auto& line : node.block) {
        read_key(line, kUrlKeys, draft);
    }
    if (!draft.is_pattern_usable) {
        draft.kind<HttpCheck>().body.clear();
    }
}

void read_keys(Draft& draft) {
    bool has_url = false;
    for (const auto& line : draft.node.block) {
        if (read_tries(line, draft.out, draft.tries)) {
            continue;
        }
        const bool is_url =
            line.words[0] == "url" && std::holds_alternative<HttpCheck>(draft.check.kind);
        if (is_url && has_url) {
            note_left(line, "a check asks for one page, the first", draft.out);
        } else if (is_url) {
            has_url = true;
            read_url(line, draft);
        } else {
            read_key(line, kKeys, draft);
        }
    }
}

// TIME within what it may be, which is told when somebody has asked for more or less.
milliseconds bounded(const Draft& draft, std::string_view what, milliseconds time, milliseconds min,
                     milliseconds max, bool is_asked_for) {
    const auto out = std::clamp(time, min, max);
    if (out != time && is_asked_for) {
        draft.out.note(draft.node.line,
                       fmt::format("the {} of {} is {} instead of {}", what, draft.node.words[0],
                                   duration_text(out), duration_text(time)));
    }
    return out;
}

milliseconds default_delay_before_retry(const HealthCheck& check) {
    switch (type_of(check)) {
    case kHttpCheck:
    case kHttpsCheck:
        return seconds(3);
    case kDnsCheck:
        return check.interval;
    default:
        return seconds(1);
    }
}

std::uint32_t default_retry(const HealthCheck& check) {
    switch (type_of(check)) {
    case kDnsCheck:
        return 3;
    case kExecCheck:
        return 0;
    default:
        return kRetry;
    }
}

// One success is enough there; a failure is confirmed by as many more as there are retries.
void set_times(Draft& draft) {
    auto& check = draft.check;
    const auto& tries = draft.tries;
    check.interval = bounded(draft, "interval", tries.delay_loop.value_or(kDelayLoop),
                             kCheckIntervalMin, kCheckIntervalMax, true);
    const auto is_program = std::holds_alternative<ExecCheck>(check.kind);
    const auto asked = is_program ? draft.program_timeout : tries.connect_timeout;
    check.timeout =
        bounded(draft, "timeout", asked.value_or(is_program ? check.interval : kConnectTimeout),
                kCheckTimeoutMin, check.interval, asked.has_value());
    const auto retry = tries.retry.value_or(default_retry(check));
    check.rise = 1;
    check.fall = std::min(retry, kRiseFallMax - 1) + 1;
    if (retry >= kRiseFallMax) {
        draft.out.note(draft.node.line, fmt::format("a failure of {} is confirmed {} times instead "
                                                    "of {}",
                                                    draft.node.words[0], kRiseFallMax - 1, retry));
    }
    if (retry != 0) {
        check.fast_interval =
            bounded(draft, "fast interval",
                    tries.delay_before_retry.value_or(default_delay_before_retry(check)),
                    kCheckIntervalMin, check.interval, tries.delay_before_retry.has_value());
    }
    check.initial = tries.alpha ? InitialHealth::Wait : InitialHealth::Up;
}

struct Type {
    std::string_view name;
    CheckTypes type;
};

constexpr auto kTypes = std::to_array<Type>({{"TCP_CHECK", kTcpCheck},
                                             {"HTTP_GET", kHttpCheck},
                                             {"SSL_GET", kHttpsCheck},
                                             {"SMTP_CHECK", kSmtpCheck},
                                             {"DNS_CHECK", kDnsCheck},
                                             {"MISC_CHECK", kExecCheck},
                                             {"PING_CHECK", kIcmpCheck},
                                             {"UDP_CHECK", kUdpCheck},
                                             {"BFD_CHECK", 0},
                                             {"FILE_CHECK", 0}});

const Type* find_type(std::string_view name) {
    const auto* const found = std::find_if(kTypes.begin(), kTypes.end(),
                                           [&](const Type& type) { return type.name == name; });
    return found != kTypes.end() ? found : nullptr;
}

// What keepalived asks for where nothing is said.
void set_defaults(HealthCheck& check) {
    if (auto* const http = std::get_if<HttpCheck>(&check.kind)) {
        http->expect = {kStatus};
        http->verify = false;
    }
    if (auto* const dns = std::get_if<DnsCheck>(&check.kind)) {
        dns->name = ".";
        dns->type = "SOA";
    }
}

} // namespace

std::string_view value_of(const KeepalivedNode& node) {
    return node.words.size() > 1 ? std::string_view(node.words[1]) : std::string_view();
}

void note_left(const KeepalivedNode& node, std::string_view reason, ImportPools& out) {
    out.note(node.line, fmt::format("{} is not carried over: {}",
                                    quoted(fmt::to_string(fmt::join(node.words, " "))), reason));
}

std::optional<std::uint32_t> read_count(const KeepalivedNode& node, ImportPools& out,
                                        std::uint32_t max) {
    const auto number = parse_number(value_of(node), node.words[0], {0, max});
    if (!number) {
        note_left(node, number.error().reason, out);
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(*number);
}

bool is_on(const KeepalivedNode& node) {
    const auto value = value_of(node);
    return value != "off" && value != "false" && value != "no";
}

bool read_tries(const KeepalivedNode& node, ImportPools& out, KeepalivedTries& tries) {
    const std::string_view key = node.words[0];
    if (key == "delay_loop") {
        read_time(node, out, tries.delay_loop);
    } else if (key == "connect_timeout") {
        read_time(node, out, tries.connect_timeout);
    } else if (key == "delay_before_retry") {
        read_time(node, out, tries.delay_before_retry);
    } else if (key == "retry" || key == "nb_get_retry") {
        if (const auto count = read_count(node, out, std::numeric_limits<std::int32_t>::max())) {
            tries.retry = *count;
        }
    } else if (key == "virtualhost") {
        tries.virtualhost = value_of(node);
    } else if (key == "alpha") {
        tries.alpha = is_on(node);
    } else {
        return key == "warmup"; // the tries of many servers do not fall together
    }
    return true;
}

bool is_keepalived_check(const KeepalivedNode& node) { return find_type(node.words[0]) != nullptr; }

std::optional<HealthCheck> read_keepalived_check(const KeepalivedNode& node,
                                                 const KeepalivedTries& tries, std::uint16_t port,
                                                 ImportPools& out) {
    const auto* const type = find_type(node.words[0]);
    if (type == nullptr || type->type == 0) {
        note_left(node, "there is no such check", out);
        return std::nullopt;
    }
    Draft draft{.out = out, .node = node, .tries = tries, .server_port = port};
    draft.check.kind = kind_of(type->type);
    set_defaults(draft.check);
    read_keys(draft);
    set_times(draft);
    if (auto* const http = std::get_if<HttpCheck>(&draft.check.kind)) {
        http->host = draft.tries.virtualhost;
    }
    return draft.is_usable ? std::optional(std::move(draft.check)) : std::nullopt;
}

} // namespace hg

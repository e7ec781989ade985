// Checks and loads as the configuration file has them.
#include "config_write.h"
#include "number.h"

#include <fmt/format.h>

namespace hg {

namespace {

constexpr std::uint32_t kPerMillePerCent = 10;

// "      KEY: VALUE\n" a key, as they are added.
class Keys {
public:
    void add(std::string_view key, std::string_view value) {
        lines_ += fmt::format("      {}: {}\n", key, value);
    }

    void add_flag(std::string_view key, bool value) { add(key, value ? "true" : "false"); }

    void add_text(std::string_view key, std::string_view value) { add(key, yaml_text(value)); }

    // Nothing where it is empty, which no file can say.
    void add_some(std::string_view key, std::string_view value) {
        if (!value.empty()) {
            add_text(key, value);
        }
    }

    [[nodiscard]] const std::string& lines() const { return lines_; }

private:
    std::string lines_;
};

std::string expect_text(const HttpCheck& http) {
    std::string out;
    for (const auto& range : http.expect) {
        out += out.empty() ? "[ " : ", ";
        out += range.first == range.last ? fmt::to_string(range.first)
                                         : fmt::format("{}-{}", range.first, range.last);
    }
    return out + " ]";
}

// Other bytes than letters may be in it.
std::string hex_text(std::string_view bytes) {
    std::string out = "0x";
    for (const auto c : bytes) {
        out += fmt::format("{:02x}", static_cast<unsigned char>(c));
    }
    return out;
}

// The keys of each type; a required one or one that the reader of the file will ask about is said
// even where it is the default.
struct KindWriter {
    Keys& keys;

    void operator()(const TcpCheck& /*tcp*/) const {}

    void operator()(const IcmpCheck& /*icmp*/) const {}

    void operator()(const HttpCheck& http) const {
        keys.add_text("method", http.method);
        keys.add_text("path", http.path);
        keys.add_some("host", http.host);
        keys.add("expect", expect_text(http));
        keys.add_some("body", http.body);
        if (http.tls) {
            keys.add_flag("verify", http.verify);
            keys.add_some("sni", http.sni);
            keys.add_some("ca", http.ca);
        }
    }

    void operator()(const DnsCheck& dns) const {
        keys.add_text("name", dns.name);
        keys.add("record", dns.type);
        keys.add("rcode", dns.rcode);
        keys.add_some("answer", dns.answer);
    }

    void operator()(const SmtpCheck& smtp) const {
        keys.add_text("helo", smtp.helo);
        keys.add_flag("starttls", smtp.starttls);
    }

    void operator()(const FtpCheck& ftp) const {
        keys.add_some("user", ftp.user);
        keys.add_some("password", ftp.password);
    }

    void operator()(const UdpCheck& udp) const {
        if (!udp.payload.empty()) {
            keys.add("payload", hex_text(udp.payload));
        }
        keys.add_some("reply", udp.reply);
    }

    void operator()(const ExecCheck& exec) const { keys.add("command", yaml_list(exec.command)); }
};

} // namespace

std::string check_lines(const HealthCheck& check) {
    Keys keys;
    keys.add("type", type_name(check));
    keys.add("interval", duration_text(check.interval));
    keys.add("timeout", duration_text(check.timeout));
    if (check.fast_interval != std::chrono::milliseconds::zero()) {
        keys.add("fast_interval", duration_text(check.fast_interval));
    }
    keys.add("rise", fmt::to_string(check.rise));
    keys.add("fall", fmt::to_string(check.fall));
    keys.add("jitter", fmt::format("{}%", check.jitter));
    if (check.port != 0) {
        keys.add("port", fmt::to_string(check.port));
    }
    if (check.source) {
        keys.add("source", yaml_address(*check.source));
    }
    if (check.through_service) {
        keys.add("through", "service");
    }
    keys.add("initial", name(check.initial));
    std::visit(KindWriter{keys}, check.kind);
    return "    check:\n" + keys.lines();
}

std::string load_line(const LoadSpec& load) {
    const auto is_agent = load.source == LoadSource::Agent;
    auto out = fmt::format("    load: {{ type: {}", name(load.source));
    if (load.port != 0) {
        out += fmt::format(", port: {}", load.port);
    }
    if (!is_agent) {
        out += fmt::format(", path: {}", yaml_text(load.path));
    }
    return out + fmt::format(", interval: {}, timeout: {}, gain: {}%, floor: {}% }}\n",
                             duration_text(load.interval), duration_text(load.timeout),
                             load.gain / kPerMillePerCent, load.floor / kPerMillePerCent);
}

} // namespace hg

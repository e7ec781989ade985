// `ipvsadm -S`: a command a line, each adds a service or a server.
#include "import_pools.h"
#include "number.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <span>

namespace hg {

namespace {

constexpr std::string_view kDefaultTimeout = "300"; // seconds, of -p alone

enum class Verb { None, AddService, AddServer };

// One line, as far as it is understood.
struct Command {
    std::uint32_t line = 0;
    Verb verb = Verb::None;
    std::string service = {}; // as in our URLs: "tcp://10.0.0.1:80"; a name as it is
    std::string_view scheduler = "wlc";
    std::optional<std::string_view> persistent = {};
    std::string_view netmask = {};
    std::string_view flags = {};
    std::string_view server = {};
    Mode mode = Mode::Direct; // ipvsadm's default
    std::string_view weight = "1";
    std::string_view upper = "0";
    std::string_view lower = "0";
    std::string_view tunnel = "ipip";
    std::string unknown = {};           // an option; without knowing it the line is not to be used
    std::vector<std::string> left = {}; // options that have no counterpart
};

// What follows an option.
enum class Takes { Nothing, Word, MayWord };

struct Option {
    std::string_view letter;
    std::string_view name;
    Takes takes;
    void (*set)(Command& command, std::string_view word);
};

template <std::string_view Command::*member> void keep(Command& command, std::string_view word) {
    command.*member = word;
}

template <Verb verb> void act(Command& command, std::string_view /*word*/) { command.verb = verb; }

template <Mode mode> void forward(Command& command, std::string_view /*word*/) {
    command.mode = mode;
}

void tcp(Command& command, std::string_view word) {
    command.service = fmt::format("tcp://{}", word);
}

void udp(Command& command, std::string_view word) {
    command.service = fmt::format("udp://{}", word);
}

void sctp(Command& command, std::string_view word) {
    command.service = fmt::format("sctp://{}", word);
}

void mark(Command& command, std::string_view word) {
    command.service = fmt::format("mark {}", word);
}

void persistent(Command& command, std::string_view word) {
    command.persistent = word.empty() ? kDefaultTimeout : word;
}

void engine(Command& command, std::string_view word) {
    command.left.push_back(fmt::format("the persistence engine {}", quoted(word)));
}

void one_packet(Command& command, std::string_view /*word*/) {
    command.left.emplace_back("scheduling each packet for itself (-o)");
}

// Of a tunnel that is refused anyway, or of a mark.
void nothing(Command& /*command*/, std::string_view /*word*/) {}

constexpr auto kOptions = std::to_array<Option>({
    {"-A", "--add-service", Takes::Nothing, act<Verb::AddService>},
    {"-a", "--add-server", Takes::Nothing, act<Verb::AddServer>},
    {"-t", "--tcp-service", Takes::Word, tcp},
    {"-u", "--udp-service", Takes::Word, udp},
    {"", "--sctp-service", Takes::Word, sctp},
    {"-f", "--fwmark-service", Takes::Word, mark},
    {"-6", "--ipv6", Takes::Nothing, nothing},
    {"-s", "--scheduler", Takes::Word, keep<&Command::scheduler>},
    {"-p", "--persistent", Takes::MayWord, persistent},
    {"-M", "--netmask", Takes::Word, keep<&Command::netmask>},
    {"-b", "--sched-flags", Takes::Word, keep<&Command::flags>},
    {"-o", "--ops", Takes::Nothing, one_packet},
    {"", "--pe", Takes::Word, engine},
    {"-r", "--real-server", Takes::Word, keep<&Command::server>},
    {"-g", "--gatewaying", Takes::Nothing, forward<Mode::Direct>},
    {"-i", "--ipip", Takes::Nothing, forward<Mode::Tunnel>},
    {"-m", "--masquerading", Takes::Nothing, forward<Mode::Nat>},
    {"-w", "--weight", Takes::Word, keep<&Command::weight>},
    {"-x", "--u-threshold", Takes::Word, keep<&Command::upper>},
    {"-y", "--l-threshold", Takes::Word, keep<&Command::lower>},
    {"", "--tun-type", Takes::Word, keep<&Command::tunnel>},
    {"", "--tun-port", Takes::Word, nothing},
    {"", "--tun-nocsum", Takes::Nothing, nothing},
    {"", "--tun-csum", Takes::Nothing, nothing},
    {"", "--tun-remcsum", Takes::Nothing, nothing},
});

const Option* find_option(std::string_view word) {
    const auto* const found =
        std::find_if(kOptions.begin(), kOptions.end(), [&](const Option& option) {
            return word == option.name || (!option.letter.empty() && word == option.letter);
        });
    return found != kOptions.end() ? found : nullptr;
}

Command read_command(std::uint32_t line, std::span<const std::string_view> words) {
    Command command{.line = line};
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto* const option = find_option(words[i]);
        if (option == nullptr) {
            command.unknown = quoted(words[i]);
            return command;
        }
        const bool has_next = i + 1 < words.size();
        const bool takes =
            option->takes == Takes::Word ||
            (option->takes == Takes::MayWord && has_next && !words[i + 1].starts_with('-'));
        if (takes && !has_next) {
            command.unknown = fmt::format("{} without a word after it", words[i]);
            return command;
        }
        option->set(command, takes ? words[++i] : std::string_view());
    }
    return command;
}

// Why there is no such service, in addition to why it cannot be read.
std::string hint_of(const Error& error) {
    return error.reason + "; ipvsadm -Sn writes numbers for names";
}

class Importer {
public:
    Imported run(std::string_view text);

private:
    void line(std::uint32_t number, std::string_view text);
    void add_service(const Command& command);
    void add_server(const Command& command);
    void set_flags(const Command& command, ServiceSpec& service);
    void set_affinity(const Command& command, ServiceSpec& service);
    [[nodiscard]] std::optional<std::uint32_t> number(const Command& command, std::string_view word,
                                                      std::string_view what, std::uint32_t max);

    ImportPools out_;
    std::vector<PoolConfig> pools_;
    std::map<std::string, std::optional<std::size_t>> known_; // by URL; nothing: left out
};

Imported Importer::run(std::string_view text) {
    for (std::uint32_t number = 1; !text.empty(); ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        line(number, text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    for (auto& pool : pools_) {
        out_.add(std::move(pool));
    }
    return out_.finish();
}

void Importer::line(std::uint32_t number, std::string_view text) {
    const auto words = split_words(text);
    if (words.empty() || words[0].starts_with('#')) {
        return;
    }
    const auto command = read_command(number, words);
    if (!command.unknown.empty()) {
        out_.note(number,
                  fmt::format("the line is left out: {} is not understood", command.unknown));
    } else if (command.verb == Verb::None || command.service.empty()) {
        out_.note(number, "the line is left out: it adds no service and no server");
    } else if (command.verb == Verb::AddService) {
        add_service(command);
    } else {
        add_server(command);
    }
}

void Importer::add_service(const Command& command) {
    const auto [known, is_new] = known_.emplace(command.service, std::nullopt);
    if (!is_new) {
        out_.note(command.line, fmt::format("service {} is left out: it is there already",
                                            quoted(command.service)));
        return;
    }
    const auto key = parse_service_key(command.service);
    if (command.service.ends_with(":0")) {
        out_.note(command.line, fmt::format("service {} is left out with its servers: a service of "
                                            "all ports is not to be had",
                                            quoted(command.service)));
        return;
    }
    if (!key) {
        const auto is_ours =
            command.service.starts_with("tcp") || command.service.starts_with("udp");
        out_.note(command.line,
                  fmt::format("service {} is left out with its servers: {}",
                              quoted(command.service),
                              is_ours ? hint_of(key.error())
                                      : "there are services of tcp and udp addresses only"));
        return;
    }
    if (!out_.claim(command.line, *key)) {
        return;
    }
    PoolConfig pool;
    pool.service.key = *key;
    pool.service.scheduler = out_.scheduler(command.line, command.scheduler);
    set_flags(command, pool.service);
    set_affinity(command, pool.service);
    for (const auto& left : command.left) {
        out_.note(command.line, fmt::format("there is no counterpart to {}", left));
    }
    known->second = pools_.size();
    pools_.push_back(std::move(pool));
}

void Importer::set_flags(const Command& command, ServiceSpec& service) {
    auto flags = command.flags;
    while (!flags.empty()) {
        const auto flag = flags.substr(0, flags.find(','));
        flags.remove_prefix(std::min(flag.size() + 1, flags.size()));
        out_.set_flag(command.line, flag, service);
    }
}

void Importer::set_affinity(const Command& command, ServiceSpec& service) {
    if (!command.persistent) {
        return;
    }
    const auto timeout = out_.affinity_timeout(command.line, *command.persistent);
    if (!timeout) {
        return;
    }
    service.affinity.timeout = *timeout;
    if (!command.netmask.empty()) {
        service.affinity.prefix =
            out_.prefix(command.line, command.netmask, service.key.endpoint.address.family())
                .value_or(0);
    }
}

std::optional<std::uint32_t> Importer::number(const Command& command, std::string_view word,
                                              std::string_view what, std::uint32_t max) {
    const auto number = parse_number(word, what, {0, max});
    if (!number) {
        out_.note(command.line, fmt::format("server {} is left out: {}", quoted(command.server),
                                            number.error().reason));
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(*number);
}

void Importer::add_server(const Command& command) {
    const auto known = known_.find(command.service);
    if (known == known_.end()) {
        out_.note(command.line, fmt::format("server {} is left out: no line before it adds its "
                                            "service {}",
                                            quoted(command.server), quoted(command.service)));
        return;
    }
    if (!known->second) {
        return; // told with its service
    }
    auto& pool = pools_[*known->second];
    const auto endpoint = parse_endpoint(command.server);
    if (!endpoint) {
        out_.note(command.line, fmt::format("server {} is left out: {}", quoted(command.server),
                                            hint_of(endpoint.error())));
        return;
    }
    if (command.mode == Mode::Tunnel && command.tunnel != "ipip") {
        out_.note(command.line, fmt::format("server {} is left out: there is no tunnel {}, only "
                                            "ipip",
                                            quoted(command.server), quoted(command.tunnel)));
        return;
    }
    const auto weight = number(command, command.weight, "weight", HEADGATE_WEIGHT_MAX);
    const auto upper =
        weight ? number(command, command.upper, "upper threshold", HEADGATE_THRESHOLD_MAX)
               : std::nullopt;
    const auto lower =
        upper ? number(command, command.lower, "lower threshold", HEADGATE_THRESHOLD_MAX)
              : std::nullopt;
    if (lower) {
        out_.add_server(command.line, pool,
                        {.endpoint = with_port_of(pool.service.key, *endpoint),
                         .mode = command.mode,
                         .weight = *weight,
                         .upper = *upper,
                         .lower = *lower});
    }
}

} // namespace

Imported import_ipvsadm(std::string_view text) { return Importer().run(text); }

} // namespace hg

#include "import_pools.h"

#include "check.h"
#include "config_words.h"
#include "number.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

namespace hg {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// The bits of a dotted mask; nothing when it has a hole, or is none.
std::optional<std::uint8_t> bits_of_mask(std::string_view word) {
    const auto mask = parse_address(word);
    if (!mask || mask->family() != Family::V4) {
        return std::nullopt;
    }
    std::uint32_t bits = 0;
    for (const auto byte : mask->bytes()) {
        bits = bits << 8U | std::to_integer<std::uint32_t>(byte);
    }
    const auto ones = static_cast<std::uint8_t>(std::countl_one(bits));
    return ones == std::popcount(bits) && ones != 0 ? std::optional(ones) : std::nullopt;
}

} // namespace

void ImportPools::note(std::uint32_t line, std::string text) {
    if (told_.emplace(line, text).second) {
        out_.notes.push_back({line, std::move(text)});
    }
}

std::string ImportPools::scheduler(std::uint32_t line, std::string_view word) {
    if (auto scheduler = parse_scheduler(word)) {
        return *std::move(scheduler);
    }
    note(line, fmt::format("there is no scheduler {}: wlc instead", quoted(word)));
    return "wlc";
}

// sh and mh go on to another server when theirs is down, as with the flag for it.
void ImportPools::set_flag(std::uint32_t line, std::string_view flag, ServiceSpec& service) {
    const auto is_hash = service.scheduler == "sh" || service.scheduler == "mh";
    const auto is_of = [&](std::string_view what, std::string_view number) {
        return is_hash && (flag == number || flag == fmt::format("{}-{}", service.scheduler, what));
    };
    if (is_of("port", "flag-2")) {
        service.hash_port = true;
    } else if (!is_of("fallback", "flag-1")) {
        note(line, fmt::format("the scheduler {} has no flag {}", service.scheduler, quoted(flag)));
    }
}

std::optional<milliseconds> ImportPools::affinity_timeout(std::uint32_t line,
                                                          std::string_view word) {
    constexpr auto kMax = std::chrono::duration_cast<seconds>(kTimeoutMax).count();
    const auto number =
        parse_number(word, "persistence timeout", {1, static_cast<std::uint64_t>(kMax)});
    if (!number) {
        note(line,
             fmt::format("clients do not stay with their servers: {}", number.error().reason));
        return std::nullopt;
    }
    return seconds(*number);
}

std::optional<std::uint8_t> ImportPools::prefix(std::uint32_t line, std::string_view word,
                                                Family family) {
    const auto number = parse_number(word, "prefix", {1, bits_of(family)});
    const auto bits = number                 ? std::optional(static_cast<std::uint8_t>(*number))
                      : family == Family::V4 ? bits_of_mask(word)
                                             : std::nullopt;
    if (!bits) {
        note(line, fmt::format("{} is no mask of {} addresses: each is a client of its own",
                               quoted(word), name(family)));
    }
    return bits == bits_of(family) ? std::uint8_t{0} : bits;
}

void ImportPools::add_server(std::uint32_t line, PoolConfig& pool, ServerSpec server) {
    if (server.lower > server.upper) {
        note(line, fmt::format("the lower threshold of server {}, {}, is left out: it is over the "
                               "upper one, {}",
                               server.endpoint.text(), server.lower, server.upper));
        server.lower = 0;
    }
    const auto good = check_server(pool.service.key, server);
    if (!good) {
        note(line,
             fmt::format("server {} is left out: {}", server.endpoint.text(), good.error().reason));
        return;
    }
    const auto is_same = [&](const ServerSpec& other) { return other.endpoint == server.endpoint; };
    if (std::any_of(pool.servers.begin(), pool.servers.end(), is_same)) {
        note(line,
             fmt::format("server {} is left out: it is there already", server.endpoint.text()));
        return;
    }
    pool.servers.push_back(server);
}

bool ImportPools::claim(std::uint32_t line, const ServiceKey& key) {
    const auto refuse = [&](std::string_view reason) {
        note(line, fmt::format("service {} is left out: {}", key.text(), reason));
        return false;
    };
    if (key.endpoint.port == 0) {
        return refuse("a service of all ports is not to be had");
    }
    if (const auto good = check_key(key); !good) {
        return refuse(good.error().reason);
    }
    return keys_.insert(key).second || refuse("it is there already");
}

Imported ImportPools::finish() {
    std::stable_sort(out_.notes.begin(), out_.notes.end(),
                     [](const auto& a, const auto& b) { return a.line < b.line; });
    return std::move(out_);
}

std::optional<std::string> fault_of(const PoolConfig& pool) {
    const auto read = parse_config(config_text({.services = {pool}}));
    return read ? std::nullopt : std::optional(read.error().shown().at(0).text);
}

std::vector<std::string_view> split_words(std::string_view line) {
    constexpr std::string_view kBlanks = " \t\r\f\v";
    std::vector<std::string_view> out;
    for (auto at = line.find_first_not_of(kBlanks); at != std::string_view::npos;
         at = line.find_first_not_of(kBlanks, at)) {
        const auto end = std::min(line.find_first_of(kBlanks, at), line.size());
        out.push_back(line.substr(at, end - at));
        at = end;
    }
    return out;
}

} // namespace hg

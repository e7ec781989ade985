// What the importers have in common: services as LVS has them, made ours.
#pragma once

#include "import.h"

#include <set>

namespace hg {

class ImportPools {
public:
    // The same note of the same line is told once: a line may be for several services.
    void note(std::uint32_t line, std::string text);

    // Ours of that name; wlc, with a note, for one that we do not have.
    [[nodiscard]] std::string scheduler(std::uint32_t line, std::string_view word);

    // "sh-port", "flag-1": ours, what we do anyway, or a note. The service has its scheduler.
    void set_flag(std::uint32_t line, std::string_view flag, ServiceSpec& service);

    // Seconds as LVS counts them, or nothing and a note.
    [[nodiscard]] std::optional<std::chrono::milliseconds> affinity_timeout(std::uint32_t line,
                                                                            std::string_view word);

    // The bits of a mask ("255.255.255.0") or of a prefix ("64"), or nothing and a note.
    [[nodiscard]] std::optional<std::uint8_t> prefix(std::uint32_t line, std::string_view word,
                                                     Family family);

    // Adds the server to its pool, or says why not.
    void add_server(std::uint32_t line, PoolConfig& pool, ServerSpec server);

    // Whether a service of this key can be added; says why not.
    [[nodiscard]] bool claim(std::uint32_t line, const ServiceKey& key);

    // A pool whose key was claimed.
    void add(PoolConfig pool) { out_.config.services.push_back(std::move(pool)); }

    // The notes by line.
    [[nodiscard]] Imported finish();

private:
    Imported out_;
    std::set<ServiceKey> keys_;
    std::set<std::pair<std::uint32_t, std::string>> told_;
};

// Why the reader of our files would refuse the pool, nothing when it takes it.
[[nodiscard]] std::optional<std::string> fault_of(const PoolConfig& pool);

// Words between blanks.
[[nodiscard]] std::vector<std::string_view> split_words(std::string_view line);

} // namespace hg

// Network namespaces without names: gone with the last descriptor, so also after a crash.
#pragma once

#include "fd.h"

#include <string>
#include <string_view>
#include <vector>

namespace hg::test {

class Namespace {
public:
    Namespace(); // a new one, with lo up

    // One that belongs to a user namespace of its own, as those of containers do.
    static Namespace of_other_users();

    // The calling thread is in the namespace for as long as this lives.
    class Inside {
    public:
        explicit Inside(const Namespace& where);
        Inside(const Inside&) = delete;
        Inside& operator=(const Inside&) = delete;
        ~Inside();

    private:
        Fd before_;
    };

    [[nodiscard]] Inside enter() const { return Inside(*this); }

    // Lets go of it: it ends when nobody else holds it.
    void abandon() { fd_ = Fd(); }

    // For "netns PATH" in a batch for ip.
    [[nodiscard]] std::string path() const;

    // One run of "ip -batch", of "nft -f" in here; throws when something was refused.
    void ip(std::string_view batch) const;
    void nft(std::string_view rules) const;
    // NAME as in sysctl(8) with slashes: "net/ipv4/ip_forward".
    void sysctl(const std::string& name, std::string_view value) const;
    // A program with its arguments, INPUT on its standard input; throws unless it exits with 0.
    void run(const std::vector<std::string>& command, std::string_view input = {}) const;

private:
    explicit Namespace(Fd fd) : fd_(std::move(fd)) {}

    Fd fd_;
};

} // namespace hg::test

// Network namespaces by name, those of "ip netns": what --netns and the cluster speak of.
#pragma once

#include "client.h"
#include "program.h"
#include "socket.h"

#include <memory>
#include <optional>
#include <sys/socket.h>

namespace hg::test {

class Place {
public:
    // One that is there already, and stays.
    static Place existing(const std::string& name);
    // A new one with lo up; its destructor deletes it.
    static Place make(const std::string& name);

    Place(Place&& other) noexcept;
    Place& operator=(Place&&) = delete;
    ~Place();

    // The calling thread is in it for as long as this lives.
    class Inside {
    public:
        explicit Inside(const Place& where);
        Inside(const Inside&) = delete;
        Inside& operator=(const Inside&) = delete;
        ~Inside();

    private:
        Fd before_;
    };

    [[nodiscard]] Inside enter() const { return Inside(*this); }

    [[nodiscard]] const std::string& name() const { return name_; }

    [[nodiscard]] Outcome run(const std::vector<std::string>& command,
                              std::string_view input = {}) const;
    [[nodiscard]] Background start(const std::vector<std::string>& command) const;
    // The line split at blanks; throws unless it exits with 0.
    void must_run(std::string_view line) const;
    void ip(std::string_view batch) const; // "ip -batch"
    // NAME with slashes: "net/ipv4/ip_forward".
    void sysctl(const std::string& name, std::string_view value) const;
    [[nodiscard]] std::string sysctl(const std::string& name) const;

private:
    Place(std::string name, bool is_ours);

    std::string name_;
    bool is_ours_ = false;
    Fd fd_;
};

// For the system's calls.
sockaddr_storage to_sockaddr(const Endpoint& endpoint);

// The module as a namespace sees it.
class Kernel {
public:
    explicit Kernel(const Place& where) { open(where); }

    // Again: a module that was loaded anew has another number for its family.
    void open(const Place& where);

    Client* operator->() { return &*client_; }

private:
    std::unique_ptr<Socket> socket_;
    std::optional<Client> client_;
};

// headgate.ko is not loaded for as long as this lives; whoever spoke to it opens anew.
class WithoutModule {
public:
    WithoutModule();
    WithoutModule(const WithoutModule&) = delete;
    WithoutModule& operator=(const WithoutModule&) = delete;
    ~WithoutModule();

private:
    Fd file_;
};

} // namespace hg::test

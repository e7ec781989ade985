// A transport with a small module behind it: it answers as the kernel does, refuses what it is
// told to refuse, and remembers every change it was asked for.
#pragma once

#include "codec.h"

#include <deque>
#include <map>
#include <set>

namespace hg::test {

struct Refusal {
    int number = 0; // errno
    std::string text;
    std::uint32_t offset = 0; // of the attribute at fault; 0: none
};

struct Change {
    int command = 0;
    Bytes attributes;
};

// What is staged between BEGIN and the end.
struct Staged {
    std::vector<Change> changes;
    std::uint32_t messages = 0;
    std::uint32_t failed = 0; // number of the first that was refused
};

class FakeKernel final : public Transport {
public:
    static constexpr std::uint16_t kFamily = 0x1d;

    Info info;
    Settings settings;
    std::vector<Service> services;
    std::vector<Server> servers;
    std::vector<Conn> conns;
    std::vector<Affinity> affinities;
    std::map<int, Refusal> refusals; // by command
    int interruptions = 0;           // so many dumps are interrupted yet
    int losses = 0;                  // so many answers are lost yet
    std::set<int> lost_commands;     // those whose answers are lost
    // Of the messages staged in a transaction, by number; the first is 1.
    std::map<std::uint32_t, Refusal> staged_refusals;
    int strangers = 0; // so many commits find that somebody else has changed something
    std::vector<Change> changes;
    int resets = 0;
    int dumps = 0;
    Bytes dumped; // what the last dump was asked with
    int aborts = 0;
    int datagrams = 0;

    [[nodiscard]] bool has_transaction() const { return transaction_.has_value(); }

    [[nodiscard]] std::uint16_t family() const override { return kFamily; }

    Result<> send(std::span<const std::byte> message) override;
    Result<Bytes> receive() override;
    Result<> reset() override;

    // The changes in words: "set_server tcp://10.0.0.1:80 10.1.0.2:80".
    [[nodiscard]] std::vector<std::string> asked() const;

private:
    void take(const Message& message);
    [[nodiscard]] Refusal verdict(int command, std::span<const std::byte> attributes);
    [[nodiscard]] Refusal stage(int command, std::span<const std::byte> attributes);
    [[nodiscard]] Refusal end(int command, std::span<const std::byte> attributes);
    void dump(int command, std::span<const std::byte> attributes);
    [[nodiscard]] Refusal answer_do(int command, std::span<const std::byte> attributes);
    void put_answer(const Bytes& attributes, std::uint16_t flags);
    void put_error(int number, const Refusal& refusal);
    std::vector<Bytes> list(int command, std::span<const std::byte> attributes) const;

    std::optional<Staged> transaction_;
    std::deque<Bytes> pending_;
    std::uint32_t sequence_ = 0;
};

// The kernel's side of the codec.
[[nodiscard]] Bytes encode(const Info& info);
[[nodiscard]] Bytes encode(const Settings& settings);
[[nodiscard]] Bytes encode(const Service& service);
[[nodiscard]] Bytes encode(const Server& server);
[[nodiscard]] Bytes encode(const Conn& conn);
[[nodiscard]] Bytes encode(const Affinity& entry);
[[nodiscard]] Bytes encode(const ConnCount& count);

// Whole datagrams.
[[nodiscard]] Bytes ack_message(std::uint32_t sequence, int number, const Refusal& refusal);
[[nodiscard]] Bytes done_message(std::uint32_t sequence, int number, std::uint16_t flags);

} // namespace hg::test

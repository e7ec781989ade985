// Requests and their answers over a transport: sequence numbers, the end of a dump, lost answers.
#pragma once

#include "codec.h"

#include <functional>

namespace hg {

class Channel {
public:
    enum class Next { Go, Stop };

    // How an exchange ended.
    struct Ending {
        bool interrupted = false; // NLM_F_DUMP_INTR was seen
        bool stopped = false;
    };

    using OnAnswer = std::function<Result<Next>(std::span<const std::byte> attributes)>;

    explicit Channel(Transport& transport) : transport_(transport) {}

    [[nodiscard]] Transport& transport() const { return transport_; }

    [[nodiscard]] std::uint32_t next_sequence() { return ++sequence_; }

    // One request and all of its answers.
    Result<Ending> exchange(const Request& request, const OnAnswer& on_answer);
    // One request of which only the verdict counts.
    Result<> execute(const Request& request);

private:
    Result<Ending> receive_all(std::span<const std::byte> sent, const OnAnswer& on_answer);

    Transport& transport_;
    std::uint32_t sequence_ = 0;
};

// Answers were lost before the one that was to come.
[[nodiscard]] bool lost_messages(const Error& error);

// The error with what was attempted, and with words where the kernel leaves it without any.
[[nodiscard]] Error explained(Error error, const Attempt& attempted, bool dump);

} // namespace hg

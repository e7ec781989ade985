// Requests that the client library would not send, and the module's verdicts on them.
#pragma once

#include "place.h"

namespace hg::test {

using Fill = std::function<void(AttributeWriter&)>;

struct Verdict {
    int number = 0; // errno; 0: done
    std::string text;
    std::string attribute; // at fault

    bool operator==(const Verdict&) const = default;
};

void PrintTo(const Verdict& verdict, std::ostream* out);

class RawRequests {
public:
    // In the namespace of the calling thread.
    RawRequests();

    // One command with these attributes and flags, beside NLM_F_REQUEST | NLM_F_ACK.
    Verdict send(int command, const Fill& fill, std::uint16_t flags = 0);

    // The same in two steps, for those who do not wait for a verdict.
    [[nodiscard]] Bytes make(int command, const Fill& fill, std::uint16_t flags = 0);

    bool try_send(const Bytes& request) { return socket_->send(request).has_value(); }

    // Its verdict, unless that got lost.
    std::optional<Verdict> verdict_on(const Bytes& request);

private:
    std::unique_ptr<Socket> socket_;
    std::uint32_t sequence_ = 0;
};

// Whether a transaction stages it.
bool is_staged(int command);

// Whether it is asked for by NLM_F_DUMP alone.
bool is_dump(int command);

// For a command that takes no attribute.
inline void nothing(AttributeWriter& /*attributes*/) {}

// The parts of requests, right as they stand: tcp://10.0.0.1:80 and 10.1.0.2.
void service_key(AttributeWriter& attributes);
void server_key(AttributeWriter& attributes);
void address4(AttributeWriter& attributes, int type, std::array<std::uint8_t, 4> address);

} // namespace hg::test

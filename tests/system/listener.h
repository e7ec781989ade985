// Who hears events, in a namespace.
#pragma once

#include "event_socket.h"
#include "event_stream.h"
#include "eventually.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hg::test {

using Words = std::vector<std::string>;

class Listener {
public:
    template <class Where> Listener(const Where& where, const std::vector<EventGroup>& groups) {
        const auto inside = where.enter();
        open(groups);
    }

    // The next event; a loss and silence end the test.
    Event event();
    // All that is told until one of these, in words.
    Words until(std::string_view last);
    std::optional<Told> next(std::chrono::milliseconds patience = kPatience);

    // So that it overruns soon.
    void shrink();

private:
    void open(const std::vector<EventGroup>& groups);

    EventSocket* socket_ = nullptr; // the stream's
    std::unique_ptr<EventStream> stream_;
};

// "server_set tcp://10.0.0.1:80 10.1.0.2".
std::string words_of(const Event& event);

} // namespace hg::test

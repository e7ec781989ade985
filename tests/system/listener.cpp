#include "listener.h"

#include "director.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace hg::test {

void Listener::open(const std::vector<EventGroup>& groups) {
    auto socket = must(EventSocket::open(groups));
    socket_ = socket.get();
    stream_ = std::make_unique<EventStream>(std::move(socket));
}

Event Listener::event() {
    const auto told = next();
    if (!told || !std::holds_alternative<Event>(*told)) {
        throw std::runtime_error(told ? "events were lost" : "there is no event");
    }
    return std::get<Event>(*told);
}

Words Listener::until(std::string_view last) {
    Words out;
    do {
        out.push_back(words_of(event()));
    } while (!out.back().starts_with(last));
    return out;
}

std::optional<Told> Listener::next(std::chrono::milliseconds patience) {
    return must(stream_->next(patience));
}

void Listener::shrink() {
    const int bytes = 4096;
    ASSERT_EQ(setsockopt(socket_->fd(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)), 0);
}

std::string words_of(const Event& event) {
    std::string out(event_name(event.type));
    if (const auto service = service_of(event)) {
        out += " " + service->text();
    }
    if (const auto* const server = std::get_if<Server>(&event.subject)) {
        out += " " + server->spec.endpoint.address.text();
    }
    return out;
}

} // namespace hg::test

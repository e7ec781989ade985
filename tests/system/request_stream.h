// Clients that come one after the other, each at its time whatever becomes of those before it.
#pragma once

#include "place.h"

#include <atomic>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace hg::test {

// One request over a connection of its own.
struct Request {
    std::chrono::steady_clock::time_point begun;
    bool ok = false;                    // /healthz said "ok"
    std::string end = {};               // its answer, or why there is none
    std::set<std::string> servers = {}; // where the director had its conn, one after the other
};

class RequestStream {
public:
    // One for each PAUSE to the VIP, from the client's namespace; a request may take kLimit.
    RequestStream(const Place& client, const Place& director, const Endpoint& vip,
                  std::chrono::milliseconds pause);
    ~RequestStream();

    RequestStream(const RequestStream&) = delete;
    RequestStream& operator=(const RequestStream&) = delete;

    static constexpr std::chrono::seconds kLimit{4};

    [[nodiscard]] std::size_t begun() const { return begun_; }

    // No more of them come; all there were, when they have ended.
    const std::vector<Request>& finish();

private:
    struct Open;

    void run(const Place& client);
    void begin();
    // Whether it is still under way.
    bool advance(Open& open, short events);
    bool end(Open& open, std::string_view how);
    void wait(std::chrono::milliseconds most);
    void look_where();

    Kernel kernel_;
    Endpoint vip_;
    std::chrono::milliseconds pause_;
    std::vector<Request> requests_;
    std::vector<Open> open_;
    std::map<std::uint16_t, std::size_t> by_port_;
    std::atomic<std::size_t> begun_{0};
    std::atomic<bool> finishes_{false};
    std::thread thread_; // the last: it uses all others
};

} // namespace hg::test

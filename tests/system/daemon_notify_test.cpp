// What headgated tells the service manager: sd_notify(3).
#include "director.h"
#include "eventually.h"
#include "fd.h"
#include "headgated.h"

#include <array>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;
using testing::MatchesRegex;

const Way kNat{hg::Mode::Nat, hg::Family::V4};
constexpr const char* kReloading = "RELOADING=1\nMONOTONIC_USEC=[0-9]+";

hg::Fd bound_to(const std::string& path) {
    hg::Fd out(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(static_cast<char*>(address.sun_path), sizeof(address.sun_path) - 1);
    EXPECT_EQ(bind(out.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    return out;
}

class HeadgatedNotifies : public Headgated {
protected:
    void start_notifying() {
        configure(kNat);
        std::vector<std::string> line{"env", "NOTIFY_SOCKET=" + path("notify")};
        const auto ours = command();
        line.insert(line.end(), ours.begin(), ours.end());
        daemon = lab.director.start(line);
    }

    // The next message, without those of the watchdog.
    std::string next() {
        std::string out;
        EXPECT_TRUE(eventually(
            [&] {
                std::array<char, 256> buffer{};
                const auto size = recv(manager.get(), buffer.data(), buffer.size(), 0);
                out.assign(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
                if (out == "WATCHDOG=1") {
                    watched++;
                    out.clear();
                }
                return !out.empty();
            },
            30s));
        return out;
    }

    hg::Fd manager = bound_to(path("notify"));
    int watched = 0;
};

TEST_F(HeadgatedNotifies, of_its_first_transaction_its_reloads_and_its_end) {
    start_notifying();
    EXPECT_EQ(next(), "READY=1");
    EXPECT_EQ(must(lab.kernel->list_servers()).size(), kServers);
    EXPECT_EQ(ask("reload").code, 0);
    EXPECT_THAT(next(), MatchesRegex(kReloading));
    EXPECT_EQ(next(), "READY=1");
    write("services: 7\n");
    EXPECT_EQ(ask("reload").code, 1);
    EXPECT_THAT(next(), MatchesRegex(kReloading));
    EXPECT_EQ(next(), "READY=1") << "by the file before";
    std::this_thread::sleep_for(1s);
    kill(SIGTERM);
    EXPECT_EQ(next(), "STOPPING=1");
    EXPECT_GE(watched, 3) << "it lives, each 250 ms";
}

TEST_F(HeadgatedNotifies, not_that_it_is_ready_when_its_file_is_refused) {
    write("services: 7\n");
    const auto ended =
        lab.director.run(words(fmt::format("env NOTIFY_SOCKET={} headgated --config {} --socket {}",
                                           path("notify"), path("headgate.yaml"), path("sock"))));
    EXPECT_EQ(ended.code, 1);
    std::array<char, 256> buffer{};
    EXPECT_EQ(recv(manager.get(), buffer.data(), buffer.size(), 0), -1);
}

} // namespace

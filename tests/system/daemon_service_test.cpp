// Services of each kind through each mode, by real programs: each checked by its own check.
#include "headgated.h"

#include "eventually.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>

namespace {

using namespace hg::test;
using namespace std::chrono_literals;

// One kind of server. HOST is the namespace of one; "@" stands for the folder that is its own.
struct Kind {
    const char* name;
    hg::Protocol protocol;
    std::uint16_t port;
    const char* check;
    const char* configuration;
    const char* server;          // a line for sh
    const char* client;          // what a client does; "{}" is the VIP
    std::string_view input = {}; // its standard input
};

const Kind kMail{"MAIL", hg::Protocol::Tcp, 25, "type: smtp",
                 "listen on 0.0.0.0 port 25 hostname mail.lab\n"
                 "action keep mbox\nmatch from any for any action keep\n",
                 // Its socket and its queue have fixed places: each server has its own there.
                 "mount --bind @ /run; mount -t tmpfs -o mode=755 none /var/spool;"
                 " exec smtpd -d -f /run/configuration",
                 "curl -sS -m 20 smtp://{} --mail-from a@client.lab --mail-rcpt root@mail.lab -T -",
                 "From: a@client.lab\r\nSubject: hello\r\n\r\nhello\r\n"};

const Kind kDns{"DNS",
                hg::Protocol::Udp,
                53,
                "type: dns, name: www.lab, answer: 10.0.0.80",
                "server:\n chroot: \"\"\n username: \"\"\n directory: \"@\"\n pidfile: \"@/pid\"\n"
                " use-syslog: no\n interface: 0.0.0.0\n interface-automatic: yes\n"
                " access-control: 0.0.0.0/0 allow\n module-config: iterator\n"
                " local-zone: lab. static\n local-data: 'www.lab. A 10.0.0.80'\n"
                "remote-control:\n control-enable: no\n",
                "exec unbound -d -c @/configuration",
                "dig +short +notcp +tries=1 +time=20 @{} www.lab"};

// The control connection: nothing is transferred.
const Kind kFtp{"FTP",
                hg::Protocol::Tcp,
                21,
                "type: ftp, user: anonymous, password: x",
                "listen=YES\nbackground=NO\nanonymous_enable=YES\nseccomp_sandbox=NO\n"
                "secure_chroot_dir=/srv/ftp\nanon_root=/srv/ftp\n",
                "exec vsftpd @/configuration",
                "curl -sS -m 20 -I ftp://{}/ -Q NOOP"};

// Who a client is by name nobody here knows: servers are not to wait for that.
constexpr const char* kNoResolver = "mount --bind /dev/null /etc/resolv.conf";

// A server of the kind that runs as long as this lives.
class Running {
public:
    Running(const Kind& kind, const std::string& host, const std::string& folder) {
        const auto in_place = [&](std::string text) {
            for (auto at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
                text.replace(at, 1, folder);
            }
            return text;
        };
        std::filesystem::create_directories(folder);
        std::ofstream(folder + "/configuration") << in_place(kind.configuration);
        program_ = Place::existing(host).start(
            {"unshare", "-m", "sh", "-c",
             fmt::format("exec >{}/log 2>&1; {}; {}", folder, kNoResolver, in_place(kind.server))});
    }

private:
    Background program_;
};

class HeadgatedServices : public Headgated,
                          public testing::WithParamInterface<std::tuple<const Kind*, hg::Mode>> {
protected:
    static constexpr int kTwo = 2;

    [[nodiscard]] std::unique_ptr<Running> run_server(int number) const {
        const auto host = way.host(number);
        return std::make_unique<Running>(kind, host, path(host));
    }

    // As many clients as there are servers: rr sends one to each.
    void expect_served() const {
        const auto command = fmt::format(fmt::runtime(kind.client), way.vip().text());
        for (int i = 0; i < kTwo; i++) {
            const auto got = lab.client.run(words(command), kind.input);
            EXPECT_EQ(got.code, 0) << got.out << got.err;
        }
    }

    const Kind& kind = *std::get<0>(GetParam());
    const Way way{std::get<1>(GetParam()), hg::Family::V4};
};

TEST_P(HeadgatedServices, are_checked_by_their_own_check) {
    auto first = run_server(1);
    const auto second = run_server(2);
    write("services:\n" + service(way, kind.protocol, kind.port, kind.check, kTwo));
    start();
    ASSERT_TRUE(eventually([&] { return up() == kTwo; }, 60s)) << log();
    expect_served();
    first.reset();
    ASSERT_TRUE(eventually([&] { return up() == kTwo - 1; }, 30s)) << log();
    expect_served();
    first = run_server(1);
    ASSERT_TRUE(eventually([&] { return up() == kTwo; }, 60s)) << log();
    expect_served();
}

INSTANTIATE_TEST_SUITE_P(Cluster, HeadgatedServices,
                         testing::Combine(testing::Values(&kMail, &kDns, &kFtp),
                                          testing::Values(hg::Mode::Nat, hg::Mode::Direct,
                                                          hg::Mode::Tunnel)),
                         [](const auto& test) {
                             return fmt::format("{}_{}", std::get<0>(test.param)->name,
                                                name(std::get<1>(test.param)));
                         });

} // namespace

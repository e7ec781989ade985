// UDP by real programs: dig asks unbound through each mode and family, in packets and fragments.
#include "cluster.h"
#include "director.h"
#include "eventually.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace {

using namespace hg::test;
using testing::Each;
using testing::UnorderedElementsAre;

constexpr std::chrono::seconds kStart{60}; // of nine servers, on a kernel with sanitizers
constexpr const char* kFolder = "/run/dns-test";

// By one dig: its start takes longer than its questions. Each comes from a port of its own.
constexpr const char* kThreeQuestions = "id.server CH TXT id.server CH TXT id.server CH TXT";

// 13 strings of 250: too much for two packets of 1500 bytes.
std::string large_answer() {
    std::string out;
    for (char letter = 'a'; letter < 'a' + 13; letter++) {
        out += fmt::format("{}\"{}\"", out.empty() ? "" : " ", std::string(250, letter));
    }
    return out;
}

// Answers with its own name, and from the address it was asked at.
std::string configuration(const std::string& host) {
    return fmt::format(R"(server:
    do-daemonize: no
    chroot: ""
    username: ""
    directory: "{0}"
    pidfile: "{0}/{1}.pid"
    use-syslog: no
    logfile: "{0}/{1}.log"
    interface: 0.0.0.0
    interface: ::0
    interface-automatic: yes
    access-control: 0.0.0.0/0 allow
    access-control: ::0/0 allow
    num-threads: 1
    module-config: "iterator"
    edns-buffer-size: 4096
    max-udp-size: 4096
    identity: "{1}"
    local-zone: "lab." static
    local-data: 'large.lab. TXT {2}'
remote-control:
    control-enable: no
)",
                       kFolder, host, large_answer());
}

// An unbound in the namespace of each of the cluster's servers, for all tests of this file.
class NameServers {
public:
    NameServers() {
        std::filesystem::create_directories(kFolder);
        for (const auto& way : kWays) {
            for (int i = 1; i <= kServers && way.family == hg::Family::V4; i++) {
                hosts_.push_back(way.host(i));
                start(hosts_.back());
            }
        }
    }

    // Until all of them answer.
    void wait() const {
        for (const auto& name : hosts_) {
            const auto host = Place::existing(name);
            const auto answers = [&] {
                return host.run(words("dig +short +time=1 +tries=1 @127.0.0.1 CH TXT id.server"))
                           .code == 0;
            };
            ASSERT_TRUE(eventually(answers, kStart)) << name;
        }
    }

    ~NameServers() {
        running_.clear();
        std::filesystem::remove_all(kFolder);
    }

    NameServers(const NameServers&) = delete;
    NameServers& operator=(const NameServers&) = delete;

private:
    void start(const std::string& host) {
        const auto file = fmt::format("{}/{}.conf", kFolder, host);
        std::ofstream(file) << configuration(host);
        running_.push_back(Place::existing(host).start({"unbound", "-d", "-c", file}));
    }

    std::vector<std::string> hosts_;
    std::vector<Background> running_;
};

// A counter of a namespace: "ReasmOKs" is Ip ReasmOKs of /proc/net/snmp, Ip6ReasmOKs of snmp6.
std::uint64_t counter(const Place& where, hg::Family family, const std::string& title) {
    const auto inside = where.enter();
    if (family == hg::Family::V6) {
        std::ifstream file("/proc/thread-self/net/snmp6");
        std::string name;
        std::uint64_t value = 0;
        while (file >> name >> value && name != "Ip6" + title) {
        }
        return value;
    }
    std::ifstream file("/proc/thread-self/net/snmp");
    std::string titles;
    std::string values;
    std::getline(file, titles);
    std::getline(file, values);
    const auto names = words(titles);
    const auto at = std::find(names.begin(), names.end(), title) - names.begin();
    return std::stoull(words(values).at(static_cast<std::size_t>(at)));
}

void append16(std::string& out, std::size_t value) {
    out += static_cast<char>(value >> 8 & 0xff);
    out += static_cast<char>(value & 0xff);
}

// "id.server CH TXT" with an EDNS option of 3000 bytes that means nothing (RFC 6891).
std::string large_question() {
    constexpr std::size_t kOption = 3000;
    std::string out;
    for (const auto word : {0x4711, 0x0100, 1, 0, 0, 1}) { // id, recursion desired, counts
        append16(out, static_cast<std::size_t>(word));
    }
    out += std::string("\2id\6server", 10) + '\0';
    append16(out, 16); // TXT
    append16(out, 3);  // CH
    out += '\0';       // OPT, of the root
    append16(out, 41);
    append16(out, 4096);
    append16(out, 0);
    append16(out, 0);
    append16(out, kOption + 4);
    append16(out, 65001); // for experiments
    append16(out, kOption);
    return out + std::string(kOption, 'x');
}

class Dns : public testing::TestWithParam<Way> {
protected:
    static void SetUpTestSuite() {
        Cluster::shared();
        servers = std::make_unique<NameServers>();
        servers->wait();
    }

    static void TearDownTestSuite() { servers.reset(); }

    void SetUp() override { lab.serve(way, hg::Protocol::Udp, 53); }

    // By UDP alone, and each question once.
    [[nodiscard]] Outcome dig(const std::string& question) const {
        return lab.client.run(words(fmt::format(
            "dig +short +notcp +ignore +tries=1 +time=20 @{} {}", way.vip().text(), question)));
    }

    // One datagram to the VIP, and the one that comes back; a second time when the director says
    // that it is too big for the tunnel (IPv6 has no other way), as resolvers do.
    [[nodiscard]] std::string ask(const std::string& question) const {
        const auto inside = lab.client.enter();
        const bool is_v4 = way.family == hg::Family::V4;
        const hg::Fd fd(socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        const timeval limit{.tv_sec = 20, .tv_usec = 0};
        setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        const auto to = to_sockaddr({way.vip(), 53});
        std::string out(65536, '\0');
        ssize_t size = connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to));
        for (int tries = 0; tries == 0 || (tries == 1 && size < 0 && errno == EMSGSIZE); tries++) {
            if (send(fd.get(), question.data(), question.size(), 0) < 0) {
                return "not sent";
            }
            size = recv(fd.get(), out.data(), out.size(), 0);
        }
        out.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        return out;
    }

    static std::unique_ptr<NameServers> servers;
    Cluster& lab = Cluster::shared();
    const Way& way = GetParam();
};

std::unique_ptr<NameServers> Dns::servers;

TEST_P(Dns, every_server_is_asked_in_its_turn) {
    const auto got = dig(kThreeQuestions);
    EXPECT_EQ(got.code, 0) << got.out;
    EXPECT_THAT(lines(got.out), UnorderedElementsAre(fmt::format("\"{}\"", way.host(1)),
                                                     fmt::format("\"{}\"", way.host(2)),
                                                     fmt::format("\"{}\"", way.host(3))));
}

TEST_P(Dns, a_large_answer_arrives_in_fragments) {
    const auto before = counter(lab.client, way.family, "ReasmOKs");
    const auto got = dig("+bufsize=4096 TXT large.lab");
    EXPECT_EQ(got.code, 0) << got.out;
    EXPECT_EQ(got.out, large_answer() + "\n");
    EXPECT_EQ(counter(lab.client, way.family, "ReasmOKs"), before + 1);
}

// dig would ask by TCP.
TEST_P(Dns, a_large_question_arrives_in_fragments) {
    const auto before = counter(lab.client, way.family, "FragCreates");
    const auto answer = ask(large_question());
    EXPECT_NE(answer.find(way.host(1)), std::string::npos) << answer.size() << " bytes";
    EXPECT_GE(counter(lab.client, way.family, "FragCreates"), before + 3);
}

TEST_P(Dns, all_questions_from_one_port_go_to_one_server) {
    const auto got = lab.client.run(words(fmt::format(
        "dig +short +notcp +tries=1 +time=20 -b {}#40053 @{} {}",
        way.family == hg::Family::V4 ? "0.0.0.0" : "::", way.vip().text(), kThreeQuestions)));
    EXPECT_EQ(got.code, 0) << got.out;
    const auto names = lines(got.out);
    EXPECT_EQ(names.size(), 3U) << got.out;
    EXPECT_THAT(names, Each(names.at(0)));
    EXPECT_EQ(must(lab.kernel->info()).conns, 1U);
}

INSTANTIATE_TEST_SUITE_P(Cluster, Dns, testing::ValuesIn(kWays), WayName());

} // namespace
